"""The review entry of a stocktaking: whether it waits, how it was decided, and taken back."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.decisions import STOCKTAKING
from lending.loop.tables import Review
from lending.people.actors import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """What the queue holds of a session; open while `settled_at` is None."""

    id: int
    opened_at: datetime
    settle_by: datetime
    settled_at: datetime | None
    settled_how: str | None

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


def find_entry(session: Session, *, session_id: uuid.UUID, actor: Actor) -> Entry | None:
    """The entry of a session's result; None where all was right."""
    query = sa.select(
        Review.id, Review.opened_at, Review.settle_by, Review.settled_at, Review.settled_how
    ).where(
        Review.scan_id == session_id,
        Review.subject == STOCKTAKING,
        Review.district_id == actor.district_id,
    )
    row = session.execute(query).first()
    return None if row is None else Entry(*row)
