"""The outbox of notices to residents and its senders."""
