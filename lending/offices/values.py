"""What goes into the services of offices and comes out of them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """How a booking stands, as its loans and the clock say."""

    PLANNED = "planned"
    OUT = "out"
    OVERDUE = "overdue"  # past its due date, and something of it is out
    BACK = "back"
    UNUSED = "unused"  # over, and nothing was handed out
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BookingIn:
    """A booking as it is asked for; `wanted`: pieces by kind code. The id is the client's own."""

    id: uuid.UUID
    department_id: int
    title: str
    from_at: datetime
    until_at: datetime
    place: str = ""
    wanted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was lent to an occasion: pieces out now, back, and missing (written off, or said to be
    back and not found); crates and bags that are still out, and when the first piece is due."""

    out: int = 0
    back: int = 0
    missing: int = 0
    crates: int = 0
    due_at: datetime | None = None

    def __add__(self, other: "Tally") -> "Tally":
        dues = [due for due in (self.due_at, other.due_at) if due is not None]
        return Tally(
            self.out + other.out, self.back + other.back, self.missing + other.missing,
            self.crates + other.crates, min(dues, default=None),
        )  # fmt: skip

    @property
    def lent(self) -> int:
        return self.out + self.back + self.missing

    @property
    def any_out(self) -> bool:
        return bool(self.out or self.crates)


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of a booking: pieces asked for, and pieces given so far, back or not."""

    kind_id: int
    asked: int
    given: int


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking; `wanted`: pieces by kind id, `given`: pieces handed out so far, back or not.
    `department_en` may be empty."""

    id: uuid.UUID
    site_id: int
    site: str  # code
    department_id: int
    department: str
    department_en: str
    title: str
    place: str
    from_at: datetime
    until_at: datetime
    wanted: Mapping[int, int]
    tally: Tally
    stage: Stage
    due_at: datetime | None  # of what is out; None: nothing is
    can_hand_out: bool  # neither called off nor over
    given: Mapping[int, int] = field(default_factory=dict)

    @property
    def kinds(self) -> list[KindLine]:
        """What was asked for and given by kind; kinds that nobody asked for come last."""
        others = {kind: 0 for kind in self.given if kind not in self.wanted}
        return [
            KindLine(kind, asked, self.given.get(kind, 0))
            for kind, asked in {**self.wanted, **others}.items()
        ]

    @property
    def asked(self) -> int:
        """How many pieces were asked for in all."""
        return sum(self.wanted.values())

    @property
    def can_change(self) -> bool:
        return self.stage is not Stage.CANCELLED

    @property
    def can_cancel(self) -> bool:
        return self.stage in (Stage.PLANNED, Stage.UNUSED)


@dataclass(frozen=True, slots=True)
class Week:
    """The bookings of an office from a Monday on, by local day on which they begin; `earlier`: those
    that began before and are not over, or of which something is out."""

    monday: date
    days: Mapping[date, list[BookingView]]
    earlier: list[BookingView]


@dataclass(frozen=True, slots=True)
class CardsLate:
    """A department of whose staff cards pieces are out past their due date; never who has them."""

    department_id: int
    department: str
    department_en: str
    pieces: int


@dataclass(frozen=True, slots=True)
class OutView:
    """A piece, crate or bag lent to a booking or by a card, and how it ended; never to whom.
    `with_crate`: it went out in one."""

    lend_id: uuid.UUID
    code: str
    kind_id: int
    carrier: bool
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    missing: bool
    with_crate: bool

    @property
    def can_take_back(self) -> bool:
        return self.closed_at is None and not self.with_crate


@dataclass(frozen=True, slots=True)
class HandIn:
    """One scan at the office: a piece, crate or bag goes out to a booking, or to who shows a staff
    card. `ask`: it may be refused; a fact is kept whatever the state. `site`: the office's code
    (None: the actor's), needed where a card turns out to be no department's."""

    id: uuid.UUID
    code: str
    at: datetime
    booking_id: uuid.UUID | None = None
    card: str | None = None
    ask: bool = True
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """How what went out differs from its booking, by kind code: `other`: pieces of kinds that it did
    not ask for; `more`: (asked for, out now) where that is more; `asked`: all that it asked for."""

    other: Mapping[str, int]
    more: Mapping[str, tuple[int, int]]
    asked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a scan: the code as it is printed, its kind, and how many pieces went with a
    crate or bag (0 for a piece). `to_holder`: the card was no department's, and whoever holds it has
    borrowed. `remark`: it is not what its booking asked for."""

    code: str
    kind: str
    carrier: bool
    pieces: int
    due_at: datetime | None
    to_holder: bool = False
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A department's month in one kind of ware. `pieces`: different pieces it had, `uses`: how often
    it borrowed one, `by_card` of them with a staff card; `returned`, `missing`: loans that ended so
    in the month, `out`: open at its end (or now)."""

    department_id: int
    department: str
    department_en: str
    kind: str
    kind_name: str
    kind_name_en: str
    pieces: int = 0
    uses: int = 0
    by_card: int = 0
    returned: int = 0
    missing: int = 0
    out: int = 0
