"""Crates at events, as they are told and shown."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lending.events.values.kinds import BackHow
from lending.events.values.planned import EventView, RoomView, StoredCrate


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
class OpenedIn:
    """A crate in a store whose seal was found broken, or that was opened there; `id` is that of the
    scan."""

    id: uuid.UUID
    crate: str
    at: datetime


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
class RoomState:
    """A room on the hall's board: its events that are not over, with the crates out at them; `unopened`: crates that
    were said to be back unopened within the day, and may be out after all."""

    room: RoomView | None  # None: events of this hall in no room
    events: tuple[EventView, ...]
    crates: tuple[EventCrateView, ...]
    unopened: tuple[EventCrateView, ...] = ()


@dataclass(frozen=True, slots=True)
class HallBoard:
    """`store`: crates that may be handed out; `must_go_back`: crates that are to go back today."""

    site: str
    site_name: str
    site_name_en: str
    rooms: tuple[RoomState, ...]
    store: tuple[StoredCrate, ...]
    must_go_back: int
