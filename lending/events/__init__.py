"""Funeral halls and events: ware by the crate, handed out, brought back, counted and settled."""
