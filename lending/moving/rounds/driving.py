"""What the driver tells at a stop: done, or nobody there with a photo; works hours later too."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.drivers import check_drives
from lending.moving.rounds.lifecycle import load_round
from lending.moving.rounds.views import RoundView
from lending.people.actors import Actor
from lending.photos.keep import Snapshot, keep_photo
from lending.places.texts import read_text
from lending.requests.acting import signature
from lending.requests.collections import settle_collections
from lending.requests.pickups.ending import is_over
from lending.requests.round_tables import Stop, StopOutcome


@dataclass(frozen=True, slots=True)
class StopTold:
    """How it went at a stop. `id`: of the telling, so that it may be sent again; `at`: when, by the
    corrected clock."""

    id: uuid.UUID
    stop_id: uuid.UUID
    outcome: StopOutcome
    at: datetime
    note: str = ""


def tell_stop(
    session: Session,
    told: StopTold,
    *,
    actor: Actor,
    now: datetime,
    jpeg: bytes | None = None,
) -> RoundView:
    """Records a stop's outcome; of several tellings the one that happened last counts, whichever
    arrives first. A stop that is done settles what the place had asked for by then; "nobody there"
    leaves it asked. `jpeg` (from `clean_picture`) is kept 30 days about the telling's id; sent again
    with a photo that was missing, it gets it.

    NOT_FOUND (stop), INVALID (note).
    """
    note = read_text(told.note, "note", longest=300, empty=True)
    row = session.get(Stop, told.stop_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="stop")
    if row.pickup_id is not None and is_over(session, pickup_id=row.pickup_id):
        note, jpeg = "", None  # of a door nothing is kept when its request has ended
    if jpeg is not None:
        keep_photo(session, Snapshot(jpeg, row.district_id, row.site_id, told.id), now=now)
    if row.told_id != told.id and (row.told_at is None or row.told_at <= told.at):
        row.outcome, row.note, row.told_id = told.outcome, note, told.id
        row.told_at, row.told_by, row.recorded_at = told.at, signature(actor), now
        session.flush()
        if told.outcome is StopOutcome.DONE and row.pickup_id is None:
            settle_collections(
                session, site_id=row.site_id, round_id=row.round_id, by=signature(actor),
                now=now, at=told.at,
            )  # fmt: skip
    return load_round(session, round_id=row.round_id, district_id=row.district_id)


def move_stop(session: Session, *, stop_id: uuid.UUID, position: int, actor: Actor) -> RoundView:
    """The driver knows better: a stop nothing was told of is called at earlier or later. `position`
    counts from 1 and is held within the round. NOT_FOUND (stop), CONFLICT (stop) for one that is
    told already."""
    row = session.get(Stop, stop_id)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="stop")
    stops = lock_stops(session, row.round_id)
    if row.outcome is not None:
        raise LendingError(Code.CONFLICT, field="stop")
    stops.remove(row)
    stops.insert(max(0, min(position - 1, len(stops))), row)
    open_ones = [stop for stop in stops if stop.outcome is None]
    times = sorted(stop.planned_for for stop in open_ones)
    for stop, planned_for in zip(open_ones, times, strict=True):
        stop.planned_for = planned_for  # the times stay with the turn, about right as they are
    number_stops(session, stops)
    return load_round(session, round_id=row.round_id, district_id=row.district_id)


def lock_stops(session: Session, round_id: uuid.UUID) -> list[Stop]:
    """The stops of a round in order, to be put into another one."""
    query = sa.select(Stop).where(Stop.round_id == round_id).order_by(Stop.position)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def number_stops(session: Session, stops: Sequence[Stop]) -> None:
    """Numbers all stops of a round in this order."""
    # Numbers are unique within a round: first out of the way, then in their new order.
    for shift in (len(stops), 0):
        for number, stop in enumerate(stops, 1):
            stop.position = number + shift
        session.flush()


def keep_stop_photo(
    session: Session, *, stop_id: uuid.UUID, told_id: uuid.UUID, jpeg: bytes, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """The photo (from `clean_picture`) of what was told of a stop, which may come before or after
    the telling itself; the first one is kept, none of a door whose request has ended. NOT_FOUND
    (stop, round) for what the actor does not drive."""
    row = session.get(Stop, stop_id)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="stop")
    check_drives(session, round_id=row.round_id, actor=actor)
    if row.pickup_id is not None and is_over(session, pickup_id=row.pickup_id):
        return
    keep_photo(session, Snapshot(jpeg, row.district_id, row.site_id, told_id), now=now)
