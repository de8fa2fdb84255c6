"""A statement that the hall waits for: the centre still counts, or has not confirmed its count."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.reading import load_event
from lending.events.settings import load_times
from lending.events.stages import USED
from lending.events.statements.links import linked_event
from lending.events.tables import EventCrate
from lending.events.values import EventView, Stage, Times
from lending.loop.system import system_actor
from lending.people.actors import Actor


class WaitsFor(StrEnum):
    """What comes next on the way to a statement, in this order."""

    CRATES = "crates"  # some are still out
    ARRIVAL = "arrival"  # they are on their way to the centre
    COUNT = "count"
    CHECK = "check"  # counted, the centre has not confirmed it


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event without a statement to be seen yet; `due_at`: by when the centre is to have counted,
    None while crates are not in there; `late`: that is over."""

    event: EventView
    district_id: int
    waits_for: WaitsFor
    due_at: datetime | None
    late: bool
    times: Times

    @property
    def steps(self) -> list[WaitsFor]:
        """All of the way in its order."""
        return list(WaitsFor)

    @property
    def sent(self) -> int:
        """Crates that were sent and are to be counted."""
        return self.event.crates - self.event.unopened


def load_waiting(session: Session, *, event_id: uuid.UUID, actor: Actor, now: datetime) -> Waiting:
    """What is told in a statement's place; NOT_FOUND (event; statement: none is to come)."""
    event = load_event(session, event_id=event_id, actor=actor, now=now)
    waits_for = _waits_for(event)
    times = load_times(session, district_id=actor.district_id)
    due = event.count_by
    if waits_for is WaitsFor.CHECK:
        last = sa.select(sa.func.max(EventCrate.in_at)).where(
            EventCrate.event_id == event_id, EventCrate.back_how.in_(USED)
        )
        came = session.scalar(last)
        due = came + timedelta(hours=times.count_hours) if came is not None else None
    late = due is not None and due < now
    return Waiting(event, actor.district_id, waits_for, due, late, times)


def waiting_by_link(session: Session, *, secret: str, now: datetime) -> Waiting:
    """The same by the hall's link; NOT_FOUND (statement) also for a link that leads nowhere."""
    event = linked_event(session, secret, now)
    actor = system_actor(event.district_id)
    return load_waiting(session, event_id=event.id, actor=actor, now=now)


def _waits_for(event: EventView) -> WaitsFor:
    stages = {
        Stage.OUT: WaitsFor.CRATES,
        Stage.BACK: WaitsFor.COUNT if event.count_by else WaitsFor.ARRIVAL,
        Stage.COUNTED: WaitsFor.CHECK,
    }
    if event.stage not in stages:
        raise LendingError(Code.NOT_FOUND, field="statement")
    return stages[event.stage]
