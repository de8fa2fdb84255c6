"""/wash/inspect: the inspection station; what the next scan will do is always on the screen."""

from flask import Blueprint, render_template

from lending.loop.commands import FAULTS, Command
from lending.loop.steps import Action
from lending.people.tables import Role
from lending.washing.pages.places import centre_parts, choice_of
from lending.washing.pages.words import ACTION_WORDS, FAULT_WORDS
from lending.web.access import station
from lending.web.services import glancing
from lending.web.stations import choose_site, site_of_page

blueprint = Blueprint("washing_inspection", __name__)


@blueprint.get("/wash/inspect")
@station(Role.WASH)
def show_inspection() -> str:
    """The station of the actor's centre; who acts for a district chooses one first (`?site=`)."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_of("/wash/inspect"))
        parts = centre_parts(session, site)
    choices = [(Command.PASS, ACTION_WORDS[Action.PASS], Action.PASS)]
    choices += [(command, FAULT_WORDS[command], action) for command, action in FAULTS.items()]
    return render_template(
        "washing/inspect.html",
        choices=[(number, *choice) for number, choice in enumerate(choices, 1)],
        leads=ACTION_WORDS,
        **parts,
    )
