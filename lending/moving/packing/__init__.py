"""Packing: lists, pieces and quantities into crates, crates sealed."""
