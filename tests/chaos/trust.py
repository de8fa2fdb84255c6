"""Trust, measured over simulated days: is anybody bothered about a cup that was seen already?"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action
from lending.loop.tables import Loan
from lending.notices.tables import Notice, NoticeKind

PAUSED_FROM = timedelta(days=9)  # after the lend at the earliest: due on day 7, paused on day 10


@dataclass
class Trip:
    """One loan as it truly was. `back`: when the cup was physically returned; `seen`: when the
    server first knew of a sighting after the lend, and by which scan; `closed`: when it first
    stood there as closed."""

    id: uuid.UUID
    cup: str
    who: str
    lent: datetime
    back: datetime | None = None
    seen: datetime | None = None
    by: Action | None = None
    closed: datetime | None = None


@dataclass
class Trust:
    """What was measured, as sets of residents. The first three must stay empty: told, paused or
    held to have lost a cup that anybody had seen; `unseen` were told of one that they had brought
    back and nobody had seen yet."""

    told_wrongly: set[str] = field(default_factory=set)
    paused_wrongly: set[str] = field(default_factory=set)
    lost_wrongly: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)
    trips: dict[uuid.UUID, Trip] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _of_cup: defaultdict[str, list[Trip]] = field(default_factory=lambda: defaultdict(list))
    _of_person: defaultdict[str, list[Trip]] = field(default_factory=lambda: defaultdict(list))

    @property
    def good(self) -> bool:
        return not (self.told_wrongly or self.paused_wrongly or self.lost_wrongly)

    def add(self, trip: Trip) -> None:
        self.trips[trip.id] = trip
        self._of_cup[trip.cup].append(trip)
        self._of_person[trip.who].append(trip)

    def note_sighting(
        self,
        session: Session,
        cup: str,
        action: Action,
        at: datetime,
        now: datetime,
        who: str | None,
    ) -> None:
        """The server has recorded at `now` that the cup was seen at `at`, in a lend by `who`: a
        second lend to the same person shows nothing."""
        before = [trip for trip in self._of_cup[cup] if trip.lent < at]
        for trip in before:
            if trip.seen is None and trip.who != who:
                trip.seen, trip.by = now, action
        waiting = [trip.id for trip in self._of_cup[cup] if trip.closed is None]
        closed = sa.select(Loan.id).where(Loan.id.in_(waiting), Loan.closed_at.is_not(None))
        for id_ in session.scalars(closed):
            self.trips[id_].closed = now

    def note_pause(self, who: str, now: datetime) -> None:
        """The resident is paused: rightly so only for a cup that nobody has seen since."""
        self.paused.add(who)
        mine = self._of_person[who]
        if not any(trip.seen is None and trip.lent < now - PAUSED_FROM for trip in mine):
            self.paused_wrongly.add(who)

    def note_told(self, session: Session) -> None:
        """Every reminder and write-off, held against what the server knew at its moment."""
        sent = sa.select(Notice.lend_id, Notice.kind, Notice.sent_at).where(
            Notice.sent_at.is_not(None)
        )
        for lend, kind, at in session.execute(sent):
            if kind is NoticeKind.CORRECTION:
                self.counts["corrections"] += 1
                continue
            self.counts["reminders"] += 1
            trip = self.trips[lend]
            self.told.add(trip.who)
            if trip.seen is not None and trip.seen <= at:
                self.told_wrongly.add(trip.who)
            elif trip.back is not None and trip.back <= at:
                self.unseen.add(trip.who)
        for lend, at in session.execute(
            sa.select(Loan.id, Loan.lost_at).where(Loan.lost_at.is_not(None))
        ):
            self.counts["written off"] += 1
            if (trip := self.trips[lend]).seen is not None and trip.seen <= at:
                self.lost_wrongly.add(trip.who)

    def hours_to_returned(self) -> list[float]:
        """Of each loan whose cup is back and known to be: hours from the one to the other."""
        return sorted(
            max(0.0, (trip.closed - trip.back).total_seconds() / 3600)
            for trip in self.trips.values()
            if trip.back and trip.closed
        )


def write_trust(trust: Trust) -> Iterator[str]:
    """The measures, a line each."""
    hours = trust.hours_to_returned() or [0.0]
    seen_by = Counter(trip.by.value for trip in trust.trips.values() if trip.by)
    back = [trip for trip in trust.trips.values() if trip.back]
    yield f"trust · {len(trust.trips):,} loans, {len(back):,} cups brought back"
    yield f"  first seen by: {', '.join(f'{what} {n:,}' for what, n in seen_by.most_common())}"
    yield _line("residents reminded of a cup that was seen (must be 0)", len(trust.told_wrongly))
    yield _line("residents paused for a cup that was seen (must be 0)", len(trust.paused_wrongly))
    yield _line("cups written off that were seen (must be 0)", len(trust.lost_wrongly))
    yield _line("residents reminded of a cup brought back, seen by nobody", len(trust.unseen))
    yield _line("residents reminded", len(trust.told))
    yield _line("residents paused", len(trust.paused))
    for what in ("reminders", "corrections", "written off", "returns nobody scanned", "late scans"):
        yield _line(what, trust.counts[what])
    yield (
        f"  from the physical return to “returned”: median {_span(hours, 0.5)}, "
        f"p90 {_span(hours, 0.9)}, max {_span(hours, 1.0)}"
    )


def _line(what: str, number: int) -> str:
    return f"  {what:<58}{number:>8,}"


def _span(hours: list[float], share: float) -> str:
    value = hours[min(len(hours) - 1, int(share * len(hours)))]
    return f"{value * 60:.1f} min" if value < 1 else f"{value:.1f} h"
