"""Papers about an event: the shortfall statement that hall and centre confirm."""
