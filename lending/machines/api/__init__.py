"""The endpoints of machines under /api/v1/machines; the contract of each stands above it."""

from lending.machines.api import bottles, heartbeat, refusals, returns
from lending.machines.api.answers import blueprint

__all__ = ["blueprint", "bottles", "heartbeat", "refusals", "returns"]
