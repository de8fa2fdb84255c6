"""What a shortfall statement says, ready to be drawn: plain values, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class HallWord(StrEnum):
    """What the hall has said to a statement."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    BY_ITSELF = "by_itself"  # nobody spoke in time, and the district counts that as accepted
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """Pieces of one kind: sent, come back whole, broken, missing; `price`: won for each broken or
    missing piece, None where nothing is charged; `is_disputed`: the hall says otherwise; `surplus`: so
    many more came back than were sent; `is_crate`: no ware, but what it was in."""

    name: str
    sent: int
    returned: int
    broken: int
    missing: int
    price: int | None = None
    is_disputed: bool = False
    surplus: int = 0
    is_crate: bool = False

    @property
    def amount(self) -> int:
        """Won for what is broken or missing."""
        return (self.price or 0) * (self.broken + self.missing)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did something, and when."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """One version of an event's shortfall statement.

    `foreign`: what came along and is not ours, by name; `until`: the end of the hall's time;
    `photos`: JPEGs, three are drawn; `address`: goes into the QR and leads to the hall's page,
    empty on a paper that is not for the hall.
    """

    number: str
    version: int
    district: str
    helpdesk: str
    hall: str
    room: str
    begins: datetime
    ends: datetime
    guests: int
    crates_sent: int
    crates_back: int
    lines: Sequence[PaperLine]
    foreign: Sequence[tuple[str, int]]
    photos: Sequence[bytes]
    counted: Signed
    confirmed: Signed | None
    word: HallWord
    word_at: datetime | None
    until: datetime | None
    address: str
    zone: ZoneInfo
    made_at: datetime
    word_by: str = ""  # who spoke for the hall, by role or initials

    @property
    def ware(self) -> list[PaperLine]:
        """The lines without those of crates."""
        return [line for line in self.lines if not line.is_crate]

    @property
    def crates(self) -> list[PaperLine]:
        return [line for line in self.lines if line.is_crate]

    @property
    def is_charged(self) -> bool:
        """Whether any line has a price."""
        return any(line.price is not None for line in self.lines)

    def total(self, part: str) -> int:
        """The sum of "sent", "returned", "broken", "missing" or "amount" over the lines of ware."""
        return sum(int(getattr(line, part)) for line in self.ware)
