"""The demo's cups and people on their way through the loop, day by day; decided, not yet scanned."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from lending.demo.desk import Desk, Happening
from lending.demo.found import Borrower
from lending.demo.plan import KST, LENDING_PLACES, Scale
from lending.loop.scans import ScanIn
from lending.loop.steps import Action

LONG_AGO = datetime.min.replace(tzinfo=KST)


@dataclass(frozen=True, slots=True)
class Act:
    """One scan to be sent, by whom (a key of Founded.actors)."""

    scan: ScanIn
    by: str
    late: bool = False  # the device was offline: sent in the evening


@dataclass(slots=True)
class Person:
    """A resident with what they have out."""

    borrower: Borrower
    out: int = 0
    free_from: datetime = LONG_AGO


@dataclass(slots=True)
class Standing:
    """A cup that stands somewhere since a moment."""

    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Out:
    """A cup that is out: whose, since when, by which scan, and when and where it comes back."""

    code: str
    person: int
    lend: uuid.UUID
    at: datetime
    place: str
    back_at: datetime | None
    back_to: str


@dataclass(slots=True)
class Town:
    """Where every cup is and who has one, at the end of the last day that was lived."""

    scale: Scale
    rng: Random
    people: list[Person]
    first: date  # the first day that is lived
    kinds: dict[str, str] = field(default_factory=dict)  # of each cup by its code
    crates: list[str] = field(default_factory=list)  # codes of crates that nobody uses yet
    coming: dict[str, list[str]] = field(default_factory=dict)  # packed for yesterday's round
    hall_crates: list[str] = field(default_factory=list)
    hall_store: list[str] = field(default_factory=list)
    hall_rooms: list[int] = field(default_factory=list)
    hall_event: uuid.UUID | None = None  # whose statement the hall has
    office_crate: str | None = None
    departments: list[int] = field(default_factory=list)
    booking: uuid.UUID | None = None  # the meeting that has the office's crate
    orders: dict[int, list[str]] = field(default_factory=dict)  # containers out, by plan
    bags: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    dirty: list[str] = field(default_factory=list)
    ready: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    held: list[Standing] = field(default_factory=list)
    shelf: dict[str, list[Standing]] = field(
        default_factory=lambda: {place.code: [] for place in LENDING_PLACES}
    )
    basket: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))
    back: dict[date, list[Out]] = field(default_factory=lambda: defaultdict(list))
    never: list[Out] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # stand dirty at the centre this morning
    doubtful_batch: uuid.UUID | None = None  # what is recalled today
    acts: list[Act] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)

    def scan(
        self, by: str, action: Action, code: str, at: datetime, *, late: bool = False, **more: Any
    ) -> uuid.UUID:
        """Plans one scan; returns its id."""
        scan_id = self.make_id(at)
        self.acts.append(Act(ScanIn(scan_id, action, code, at, **more), by, late))
        return scan_id

    def happen(self, at: datetime, do: Callable[[Desk, datetime], None]) -> None:
        """Plans something besides scans."""
        self.happenings.append(Happening(at, do))

    def make_id(self, at: datetime) -> uuid.UUID:
        """A UUID of version 7 as our clients make them, from the seed."""
        moment = int(at.timestamp() * 1000)
        number = moment << 80 | 7 << 76 | self.rng.getrandbits(12) << 64
        return uuid.UUID(int=number | 2 << 62 | self.rng.getrandbits(62))

    def take_ready(self, count: int, kind: str | None = None) -> list[str]:
        """Clean cups of the centre that are packed, the ones that wait longest first."""
        fitting = (code for code in self.ready if kind is None or self.kinds[code] == kind)
        taken = [code for code, _ in zip(fitting, range(count), strict=False)]
        self.ready = [code for code in self.ready if code not in set(taken)]
        return taken

    def part(self, of_full: int) -> int:
        """A number of the full demo at this one's scale, at least one."""
        return max(1, of_full * self.scale.cups // 1200)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share


def moment(day: date, hour: float) -> datetime:
    """The local time `hour` (13.5 is half past one) of a day."""
    return datetime.combine(day, datetime.min.time(), KST) + timedelta(hours=hour)


def some_seconds(rng: Random, low: float = 2, high: float = 5) -> timedelta:
    """The time from one beep to the next, with its microseconds."""
    return timedelta(microseconds=int(rng.uniform(low, high) * 1_000_000))
