"""Counted ware under /api/v1/wares; the contract of each endpoint stands above it."""

from lending.wares.api.endpoints import blueprint

__all__ = ["blueprint"]
