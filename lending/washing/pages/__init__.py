"""The page of the washing table: one screen, worked with the scanner alone."""

from flask import Blueprint, render_template

from lending.loop.commands import FAULTS, STEPS
from lending.people.tables import Role
from lending.washing.pages.item_panel import make_item_panel
from lending.washing.pages.keeper_panel import make_keeper_panel
from lending.washing.pages.places import centre_parts, choice_of
from lending.washing.pages.words import ACTION_WORDS, FAULT_WORDS, ICONS
from lending.web.access import station
from lending.web.panels import ITEM, PLACE, offer
from lending.web.services import glancing
from lending.web.stations import choose_site, site_of_page

blueprint = Blueprint("washing", __name__)
offer(ITEM, make_item_panel)
offer(PLACE, make_keeper_panel)


@blueprint.get("/wash")
@station(Role.WASH)
def show_wash() -> str:
    """The table of the actor's centre; who acts for a district chooses one first (`?site=`)."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_of("/wash"))
        parts = centre_parts(session, site)
    return render_template(
        "washing/wash.html",
        **parts,
        steps=[(command, ACTION_WORDS[action], ICONS[action]) for command, action in STEPS.items()],
        faults=[(command, FAULT_WORDS[command], action) for command, action in FAULTS.items()],
        leads=ACTION_WORDS,
    )
