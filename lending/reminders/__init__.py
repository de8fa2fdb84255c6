"""What is due to be said: loans into notices, notices into messages, limits into staff alerts."""
