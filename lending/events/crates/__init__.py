"""Crates of events: packed and sealed, handed out, brought back, opened, undone."""
