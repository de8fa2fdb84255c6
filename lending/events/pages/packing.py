"""Crates are packed and sealed at the centre: for an event, or for a hall's store."""

import uuid
from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.events.board import hall_board
from lending.events.crates.opening import break_seal, reopen_crate
from lending.events.crates.packing import pack_crate
from lending.events.crates.sending import packed_for_store
from lending.events.pages import words
from lending.events.pages.desk import MOST, blueprint, event_page, kind_names
from lending.events.pages.refusals import words_of_pack_refusal
from lending.events.proposing import propose_packing
from lending.events.reading import event_crates, load_event, packed_for
from lending.events.rights import HALLS
from lending.events.values import EventKind, OpenedIn, PackIn, StoredCrate
from lending.loop.clock import moment_sent
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, list_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, station
from lending.web.forms import attempt, read_form, tell
from lending.web.i18n import name_of
from lending.web.schemas import FromTablet, Text
from lending.web.services import now, reading, services
from lending.web.stations import Choice, Words, answer_beep, choose_site, read_body

HALL_CHOICE = Choice(
    "/events/store",
    HALLS,
    lazy_gettext("어느 장례식장의 창고인가요?"),
    lazy_gettext("밤에 더 필요할 때 쓸 상자를 담아요."),
    lazy_gettext("아직 등록된 장례식장이나 행사장이 없어요"),
    lazy_gettext("설정의 장소에서 종류를 장례식장으로 더해 주세요."),
)


class PackBody(FromTablet):
    """A crate with what is in it and its seal; `event`, or `to` for the store of that hall."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    crate = Text(required=True, max_length=300)
    seal = Text(required=True, max_length=40)
    event = fields.UUID(load_default=None, allow_none=True)
    to = Text(max_length=40, load_default=None, allow_none=True)
    codes = fields.List(Text(max_length=300), load_default=list, validate=validate.Length(max=2000))
    counted = fields.Dict(
        keys=Text(max_length=40),
        values=fields.Integer(strict=True, validate=validate.Range(0, MOST)),
        load_default=dict,
    )


class OpenedForm(Schema):
    """A packed crate that is opened, how, and the page to go back to: of an event or a hall's store."""

    id = fields.UUID(required=True)
    crate = Text(required=True, max_length=300)
    how = fields.String(required=True, validate=validate.OneOf(["reopen", "broken"]))
    event = fields.UUID(load_default=None)
    to = Text(max_length=40, load_default=None)


@blueprint.get("/events/<uuid:event_id>/pack")
@station(Role.WASH)
def show_packing(event_id: uuid.UUID) -> str:
    """The packing screen of an event: a crate, what goes into it, its seal, the next crate."""
    actor = current_actor()
    with reading() as session:
        event = load_event(session, event_id=event_id, actor=actor, now=now())
        lines = propose_packing(
            session, district_id=actor.district_id, kind=event.kind, guests=event.guests
        )
        packed = packed_for(session, event_id=event_id)
        handed = event_crates(session, event_ids=[event_id])
        values = _values(
            session, [*(one.pieces for one in packed), *(one.pieces for one in handed)]
        )
    return _page(values, title=words.where_of(event), event=event, lines=lines, packed=packed)


@blueprint.get("/events/store")
@station(Role.WASH)
def show_store() -> str:
    """The same for the store of the hall `?to=`, from which rooms are topped up at night."""
    actor = current_actor()
    with reading() as session:
        hall = _hall_asked(session)
        if hall is None:
            return choose_site(session, HALL_CHOICE)
        lines = propose_packing(
            session, district_id=actor.district_id, kind=EventKind.FUNERAL, guests=None
        )
        board = hall_board(session, site_id=hall.id, actor=actor, now=now())
        values = _values(session, [])
        here = packed_for_store(session, site_id=hall.id)
    store = [*here, *(one for one in board.store if one.event_id is None)]
    return _page(values, title=name_of(hall), event=None, hall=hall, lines=lines, packed=store)


@blueprint.post("/events/pack")
@station(Role.WASH)
def post_packed() -> Response:
    """PackBody → what it came to in words; 200 for what is refused about the crate or its pieces."""
    values, moment = read_body(PackBody()), now()
    at = moment_sent(values, now=moment)
    return answer_beep(
        values["id"],
        lambda session: _pack(session, values, at, moment),
        refused=words_of_pack_refusal,
        now=moment,
    )


@blueprint.post("/events/crates/opened")
@station(Role.WASH)
def post_opened() -> Answer:
    """A packed crate is opened: to be packed anew (`reopen`), or its seal was broken (`broken`)."""
    form, actor, moment = read_form(OpenedForm()), current_actor(), now()
    values, keys = form.values, services().keys

    def open_it(session: Session) -> bool:
        if values["how"] == "reopen":
            reopen_crate(session, crate=values["crate"], actor=actor, now=moment)
        else:
            opened = OpenedIn(values["id"], values["crate"], moment)
            break_seal(session, opened, actor=actor, keys=keys, now=moment)
        return True

    if form.errors:
        raise LendingError(Code.INVALID, field=next(iter(form.errors)))
    if attempt(form, open_it) is None:
        tell(_("여기 없거나 이미 나간 상자라 열 수 없어요."), "warning")
    elif values["how"] == "reopen":
        tell(_("봉인을 뗐어요. 이어서 담고 새 봉인 번호를 적어 주세요."))
    else:
        tell(_("다시 씻을 상자로 적었어요."))
    if values["event"] is not None:
        return redirect(url_for("events.show_packing", event_id=values["event"]))
    return redirect(url_for("events.show_store", to=values["to"]))


def _pack(session: Session, values: dict[str, Any], at: datetime, moment: datetime) -> Words:
    counted = {kind: count for kind, count in values["counted"].items() if count}
    packed = PackIn(
        values["id"], values["crate"], values["seal"], at, event_id=values["event"],
        codes=tuple(values["codes"]), counted=counted, site=values["site"], to=values["to"],
    )  # fmt: skip
    stored = pack_crate(session, packed, actor=current_actor(), keys=services().keys, now=moment)
    return words.words_of_packed(stored.pieces, kind_names(session))


def _values(session: Session, packed: list[dict[str, int]]) -> dict[str, Any]:
    """What both packing screens need: kinds, what lies in crates already, the packing centre."""
    actor = current_actor()
    kinds = list_kinds(session, district_id=actor.district_id, counted=None)
    lies: dict[str, int] = {}
    for pieces in packed:
        for kind, count in pieces.items():
            lies[kind] = lies.get(kind, 0) + count
    centres = list_sites(
        session, district_id=actor.district_id, kinds=[SiteKind.WASH_CENTRE], limit=50
    )
    return {
        "counted": [kind for kind in kinds if kind.counted], "lies": lies,
        "names": {kind.code: name_of(kind) for kind in kinds},
        "centres": centres if actor.site_id is None else [], "new_id": uuid.uuid4,
    }  # fmt: skip


def _hall_asked(session: Session) -> SiteView | None:
    code = (request.args.get("to") or request.args.get("site") or "")[:40]
    if not code:
        return None
    return find_site(session, code=code, district_id=current_actor().district_id)


def _page(values: dict[str, Any], *, packed: list[StoredCrate], **more: Any) -> str:
    here = "/events" if more["event"] else "/events/store"
    return event_page("events/pack.html", here, packed=packed, **values, **more)
