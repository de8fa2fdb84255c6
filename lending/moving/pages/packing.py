"""Packing at the centre: the day's lists, the packing table of one list, the slip for a crate."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from lending.loop.codes import item_url
from lending.moving.api.shapes import crate_out, state_out
from lending.moving.packing.board import day_to_pack, packing_board
from lending.moving.packing.lists import open_packing_list
from lending.moving.packing.sight import packing_place, view_packer
from lending.moving.pages.names import load_names
from lending.moving.pages.tabs import moving_page
from lending.moving.supply.orders import local_today
from lending.people.tables import Role
from lending.places.tables import SiteKind
from lending.qr import qr_svg
from lending.web.access import current_actor, station
from lending.web.forms import read_form
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write
from lending.web.stations import Choice, choose_site, site_of_page, station_parts

blueprint = Blueprint("moving_packing", __name__)

CHOICE = Choice(
    "/moving/packing",
    (SiteKind.WASH_CENTRE,),
    _("어느 세척장에서 포장하나요?"),
    _("고른 세척장의 기록으로 남아요."),
    _("아직 등록된 세척장이 없어요"),
    _("설정에서 세척장을 먼저 등록해 주세요."),
)


class OpenForm(Schema):
    """The list of a place for a day; `id`: made with the page, so that a second tap is the same."""

    id = fields.UUID(required=True)
    to = Text(required=True, max_length=40)
    day = fields.Date(required=True)
    site = Text(max_length=40, load_default=None)


@blueprint.get("/moving/packing")
@station(Role.WASH)
def show_board() -> str:
    """The places that get something on a day, and how far each is packed."""
    actor = current_actor()
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        today = local_today(session, district_id=actor.district_id, now=now())
        where = partial(packing_board, session, district_id=actor.district_id, from_site=site.code)
        day = _day_asked() or day_to_pack(where, today)
        places = where(day=day)
        names = load_names(session, district_id=actor.district_id)
    return moving_page(
        "moving/packing.html", "/moving/packing", places=places, names=names, day=day, today=today,
        tomorrow=today + timedelta(days=1), site=site,
        acts_for=site.code if actor.site_id is None else None, new_id=uuid4,
    )  # fmt: skip


@blueprint.post("/moving/packing")
@station(Role.WASH)
def post_list() -> Response:
    """Begins, or finds, the list of a place for a day."""
    form = read_form(OpenForm())
    if form.errors:
        return redirect(url_for("moving_packing.show_board"))
    values = form.values
    found = write(
        lambda session: open_packing_list(
            session, list_id=values["id"], site=values["to"], day=values["day"],
            from_site=values["site"], actor=current_actor(), now=now(),
        )
    )  # fmt: skip
    return redirect(url_for("moving_packing.show_table", list_id=found.id))


@blueprint.get("/moving/packing/<uuid:list_id>")
@station(Role.WASH)
def show_table(list_id: UUID) -> str:
    """The packing table of one list, worked with the scanner alone."""
    actor = current_actor()
    with reading() as session:
        packer = view_packer(session, list_id=list_id, actor=actor)
        site = packing_place(session, list_id=list_id, actor=actor)
        names = load_names(session, district_id=actor.district_id)
    return render_template(
        "moving/pack.html",
        **station_parts(site, packer.kinds.values()),
        packing=packer.packing,
        state=state_out(packer),
        place=names.site(packer.packing.site),
    )


@blueprint.get("/moving/packing/<uuid:list_id>/slip")
@station(Role.WASH)
def show_slip(list_id: UUID) -> str:
    """A slip for each crate of the list (or for `?crate=` alone), to be printed and laid in it."""
    actor = current_actor()
    with reading() as session:
        packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
        names = load_names(session, district_id=actor.district_id)
    wanted = request.args.get("crate")
    crates = [one for one in packer.crates if wanted in (None, one.code)]
    return render_template(
        "moving/slip.html", packing=packer.packing, names=names,
        crates=[(one, crate_out(one), _qr(one.code)) for one in crates],
        all_crates=len(packer.crates),
    )  # fmt: skip


def _qr(code: str) -> Markup:
    """What a scanner reads off a slip: the same as off the crate itself."""
    return Markup(qr_svg(item_url(services().config.public_url, code), correction="Q"))


def _day_asked() -> date | None:
    """`?day=`, where it is one."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None  # others cannot be moved between zones
