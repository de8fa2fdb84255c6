"""Crates and bags: what befalls one befalls what is in it."""
