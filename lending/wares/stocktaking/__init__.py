"""Stocktaking: what is there is scanned and counted, what was expected is held against it."""
