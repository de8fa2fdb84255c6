"""The pages of pick-ups: the asker's form, the request by its own code, the officer's list."""

from flask import Blueprint

from lending.pickups.pages import asker, office, own
from lending.pickups.pages.panel import make_item_panel
from lending.web.panels import ITEM, offer

blueprint = Blueprint("pickups", __name__)

for part in (asker, own, office):
    blueprint.register_blueprint(part.blueprint)

offer(ITEM, make_item_panel)
