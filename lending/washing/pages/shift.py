"""/wash/board: the shift on a wall, read from four metres; it brings itself up to date."""

from flask import Blueprint, render_template

from lending.people.tables import Role
from lending.washing.pages.places import centre_parts, choice_of
from lending.web.access import station
from lending.web.services import glancing
from lending.web.stations import choose_site, site_of_page

blueprint = Blueprint("washing_shift", __name__)


@blueprint.get("/wash/board")
@station(Role.WASH)
def show_shift() -> str:
    """The wall of the actor's centre; who acts for a district chooses one first (`?site=`)."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_of("/wash/board"))
        parts = centre_parts(session, site)
    return render_template("washing/board.html", **parts)
