"""The pages of counted ware, crates and stocktaking; one module for each."""

from lending.wares.pages import crates, lids, place, record, result, stocktaking, tablet
from lending.wares.pages.desk import blueprint
from lending.wares.pages.item_panel import make_item_panel
from lending.web.panels import ITEM, offer

offer(ITEM, make_item_panel)

__all__ = [
    "blueprint", "crates", "lids", "place", "record", "result", "stocktaking", "tablet",
]  # fmt: skip
