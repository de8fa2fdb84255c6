"""What is to be told to whom: the outbox, its senders, staff alerts and the worker's heartbeat."""
