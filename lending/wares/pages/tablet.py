"""What a stocktaking tablet sends and asks for, as JSON; everything it sends may come again."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.people.actors import Actor
from lending.places.sites import load_sites
from lending.wares.crates import find_crate
from lending.wares.pages import desk
from lending.wares.pages.desk import COUNTERS, blueprint
from lending.wares.schemas import BackBody, LineBody, PiecesBody, pieces_out, progress_out
from lending.wares.stocktaking.notes import LineIn, note_pieces, note_quantity, take_back_line
from lending.wares.stocktaking.result import load_progress
from lending.wares.stocktaking.sessions import load_session
from lending.web.access import current_actor, station
from lending.web.services import now, reading, write
from lending.web.stations import read_body, signed_in_at


@dataclass(frozen=True, slots=True)
class _Times:
    """The times of a body, for the clock."""

    at: datetime
    sent_at: datetime
    clock_error: float | None
    clock_lost: bool


@blueprint.post("/wares/stocktaking/<uuid:session_id>/pieces")
@station(*COUNTERS)
def post_pieces(session_id: uuid.UUID) -> Response:
    """PiecesBody → a line for each code, in words; codes count once however often they come."""
    values, actor, moment = read_body(PiecesBody()), current_actor(), now()
    at = _moment(values, moment)

    def take(session: Session) -> dict[str, Any]:
        noted = note_pieces(
            session, session_id=session_id, codes=values["codes"], sealed=values["sealed"],
            at=at, actor=actor, now=moment, staff_id=_signed_in(session, session_id, actor),
        )  # fmt: skip
        return pieces_out(noted)

    return jsonify({"id": values["id"], "now": moment} | write(take))


@blueprint.post("/wares/stocktaking/<uuid:session_id>/lines")
@station(*COUNTERS)
def post_line(session_id: uuid.UUID) -> Response:
    """LineBody → recorded, or repeated for the same line again."""
    values, actor, moment = read_body(LineBody()), current_actor(), now()
    at = _moment(values, moment)

    def take(session: Session) -> str:
        kinds = {kind.code: kind.id for kind in desk.counted_kinds(session, actor)}
        if values["kind"] not in kinds:
            raise LendingError(Code.INVALID, field="kind")
        crate = values["crate"]
        line = LineIn(
            values["id"], kinds[values["kind"]], values["condition"], values["quantity"], at,
            crate_id=find_crate(session, code=crate, actor=actor).id if crate else None,
            staff_id=_signed_in(session, session_id, actor),
        )  # fmt: skip
        return note_quantity(session, session_id=session_id, line=line, actor=actor, now=moment)

    return jsonify(id=values["id"], result=write(take), now=moment)


@blueprint.post("/wares/stocktaking/<uuid:session_id>/lines/back")
@station(*COUNTERS)
def post_back(session_id: uuid.UUID) -> Response:
    """BackBody → the line counts no more; taken back again it changes nothing."""
    values, actor, moment = read_body(BackBody()), current_actor(), now()
    write(
        lambda session: take_back_line(
            session, session_id=session_id, line_id=values["line"], actor=actor, now=moment
        )
    )
    return jsonify(id=values["id"], line=values["line"], now=moment)


@blueprint.get("/wares/stocktaking/<uuid:session_id>/progress")
@station(*COUNTERS)
def get_progress(session_id: uuid.UUID) -> Response:
    """How far the session is, over all tablets that take part."""
    with reading() as session:
        progress = load_progress(session, session_id=session_id, actor=current_actor())
    return jsonify(progress_out(progress) | {"now": now()})


def _moment(values: dict[str, Any], now: datetime) -> datetime:
    """When it was done, corrected for the tablet's clock."""
    names = ("at", "sent_at", "clock_error", "clock_lost")
    return moment_told(_Times(*(values[name] for name in names)), now=now)


def _signed_in(session: Session, session_id: uuid.UUID, actor: Actor) -> int | None:
    stock = load_session(session, session_id=session_id, actor=actor)
    return signed_in_at(load_sites(session, site_ids=[stock.site_id])[stock.site_id])
