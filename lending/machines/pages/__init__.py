"""The pages of machines: the officer's list and set-up, a keeper's own view, the piece's page."""

from lending.machines.pages import keeper, office, one
from lending.machines.pages.desk import blueprint
from lending.machines.pages.item_panel import make_item_panel
from lending.web.panels import ITEM, offer

offer(ITEM, make_item_panel)

__all__ = ["blueprint", "keeper", "office", "one"]
