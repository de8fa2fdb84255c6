"""Hygiene: tests of batches and machines, and recalls of what failed them."""
