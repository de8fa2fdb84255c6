"""The pages of counted ware, crates and stocktaking; one module for each."""

from lending.wares.pages import crates, lids, place, record, result, stocktaking, tablet
from lending.wares.pages.desk import blueprint

__all__ = [
    "blueprint", "crates", "lids", "place", "record", "result", "stocktaking", "tablet",
]  # fmt: skip
