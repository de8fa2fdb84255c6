"""The end of a request: whatever it was, nothing of who asked and where to go is kept after it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import Erasure
from lending.photos.keep import drop_photos_about
from lending.requests.pickups.tables import Ending, Pickup, PickupVisit
from lending.requests.round_tables import Stop

ASKER = "asker"  # who cancelled, and nothing more of them


@dataclass(frozen=True, slots=True)
class End:
    """How a request ends, by whom, an officer's reason and how many pieces are missing."""

    ending: Ending
    by: str
    reason: str = ""
    missing: int = 0


def end_pickups(session: Session, *, rows: Sequence[Pickup], end: End, now: datetime) -> None:
    """Ends these locked requests; what was sealed and every photo of them goes."""
    if not rows:
        return
    for row in rows:
        row.closed_at, row.closed_by, row.ending = now, end.by, end.ending
        row.reason, row.missing = end.reason, end.missing
    erase_pickups(session, rows=rows, now=now)
    session.flush()


def erase_pickups(session: Session, *, rows: Sequence[Pickup], now: datetime) -> None:
    """Forgets where to go, whose browser asked, what photos show, and what couriers wrote of it."""
    sealed = any(row.sealed is not None for row in rows)
    for row in rows:
        row.sealed = row.device_digest = None
    session.flush()
    ids = [row.id for row in rows]
    noted = session.execute(
        sa.update(Stop)
        .where(Stop.pickup_id.in_(ids), Stop.note != "")
        .values(note="")
        .returning(Stop.id)
    ).all()
    shown = drop_photos_about(session, about=[*ids, *_visits_of(session, ids)])
    if sealed or noted or shown:
        session.execute(sa.insert(Erasure), [{"at": now}])


def is_over(session: Session, *, pickup_id: uuid.UUID) -> bool:
    """Whether a request has ended: of its door nothing more is kept. Locked, so that it does not end
    between the question and what is kept."""
    row = session.get_one(Pickup, pickup_id, with_for_update=True, populate_existing=True)
    return row.closed_at is not None


def drop_late_photo(session: Session, *, about: uuid.UUID, now: datetime) -> None:
    """What a visit's photo shows goes, where its word came after the request had ended."""
    if drop_photos_about(session, about=[about]):
        session.execute(sa.insert(Erasure), [{"at": now}])


def _visits_of(session: Session, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    return list(session.scalars(sa.select(PickupVisit.id).where(PickupVisit.pickup_id.in_(ids))))
