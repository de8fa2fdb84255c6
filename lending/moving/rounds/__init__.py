"""Rounds: planned with a routing library, driven stop by stop, crates moved by scan."""
