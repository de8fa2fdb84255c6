"""The page of the washing table: one screen, worked with the scanner alone."""

from flask import Blueprint, render_template, request

from lending.loop.commands import FAULTS, STEPS
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, list_sites, load_sites
from lending.places.tables import SiteKind
from lending.washing.board import kinds_of
from lending.washing.pages.words import ACTION_WORDS, FAULT_WORDS, ICONS
from lending.web.access import current_actor, station
from lending.web.i18n import language
from lending.web.services import glancing

blueprint = Blueprint("washing", __name__)


@blueprint.get("/wash")
@station(Role.WASH)
def show_wash() -> str:
    """The table of the actor's centre; who acts for a district chooses one first (`?site=`)."""
    actor = current_actor()
    with glancing() as session:
        if actor.site_id is not None:
            site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
        elif "site" in request.args:
            code = request.args["site"][:40]
            site = find_site(session, code=code, district_id=actor.district_id)
        else:
            kinds = (SiteKind.WASH_CENTRE,)
            sites = list_sites(session, district_id=actor.district_id, kinds=kinds, limit=1000)
            return render_template("washing/choose.html", sites=sites, name_of=name_of)
        wares = kinds_of(session, actor=actor)
    return render_template(
        "washing/wash.html",
        site=site,
        site_name=name_of(site),
        acts_for=site.code if actor.site_id is None else None,
        kinds={ware.code: (language() == "en" and ware.name_en) or ware.name for ware in wares},
        steps=[(command, ACTION_WORDS[action], ICONS[action]) for command, action in STEPS.items()],
        faults=[(command, FAULT_WORDS[command], action) for command, action in FAULTS.items()],
        leads=ACTION_WORDS,
    )


def name_of(site: SiteView) -> str:
    """A site's name in the language of the page."""
    return (language() == "en" and site.name_en) or site.name
