"""Pieces and their kinds: how they come to be."""
