"""/wares/stocktaking: sessions of a place, begun or joined, counted on a tablet, ended."""

import uuid

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.wares.names import load_names
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, PLACES, blueprint
from lending.wares.pages.result import show_result
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.sessions import (
    SessionView,
    abandon_session,
    begin_session,
    list_sessions,
    load_session,
    open_session,
)
from lending.web.access import current_actor, station
from lending.web.forms import read_form, tell
from lending.web.services import now, reading, write
from lending.web.stations import Choice, choose_site, signed_in_at, station_parts

PAGE = 20

CHOICE = Choice(
    "/wares/stocktaking",
    PLACES,
    lazy_gettext("어디의 재고를 조사할까요?"),
    lazy_gettext("고른 곳의 기록으로 남아요."),
    lazy_gettext("아직 등록된 장소가 없어요"),
    lazy_gettext("설정에서 장소를 먼저 등록해 주세요."),
)


class BeginForm(Schema):
    """The id of the session to be; the same again is the same session."""

    id = fields.UUID(required=True)


@blueprint.get("/wares/stocktaking")
@station(*COUNTERS)
def show_sessions() -> str:
    """The session that is open here, or the button that begins one; the earlier ones below."""
    actor = current_actor()
    with reading() as session:
        if desk.must_choose():
            return choose_site(session, CHOICE)
        site = desk.page_site(session)
        opened = open_session(session, site_id=site.id, actor=actor)
        page = list_sessions(session, actor=actor, site_id=site.id, after=desk.cursor(), limit=PAGE)
        listed = [*page.items, *([opened] if opened else [])]
        names = load_names(session, listed, with_staff=actor.role is Role.OFFICER)
    return render_template(
        "wares/sessions.html",
        site=site,
        opened=opened,
        sessions=[one for one in page.items if not one.is_open],
        next=desk.next_cursor(page.next),
        names=names,
        id=uuid.uuid4(),
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        words=words,
    )


@blueprint.post("/wares/stocktaking")
@station(*COUNTERS)
def post_begin() -> Response:
    """Begins a session, or joins the one that is open at the place."""
    form, actor, moment = read_form(BeginForm()), current_actor(), now()
    id = form.values.get("id") or uuid.uuid4()

    def begin(session: Session) -> SessionView:
        site = desk.page_site(session)
        return begin_session(
            session, id=id, site_id=site.id, actor=actor, now=moment, staff_id=signed_in_at(site)
        )

    return redirect(url_for("wares.show_session", session_id=write(begin).id))


@blueprint.get("/wares/stocktaking/<uuid:session_id>")
@station(*COUNTERS)
def show_session(session_id: uuid.UUID) -> str:
    """The counting screen while the session is open, then its result."""
    actor = current_actor()
    with reading() as session:
        stock = load_session(session, session_id=session_id, actor=actor)
        if not stock.is_open:
            return show_result(session, stock)
        site = load_sites(session, site_ids=[stock.site_id])[stock.site_id]
        kinds = list_kinds(session, district_id=actor.district_id, counted=None)
    return render_template(
        "wares/counting.html",
        stock=stock,
        **station_parts(site, kinds),
        site_code=site.code,
        counted=[kind for kind in kinds if kind.counted],
        carriers=[kind.code for kind in kinds if kind.carrier],
        conditions=[(one.value, said) for one, said in words.CONDITIONS.items()],
    )


@blueprint.post("/wares/stocktaking/<uuid:session_id>/end")
@station(*COUNTERS)
def post_end(session_id: uuid.UUID) -> Response:
    """Ends the session; ended again it shows the same result."""
    actor, moment = current_actor(), now()

    def end(session: Session) -> None:
        stock = load_session(session, session_id=session_id, actor=actor)
        site = load_sites(session, site_ids=[stock.site_id])[stock.site_id]
        end_session(
            session, session_id=session_id, actor=actor, now=moment, staff_id=signed_in_at(site)
        )

    write(end)
    return redirect(url_for("wares.show_session", session_id=session_id))


@blueprint.post("/wares/stocktaking/<uuid:session_id>/abandon")
@station(*COUNTERS)
def post_abandon(session_id: uuid.UUID) -> Response:
    """Ends the session without a result."""
    actor, moment = current_actor(), now()
    write(lambda s: abandon_session(s, session_id=session_id, actor=actor, now=moment))
    tell(_("재고 조사를 그만두었어요. 재고는 그대로예요."), "info")
    return redirect(url_for("wares.show_session", session_id=session_id))
