"""Measurements against this machine's own limits; run by scripts/bench, not by the tests."""
