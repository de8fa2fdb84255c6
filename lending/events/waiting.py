"""A statement that the hall waits for: the centre still counts, or has not confirmed its count."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.reading import load_event
from lending.events.settings import load_times
from lending.events.stages import USED
from lending.events.tables import EventCrate
from lending.events.values import EventView, Stage
from lending.people.actors import Actor

_WAITS = (Stage.OUT, Stage.BACK, Stage.COUNTED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event without a statement to be seen yet; `due_at`: by when the centre is to have counted,
    None while crates are not in there; `late`: that is over."""

    event: EventView
    due_at: datetime | None
    late: bool


def load_waiting(session: Session, *, event_id: uuid.UUID, actor: Actor, now: datetime) -> Waiting:
    """What is told in a statement's place; NOT_FOUND (event; statement: none is to come)."""
    event = load_event(session, event_id=event_id, actor=actor, now=now)
    if event.stage not in _WAITS:
        raise LendingError(Code.NOT_FOUND, field="statement")
    due = event.count_by
    if event.stage is Stage.COUNTED:
        last = sa.select(sa.func.max(EventCrate.in_at)).where(
            EventCrate.event_id == event_id, EventCrate.back_how.in_(USED)
        )
        came = session.scalar(last)
        hours = load_times(session, district_id=actor.district_id).count_hours
        due = came + timedelta(hours=hours) if came is not None else None
    return Waiting(event, due, late=due is not None and due < now)
