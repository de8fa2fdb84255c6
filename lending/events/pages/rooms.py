"""/events/rooms: the hall's board; crates go out to rooms and come back by scan."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from marshmallow import fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.events.board import hall_board
from lending.events.crates.bringing import bring_back
from lending.events.crates.handing import hand_out, undo_hand_out
from lending.events.crates.opening import break_seal
from lending.events.crates.undoing_back import undo_unopened
from lending.events.pages import words
from lending.events.pages.desk import blueprint, kind_names, tabs
from lending.events.pages.refusals import words_of_refusal
from lending.events.reading import load_event
from lending.events.rights import HALLS
from lending.events.values import BackIn, HallBoard, HandOutIn, OpenedIn
from lending.loop.clock import moment_sent
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.web.access import current_actor, station
from lending.web.forms import tell
from lending.web.schemas import FromTablet, Text
from lending.web.services import now, reading, services, write
from lending.web.stations import Choice, Words, answer_beep, choose_site, read_body, site_of_page

STILL_ASKED = timedelta(seconds=60)  # what was scanned longer ago has happened
CHOICE = Choice(
    "/events/rooms",
    HALLS,
    _("어느 장례식장인가요?"),
    _("고른 곳의 방을 보여 드려요."),
    _("아직 등록된 장례식장이나 행사장이 없어요"),
    _("설정의 장소에서 종류를 장례식장으로 더해 주세요."),
)


class BeepBody(FromTablet):
    """A crate's scan at the hall; `event`: which one gets it."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    act = fields.String(required=True, validate=validate.OneOf([act[0] for act in words.ACTS]))
    crate = Text(required=True, max_length=300)
    event = fields.UUID(load_default=None, allow_none=True)
    signed = Text(required=True, max_length=60)
    seal = Text(max_length=40, load_default=None, allow_none=True)


@blueprint.get("/events/rooms")
@station(Role.CAFE, Role.WASH)
def show_rooms() -> str:
    """The board of the actor's hall, or of `?site=`; `?part=1`: only the rooms."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        values = _load(session, site)
    if request.args.get("part"):
        return render_template("events/rooms_part.html", **values)
    return render_template(
        "events/rooms.html",
        **values,
        acts=words.ACTS,
        tabs=tabs(),
        acts_for=site.code if current_actor().site_id is None else None,
    )


@blueprint.post("/events/rooms/beep")
@station(Role.CAFE, Role.WASH)
def post_beep() -> Response:
    """BeepBody → what it came to in words; 200 for what is refused at the crate too."""
    values, moment = read_body(BeepBody()), now()
    at = moment_sent(values, now=moment)
    return answer_beep(
        values["id"],
        lambda session: _beep(session, values, at, moment),
        refused=words_of_refusal,
        now=moment,
    )


@blueprint.post("/events/crates/<uuid:crate_id>/undo")
@station(Role.CAFE, Role.WASH)
def post_undo(crate_id: uuid.UUID) -> Answer:
    """A crate that was handed out by mistake is in the hall's store again."""
    actor, keys = current_actor(), services().keys
    try:
        crate = write(
            lambda s: undo_hand_out(s, event_crate_id=crate_id, actor=actor, keys=keys, now=now())
        )
    except LendingError as error:
        if error.code is not Code.CONFLICT:
            raise
        tell(str(_("이미 돌아왔거나 센 상자라 되돌릴 수 없어요.")), "warning")
        return redirect(url_for("events.show_list"))
    tell(str(_("되돌렸어요. 상자는 창고에 있는 것으로 적었어요.")))
    return redirect(url_for("events.show_event", event_id=crate.event_id))


@blueprint.post("/events/crates/<uuid:crate_id>/out-again")
@station(Role.CAFE, Role.WASH)
def post_out_again(crate_id: uuid.UUID) -> Answer:
    """A crate told to be back unopened by mistake is out in its room again."""
    actor, keys = current_actor(), services().keys
    try:
        write(
            lambda s: undo_unopened(s, event_crate_id=crate_id, actor=actor, keys=keys, now=now())
        )
        tell(str(_("되돌렸어요. 상자는 다시 방에 있는 것으로 적었어요.")))
    except LendingError as error:
        if error.code is not Code.CONFLICT:
            raise
        tell(str(_("하루가 지났거나 다른 곳으로 간 상자라 되돌릴 수 없어요.")), "warning")
    site = None if actor.site_id is not None else request.args.get("site", "")[:40]
    return redirect(url_for("events.show_rooms", site=site))


def _beep(session: Session, values: dict[str, Any], at: datetime, moment: datetime) -> Words:
    actor, keys, names = current_actor(), services().keys, kind_names(session)
    if values["act"] == "broken":
        opened = OpenedIn(values["id"], values["crate"], at)
        pieces = break_seal(session, opened, actor=actor, keys=keys, now=moment)
        return words.words_of_opened(pieces, names)
    if values["act"] != "hand":
        back = BackIn(
            values["id"], values["crate"], values["signed"], at,
            sealed=values["act"] == "sealed", seal=values["seal"], site=values["site"],
        )  # fmt: skip
        crate = bring_back(session, back, actor=actor, keys=keys, now=moment)
        return words.words_of_back(crate, names)
    if values["event"] is None:
        raise LendingError(Code.INVALID, field="event")
    event = load_event(session, event_id=values["event"], actor=actor, now=moment)
    hand = HandOutIn(
        values["id"], event.id, values["crate"], values["signed"], at, seal=values["seal"],
        ask=moment - at <= STILL_ASKED,
    )  # fmt: skip
    crate = hand_out(session, hand, actor=actor, keys=keys, now=moment)
    return words.words_of_hand_out(crate, names, event.where)


def _load(session: Session, site: SiteView) -> dict[str, Any]:
    board: HallBoard = hall_board(session, site_id=site.id, actor=current_actor(), now=now())
    places = {event.id: event.where for room in board.rooms for event in room.events}
    return {"board": board, "names": kind_names(session), "places": places, "words": words}
