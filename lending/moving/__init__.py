"""Ware on the move: orders, forecasts, packing lists, sealed crates, rounds and their stops."""
