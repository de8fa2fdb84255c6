"""The loop's endpoints under /api/v1; the contract of each stands above it."""

from lending.loop.api import items, lists, scans
from lending.loop.api.answers import blueprint

__all__ = ["blueprint", "items", "lists", "scans"]
