"""What the one writer is made of: it reads, judges, stores and answers a call."""
