"""The page of the washing table: one screen, worked with the scanner alone."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _

from lending.loop.commands import FAULTS, STEPS
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.tables import SiteKind
from lending.washing.pages.item_panel import make_item_panel
from lending.washing.pages.words import ACTION_WORDS, FAULT_WORDS, ICONS
from lending.web.access import station
from lending.web.panels import ITEM, offer
from lending.web.services import glancing
from lending.web.stations import Choice, choose_site, site_of_page, station_parts

blueprint = Blueprint("washing", __name__)
offer(ITEM, make_item_panel)

CHOICE = Choice(
    "/wash",
    (SiteKind.WASH_CENTRE,),
    _("어느 세척장인가요?"),
    _("고른 세척장의 기록으로 남아요."),
    _("아직 등록된 세척장이 없어요"),
    _("설정에서 세척장을 먼저 등록해 주세요."),
)


@blueprint.get("/wash")
@station(Role.WASH)
def show_wash() -> str:
    """The table of the actor's centre; who acts for a district chooses one first (`?site=`)."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        kinds = list_kinds(session, district_id=site.district_id)
    return render_template(
        "washing/wash.html",
        **station_parts(site, kinds),
        steps=[(command, ACTION_WORDS[action], ICONS[action]) for command, action in STEPS.items()],
        faults=[(command, FAULT_WORDS[command], action) for command, action in FAULTS.items()],
        leads=ACTION_WORDS,
    )
