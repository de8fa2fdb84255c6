"""Wash batches as JSON: begun, filled, their stages and readings, finished, aborted.

Every call carries an id made by the tablet and is safe to repeat. A refusal of one of these answers
in the words of the centre.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.clock import moment_told
from lending.people.tables import Role
from lending.washing.api.batch_shapes import (
    BatchCall,
    BeginBody,
    CodesBody,
    CountBody,
    ReadingBody,
    StageBody,
    batch_out,
    event_out,
    piece_out,
)
from lending.washing.batches.counts import CountIn, add_counted
from lending.washing.batches.lifecycle import (
    BatchIn,
    Ending,
    ReadingIn,
    abort_batch,
    begin_batch,
    finish_batch,
    note_reading,
    note_stage,
)
from lending.washing.batches.pieces import PutIn, add_to_batch, take_out_of_batch
from lending.washing.batches.story import list_batch_pieces, tell_batch
from lending.washing.batches.views import list_batches, list_open_batches, load_batch
from lending.washing.pages.batch_words import refusal_of, words_of_line, words_of_put
from lending.web.access import current_actor, station
from lending.web.errors import error_body, status_of
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, read_body, signed_in_at

blueprint = Blueprint("washing_batches_api", __name__)
SHIFT = timedelta(hours=16)
MOST_DONE = 12

Answer = Response | tuple[Response, int]
Told = dict[str, Any]


class _Moments:
    """What `moment_told` reads of a call."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.at: datetime = values["at"]
        self.sent_at: datetime = values["sent_at"]
        self.clock_error: float | None = values["clock_error"]
        self.clock_lost: bool = values["clock_lost"]


@blueprint.get("/wash/batches/now")
@station(Role.WASH)
def get_batches() -> Response:
    """The open batches of the centre, and those that ended within the shift."""
    moment = now()
    with reading() as session:
        site = acting_site(session, request.args.get("site"))
        running = list_open_batches(session, site_id=site.id)
        latest = list_batches(session, site_id=site.id, begins=moment - SHIFT, ends=moment)
    done = [one for one in latest if not one.implicit and (one.ended_at or one.aborted_at)]
    return jsonify(
        running=[batch_out(one, now=moment) for one in running],
        done=[batch_out(one, now=moment) for one in done[:MOST_DONE]],
        now=moment,
    )


@blueprint.get("/wash/batches/<uuid:batch_id>/now")
@station(Role.WASH)
def get_batch(batch_id: uuid.UUID) -> Response:
    """One batch as it stands, with the latest 200 pieces and its story."""
    moment = now()
    with reading() as session:
        batch = load_batch(session, batch_id=batch_id, district_id=current_actor().district_id)
        pieces = list_batch_pieces(session, batch_id=batch_id)
        story = tell_batch(session, batch)
    return jsonify(
        batch=batch_out(batch, now=moment),
        pieces=[piece_out(one, now=moment) for one in pieces],
        story=[event_out(one, now=moment) for one in story],
        now=moment,
    )


@blueprint.post("/wash/batches")
@station(Role.WASH)
def post_begin() -> Answer:
    """BeginBody → the batch, begun; the request's id is the batch's."""

    def begin(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        site = acting_site(session, values["site"])
        batch = BatchIn(
            values["id"], at, values["machine"], values["programme"], signed_in_at(site),
            values["note"],
        )  # fmt: skip
        begin_batch(session, batch, actor=current_actor(), site=site, now=moment)
        return {}

    return _take(BeginBody(), begin, None)


@blueprint.post("/wash/batches/<uuid:batch_id>/put")
@station(Role.WASH)
def post_put(batch_id: uuid.UUID) -> Answer:
    """CodesBody → a line for each code."""

    def put(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        told = PutIn(values["id"], batch_id, values["codes"], at)
        lines = add_to_batch(session, told, actor=current_actor(), keys=services().keys, now=moment)
        return asdict(words_of_put(lines)) | {
            "lines": [
                {"code": line.code, "fate": line.fate, "error": line.error}
                | asdict(words_of_line(line))
                | {"check": line.fate == "refused"}
                for line in sorted(lines, key=lambda line: line.fate != "refused")
            ]
        }

    return _take(CodesBody(), put, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/take-out")
@station(Role.WASH)
def post_take_out(batch_id: uuid.UUID) -> Answer:
    """CodesBody → how many were taken out."""

    def take_out(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        codes = values["codes"]
        count = take_out_of_batch(session, batch_id=batch_id, codes=codes, actor=current_actor())
        return {"taken_out": count}

    return _take(CodesBody(), take_out, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/count")
@station(Role.WASH)
def post_count(batch_id: uuid.UUID) -> Answer:
    """CountBody → counted ware put in loose."""

    def count(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        told = CountIn(values["id"], batch_id, values["kind"], values["quantity"], at)
        add_counted(session, told, actor=current_actor(), now=moment)
        return {"quantity": values["quantity"]}

    return _take(CountBody(), count, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/stage")
@station(Role.WASH)
def post_stage(batch_id: uuid.UUID) -> Answer:
    """StageBody → the stage began then; the first word counts."""

    def begin(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        note_stage(
            session, batch_id=batch_id, stage=values["stage"], at=at, actor=current_actor(),
            now=moment,
        )  # fmt: skip
        return {}

    return _take(StageBody(), begin, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/reading")
@station(Role.WASH)
def post_reading(batch_id: uuid.UUID) -> Answer:
    """ReadingBody → the reading noted."""

    def note(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        told = ReadingIn(
            values["id"], batch_id, values["measure"], values["value"], at, values["stage"]
        )
        note_reading(session, told, actor=current_actor(), now=moment)
        return {}

    return _take(ReadingBody(), note, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/finish")
@station(Role.WASH)
def post_finish(batch_id: uuid.UUID) -> Answer:
    """BatchCall → all in it is washed."""

    def finish(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        end = Ending(values["id"], batch_id, at)
        finish_batch(session, end, actor=current_actor(), keys=services().keys, now=moment)
        return {}

    return _take(BatchCall(), finish, batch_id)


@blueprint.post("/wash/batches/<uuid:batch_id>/abort")
@station(Role.WASH)
def post_abort(batch_id: uuid.UUID) -> Answer:
    """BatchCall → it washed nothing."""

    def abort(session: Session, values: Told, at: datetime, moment: datetime) -> Told:
        end = Ending(values["id"], batch_id, at)
        abort_batch(session, end, actor=current_actor(), now=moment)
        return {}

    return _take(BatchCall(), abort, batch_id)


def _take(
    shape: BatchCall,
    work: Callable[[Session, Told, datetime, datetime], Told],
    batch_id: uuid.UUID | None,
) -> Answer:
    """Reads the body, does the work in one transaction and answers with the batch as it stands."""
    values, moment = read_body(shape), now()
    at = moment_told(_Moments(values), now=moment)

    def run(session: Session) -> Told:
        told = work(session, values, at, moment)
        session.flush()
        batch = load_batch(
            session, batch_id=batch_id or values["id"], district_id=current_actor().district_id
        )
        return told | {"batch": batch_out(batch, now=moment), "now": moment}

    try:
        return jsonify(write(run))
    except LendingError as error:
        body, words = error_body(error.code, field=error.field), refusal_of(error)
        body["error"] |= {"message": words.word, "next_step": words.next_step}
        return jsonify(body), status_of(error.code)
