"""Counts, statements and disputes, as they are told and shown."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.events.values.kinds import Answer, DisputeDecision, StatementWhy
from lending.events.values.planned import EventView

LINK_LASTS = timedelta(
    days=30
)  # of the hall's link, after hall and centre agree: as long as photos


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What the centre counted of a counted kind (its code): whole ones and broken ones."""

    kind: str
    found: int
    broken: int = 0


@dataclass(frozen=True, slots=True)
class ForeignLine:
    """Ware that is not ours, in words."""

    what: str
    pieces: int


@dataclass(frozen=True, slots=True)
class CountIn:
    """The centre's count of an event: a line for every counted kind that was sent. `received` and
    `broken`: codes of pieces found whole and broken, scanned with the count, from crate `crate`
    where one is named. `anyway`: although crates are still out. `photos`: clean JPEGs, at most 6."""

    id: uuid.UUID
    event_id: uuid.UUID
    lines: tuple[CountedLine, ...]
    at: datetime
    foreign: tuple[ForeignLine, ...] = ()
    received: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    crate: str | None = None
    note: str = ""
    site: str | None = None
    anyway: bool = False
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ToCount:
    """A line of the sheet the centre counts by; `found` and `broken` of tracked ware are what was
    scanned so far."""

    kind_id: int
    kind: str
    kind_name: str
    kind_name_en: str
    counted: bool
    carrier: bool
    sent: int
    found: int
    broken: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a statement. `kind` is a code, empty for ware that is not ours (`what`); `carrier`:
    these are crates."""

    position: int
    kind_id: int | None
    kind: str
    name: str
    name_en: str
    what: str
    sent: int
    returned: int
    broken: int
    missing: int
    surplus: int
    foreign: int
    price: int | None
    carrier: bool = False

    @property
    def charge(self) -> int | None:
        """Won for what broke and is missing; None where the district does not charge."""
        return None if self.price is None else self.price * (self.broken + self.missing)


@dataclass(frozen=True, slots=True)
class DisputeView:
    id: uuid.UUID
    statement_id: uuid.UUID
    version: int
    position: int
    line: str  # the line's name or words
    missing: int  # what the statement says
    missing_said: int | None
    reason: str
    name: str
    at: datetime
    photo_id: uuid.UUID | None
    decision: DisputeDecision | None
    decided_at: datetime | None
    decided_by: str
    decision_note: str
    review_id: int | None
    event_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class StatementView:
    """A version of an event's statement. `counted_by`, `sent_by`, `answered_by`: names. `open`: it
    is the latest, the centre has confirmed it and the hall has not answered yet."""

    id: uuid.UUID
    event: EventView
    version: int
    latest: bool
    why: StatementWhy
    centre: str
    centre_name: str
    centre_name_en: str
    counted_at: datetime
    counted_by: str
    note: str
    made_at: datetime
    sent_at: datetime | None
    sent_by: str
    answer_by: datetime | None
    answer: Answer | None
    answered_at: datetime | None
    answered_by: str
    answer_name: str
    lines: tuple[LineView, ...]
    photos: tuple[uuid.UUID, ...]  # ids to ask for with `statement_photo`
    disputes: tuple[DisputeView, ...]
    district_id: int
    district: str
    district_en: str
    helpdesk: str
    timezone: str

    @property
    def open(self) -> bool:
        return self.latest and self.sent_at is not None and self.answer is None

    @property
    def link_until(self) -> datetime | None:
        """When the hall's link ends; None: not as long as there is something to agree on."""
        settled = self.event.settled_at
        return None if settled is None else settled + LINK_LASTS

    @property
    def ware(self) -> list[LineView]:
        """The lines of our ware; the crates it was in are told apart from it."""
        return [line for line in self.lines if line.kind and not line.carrier]

    @property
    def crates(self) -> list[LineView]:
        return [line for line in self.lines if line.carrier]

    @property
    def charge(self) -> int | None:
        """Won in all; None where no line is charged."""
        charges = [line.charge for line in self.lines if line.charge is not None]
        return sum(charges) if charges else None


@dataclass(frozen=True, slots=True)
class DisputeIn:
    """The hall's word that a line is wrong; `missing_said`: how many it says are missing."""

    id: uuid.UUID
    position: int
    reason: str
    missing_said: int | None = None
    photo: bytes | None = None  # a clean JPEG
