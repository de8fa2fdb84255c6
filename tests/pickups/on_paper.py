"""Orders and their requests as somebody with a sheet of paper would keep them: a plain reading."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lending.loop.loans.standing_still import StopWhy
from lending.requests.pickups.miss import MOST_TRIES
from lending.requests.pickups.tables import Ending, Why

HOUR = timedelta(hours=1)
CALLED_OFF = (Ending.CANCELLED, Ending.REFUSED)


@dataclass
class Told:
    """A request. `pieces`: what it is about; `reopened`: it was called off before word of its taking
    came; `late_stops`: pieces whose clock stands for it; `takes`: (id, by, at); `received_at`: first
    seen at the centre since it was taken, `arrived_at`: that noted by the worker."""

    id: uuid.UUID
    code: str
    asked_at: datetime
    tries: int = 0
    in_vain: set[int] = field(default_factory=set)  # rounds
    officer: Why | None = None
    late: bool = False
    pieces: set[str] = field(default_factory=set)
    reopened: bool = False
    late_stops: set[str] = field(default_factory=set)
    takes: list[tuple[uuid.UUID, str, datetime]] = field(default_factory=list)
    received_at: datetime | None = None
    arrived_at: datetime | None = None
    ending: Ending | None = None

    def take(self, id: uuid.UUID, by: str, at: datetime) -> None:
        self.takes.append((id, by, at))
        if len(self.takes) == 1:
            self.officer = None

    def untake(self, id: uuid.UUID) -> None:
        self.takes = [take for take in self.takes if take[0] != id]
        if not self.takes:
            self.received_at = None
            self.ending = Ending.CANCELLED if self.reopened else None

    def miss(self, number: int) -> None:
        """A round found nothing: it is one try, however often its driver says so."""
        if self.ending is not None:
            return
        again = number in self.in_vain
        self.in_vain.add(number)
        if not self.takes:
            self.tries += not again
            if self.tries >= MOST_TRIES:
                self.officer = self.officer or Why.TRIES


@dataclass
class Order:
    """An order; `grace`: pieces given days after we were late."""

    id: uuid.UUID
    lids: list[str]
    out: set[str]
    requests: list[Told] = field(default_factory=list)
    grace: set[str] = field(default_factory=set)

    @property
    def open(self) -> Told | None:
        last = [one for one in self.requests if one.ending is None]
        assert len(last) <= 1
        return last[0] if last else None

    def stops_of(self, lid: str) -> set[StopWhy]:
        """Why the clock of a piece that is out stands."""
        told = self.open
        want = {StopWhy.PICKED_UP} if told and told.takes else set()
        if lid in self.grace or (told and lid in told.late_stops):
            want.add(StopWhy.PICKUP_LATE)
        return want

    def call_off(self, told: Told, ending: Ending) -> None:
        told.ending = ending
        if told.late:
            self.grace |= self.out
        told.late_stops.clear()

    def decide(self, told: Told, what: str) -> None:
        """What an officer said of it."""
        if what == "again" and told.officer:
            told.officer, told.tries = None, 0
        elif what == "refuse":
            self.call_off(told, Ending.REFUSED)
        elif what == "missing":
            told.ending = Ending.MISSING
            told.late_stops.clear()
        elif what == "forgive":
            told.ending = Ending.FORGIVEN
            self.out.clear()

    def settle(self, told: Told, now: datetime) -> None:
        """What the worker makes of it."""
        if not self.out:
            told.ending = Ending.CAME
            return
        if told.takes and told.received_at is not None:
            told.arrived_at = told.arrived_at or told.received_at
            told.officer = None if told.officer is Why.UNSEEN else told.officer
        if told.arrived_at is not None and told.arrived_at <= now - 24 * HOUR:
            told.ending = Ending.MISSING
            told.late_stops.clear()
            return
        if told.takes and told.arrived_at is None and told.takes[0][2] <= now - 48 * HOUR:
            told.officer = told.officer or Why.UNSEEN
        if not told.takes and not told.late and told.asked_at <= now - 24 * HOUR:
            told.late = True
            told.late_stops = set(self.out)


def last_asked(orders: list[Order], number: int) -> tuple[Order, Told]:
    """An order that was asked for, and its last request."""
    asked = [one for one in orders if one.requests]
    one = asked[number % len(asked)]
    return one, one.requests[-1]


def some_open(orders: list[Order], number: int, fits: Callable[[Told], object]) -> Told:
    """An open request of some order."""
    found = [one.open for one in orders if one.open and fits(one.open)]
    return found[number % len(found)]
