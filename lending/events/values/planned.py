"""Events, rooms and what goes to them, as it is told and shown."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lending.events.values.kinds import EventKind, Stage

GUESTS = 250  # expected where nobody said how many: the middle of 200–300 visitors a day


@dataclass(frozen=True, slots=True)
class EventIn:
    """An event as it is planned. `site`: the hall's code; `room_id` one of its rooms, or `place` in
    words. `contact`: whom to ask at the hall, never anybody of a family (None:
    as it is known, empty: nobody). `guests` None: 250."""

    id: uuid.UUID
    site: str
    kind: EventKind
    from_at: datetime
    until_at: datetime
    room_id: int | None = None
    place: str = ""
    guests: int | None = None
    contact: str | None = None


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
    unopened: int = 0  # of `crates`: back unopened, so that they do not count as sent
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
class StoredCrate:
    """A packed crate, ready to be handed out; `event_id`: packed for it."""

    code: str
    seal: str
    pieces: dict[str, int]
    event_id: uuid.UUID | None
    coming: bool = False  # it is still on its way to the hall
    at_centre: bool = False  # it has not left yet


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
