"""The pages of events: list and plan, packing, the hall's board, the count, statements, settings."""

from lending.events.pages import (
    count,
    disputes,
    hall,
    packing,
    plan,
    rooms,
    settings,
    statement,
)
from lending.events.pages.desk import blueprint

__all__ = [
    "blueprint", "count", "disputes", "hall", "packing", "plan", "rooms", "settings", "statement",
]  # fmt: skip
