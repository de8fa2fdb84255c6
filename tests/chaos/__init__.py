"""Stations, servers and a town in disorder, against a truth that was known before."""
