"""A stop in vain: tried again on the next two rounds, then the officer's."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.requests.acting import signature
from lending.requests.pickups.ending import drop_late_photo
from lending.requests.pickups.tables import Pickup, PickupVisit, Why
from lending.requests.pickups.take import find_pickup

MOST_TRIES = 3  # the first, and the next two rounds


@dataclass(frozen=True, slots=True)
class Miss:
    """A record of nothing found: on which round, and when by the corrected clock. The driver's photo
    is kept about its id."""

    id: uuid.UUID
    pickup_id: uuid.UUID
    round_id: uuid.UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """How often in vain by now, and whether the officer decides; `taken_at` and `taken_by` where
    another courier has it, which is why nothing was found."""

    tries: int
    to_officer: bool
    taken_at: datetime | None
    taken_by: str | None


def miss_pickup(session: Session, miss: Miss, *, actor: Actor, now: datetime) -> Missed:
    """Nobody opened, or nothing stood there: the request waits for the next round, and after two
    more in vain for the officer. A round counts once, however often its driver says so; of one that
    is taken or ended nothing is counted, and of one that has ended no photo is kept. Told again,
    nothing changes. NOT_FOUND (pickup), ID_REUSED (id)."""
    row = find_pickup(session, pickup_id=miss.pickup_id, actor=actor)
    if (known := session.get(PickupVisit, miss.id)) is not None:
        if known.pickup_id != row.id:
            raise LendingError(Code.ID_REUSED, field="id")
    elif row.closed_at is not None:
        drop_late_photo(session, about=miss.id, now=now)
    else:
        again = _was_missed_on(session, miss)
        _note(session, row, miss, by=signature(actor), now=now)
        if row.taken_at is None:
            _count(session, row, miss, tries=0 if again else 1, now=now)
    return Missed(row.tries, row.to_officer_at is not None, row.taken_at, row.taken_by)


def _was_missed_on(session: Session, miss: Miss) -> bool:
    """Whether the same round looked for it in vain before."""
    query = sa.select(PickupVisit.id).where(
        PickupVisit.pickup_id == miss.pickup_id,
        PickupVisit.round_id == miss.round_id,
        ~PickupVisit.taken,
    )
    return miss.round_id is not None and session.scalar(query.limit(1)) is not None


def _note(session: Session, row: Pickup, miss: Miss, *, by: str, now: datetime) -> None:
    """That somebody was there; its photo goes with the request."""
    session.execute(
        insert_or(session, PickupVisit),
        [
            {
                "id": miss.id, "pickup_id": row.id, "round_id": miss.round_id, "taken": False,
                "at": miss.at, "by": by, "recorded_at": now,
            }
        ],
    )  # fmt: skip


def _count(session: Session, row: Pickup, miss: Miss, *, tries: int, now: datetime) -> None:
    row.tries += tries
    row.failed_at = max(miss.at, row.failed_at or miss.at)
    if row.round_id == miss.round_id:
        row.round_id = None
    if row.tries >= MOST_TRIES and row.to_officer_at is None:
        row.to_officer_at, row.to_officer_why = now, Why.TRIES
    session.flush()
