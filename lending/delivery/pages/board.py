"""A shop's board: its containers, its orders, what chose reusable; the pass; the old ware."""

from datetime import timedelta

from flask import Blueprint, render_template

from lending.delivery.orders.board import load_board
from lending.delivery.orders.shelf import list_old_ware
from lending.delivery.pages.frame import choice_at, shop_page
from lending.loop.policy.shelf import load_shelf_days
from lending.loop.read.pieces import list_kinds
from lending.people.envelopes import public_key
from lending.people.tables import Role
from lending.web.access import station
from lending.web.i18n import name_of
from lending.web.services import now, reading, services
from lending.web.stations import choose_site, site_of_page, station_parts

blueprint = Blueprint("delivery", __name__)

NEW_DAYS = 7  # before its limit, ware is said to grow old


@blueprint.get("/delivery")
@station(Role.CAFE)
def show_board() -> str:
    """What is clean, out, coming back and short of, and today's orders."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/delivery"))
        board = load_board(session, site=site, now=now())
    names = {here.kind.id: name_of(here.kind) for here in board.kinds}
    return shop_page("delivery/board.html", "/delivery", site, board=board, names=names)


@blueprint.get("/delivery/pack")
@station(Role.CAFE)
def show_pass() -> str:
    """The pass: bags and containers beeped into orders; opens and works without a network."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/delivery/pack"))
        kinds = list_kinds(session, district_id=site.district_id)
    key = public_key(services().keys)
    return render_template("delivery/pack.html", key=key, **station_parts(site, kinds))


@blueprint.get("/delivery/shelf")
@station(Role.CAFE)
def show_shelf() -> str:
    """Clean ware that stood too long: to be sent back."""
    moment = now()
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/delivery/shelf"))
        pieces = list_old_ware(session, site=site, now=moment)
        kinds = list_kinds(session, district_id=site.district_id)
        days = load_shelf_days(session, district_id=site.district_id)
    return shop_page(
        "delivery/shelf.html", "/delivery/shelf", site, pieces=pieces, days=days,
        names={kind.code: name_of(kind) for kind in kinds}, day=timedelta(days=1), now=moment,
    )  # fmt: skip
