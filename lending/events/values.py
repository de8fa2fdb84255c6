"""What goes into the services of events and what comes out: events, crates, counts, statements."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

GUESTS = 250  # expected where nobody said how many: the middle of 200–300 visitors a day


class EventKind(StrEnum):
    FUNERAL = "funeral"
    EVENT = "event"


class Stage(StrEnum):
    """How far an event is; worked out from what was recorded, never set."""

    PLANNED = "planned"
    PACKED = "packed"  # crates are packed for it
    OUT = "out"  # crates are at the event
    BACK = "back"  # all its crates are back, or seen elsewhere; the count is awaited
    COUNTED = "counted"  # the statement is not agreed yet
    SETTLED = "settled"
    CANCELLED = "cancelled"


class BackHow(StrEnum):
    """How a crate's time at an event ended."""

    SEALED = "sealed"  # unopened: clean, as if it had never been out
    OPENED = "opened"
    SEEN = "seen"  # nobody said so: it was scanned elsewhere since
    UNDONE = "undone"  # the hand-out was a mistake


class StatementWhy(StrEnum):
    COUNT = "count"
    RECOUNT = "recount"
    DECISION = "decision"  # what the hall disputed was decided
    FOUND = "found"  # pieces with a code came in after the count


class Answer(StrEnum):
    """What the hall says of a statement."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"  # its time went by without a word


class DisputeDecision(StrEnum):
    UPHELD = "upheld"  # the line stands as it is
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class EventIn:
    """An event as it is planned. `site`: the hall's code; `room_id` one of its rooms, or `place` in
    words. `contact`: whom to ask at the hall, never anybody of a family. `guests` None: 250."""

    id: uuid.UUID
    site: str
    kind: EventKind
    from_at: datetime
    until_at: datetime
    room_id: int | None = None
    place: str = ""
    guests: int | None = None
    contact: str = ""


@dataclass(frozen=True, slots=True)
class RoomView:
    id: int
    site_id: int
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as lists show it. `crates`: handed out in all; `out`: still there; `count_by`: when
    the centre is to have counted (None: not all crates are in, or it has); `contact` only where one
    event is looked at."""

    id: uuid.UUID
    stage: Stage
    kind: EventKind
    site: str
    site_name: str
    site_name_en: str
    room_id: int | None
    room: str
    place: str
    from_at: datetime
    until_at: datetime
    guests: int
    crates: int
    out: int
    packed: int
    count_by: datetime | None = None
    count_late: bool = False
    must_go_back: bool = False  # crates are out and it ends today, or is over
    settled_at: datetime | None = None
    contact: str = ""

    @property
    def where(self) -> str:
        """The room's name, or the place in words."""
        return self.room or self.place


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A kind of a packing proposal: pieces, and crates of `per_crate` pieces. `clean`: what stands
    clean and loose at the washing centre now; `price` in won."""

    kind_id: int
    kind: str
    kind_name: str
    kind_name_en: str
    counted: bool
    per_100: int
    pieces: int
    per_crate: int
    crates: int
    clean: int
    price: int | None


@dataclass(frozen=True, slots=True)
class PackIn:
    """A crate packed and sealed for an event at a washing centre: pieces by code, counted ware by
    kind. `site`: the centre's code (None: the actor's). `event_id` None: for the hall's store, then
    `to` names the hall."""

    id: uuid.UUID
    crate: str
    seal: str
    at: datetime
    event_id: uuid.UUID | None = None
    codes: tuple[str, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    site: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class HandOutIn:
    """A crate handed to an event at its hall; `id` is that of the scan. `signed`: the role or the
    initials of who takes it over. `seal` None: the one known to be on it. `ask`: may be refused;
    else it happened and is taken down."""

    id: uuid.UUID
    event_id: uuid.UUID
    crate: str
    signed: str
    at: datetime
    seal: str | None = None
    ask: bool = True


@dataclass(frozen=True, slots=True)
class BackIn:
    """A crate that comes back from its event to the hall. `sealed`: unopened, its `seal` read again
    (None: not read, which only a crate handed out with a seal known here may do without)."""

    id: uuid.UUID
    crate: str
    signed: str
    at: datetime
    sealed: bool = False
    seal: str | None = None
    site: str | None = None  # the hall's code; None: the actor's, or the event's


@dataclass(frozen=True, slots=True)
class EventCrateView:
    """A crate handed to an event and what was in it, by kind code."""

    id: uuid.UUID
    code: str
    event_id: uuid.UUID
    seal: str
    top_up: bool
    signed: str
    handed_at: datetime
    handed_by: str
    pieces: dict[str, int]
    back_how: BackHow | None
    back_at: datetime | None
    back_by: str | None
    back_signed: str
    in_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredCrate:
    """A packed crate that stands at the hall, ready to be handed out; `event_id`: packed for it."""

    code: str
    seal: str
    pieces: dict[str, int]
    event_id: uuid.UUID | None
    coming: bool = False  # it is still on its way to the hall


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room on the hall's board: its events that are not over, with the crates out at them."""

    room: RoomView | None  # None: events of this hall in no room
    events: tuple[EventView, ...]
    crates: tuple[EventCrateView, ...]


@dataclass(frozen=True, slots=True)
class HallBoard:
    """`store`: crates that may be handed out; `must_go_back`: crates that are to go back today."""

    site: str
    site_name: str
    site_name_en: str
    rooms: tuple[RoomState, ...]
    store: tuple[StoredCrate, ...]
    must_go_back: int


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
    """A line of a statement. `kind` is a code, empty for ware that is not ours (`what`)."""

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
    district: str
    district_en: str
    helpdesk: str
    timezone: str

    @property
    def open(self) -> bool:
        return self.latest and self.sent_at is not None and self.answer is None

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


@dataclass(frozen=True, slots=True)
class Times:
    """Hours the centre has to count, days the hall has to answer."""

    count_hours: int = 24
    answer_days: int = 7


@dataclass(frozen=True, slots=True)
class KindSetting:
    """What goes out of a kind for 100 guests, and its price in won; `event` the sort of event."""

    kind_id: int
    kind: str
    kind_name: str
    kind_name_en: str
    counted: bool
    event: EventKind
    per_100: int
    price: int | None
    crate_pieces: int | None
