"""What the rules of the loop work on: events, pieces, loans and stays in crates; pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lending.loop.steps import Action, Gap, Outcome, State


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded scan as the rules see it; no person, no device."""

    id: uuid.UUID
    action: Action
    at: datetime  # occurred_at, UTC, microseconds
    site: int
    seq: int = 0
    position: int = 0
    to_site: int | None = None
    of: uuid.UUID | None = None
    reason: str | None = None
    code: str | None = None  # the label that a register or relabel put on
    party: int | None = None  # which of this piece's borrowers; means nothing elsewhere
    unresolved: bool = False
    clock_suspect: bool = False
    recorded_at: datetime | None = None  # only a void's own order of arrival matters
    officer: bool = False  # an officer may void what another site scanned
    crate: int | None = None  # packed into, taken out of, or moved with
    batch: uuid.UUID | None = None  # of a wash: the finished batch that washed it
    needs_batch: bool = False  # a pass where only a wash of a finished batch counts
    occasion: uuid.UUID | None = None  # what a lend is for: an order, a booking, an event

    @property
    def carried(self) -> bool:
        """Whether it befell the piece with the crate it was in; `of` is the crate's scan."""
        return self.crate is not None and self.of is not None

    @property
    def order(self) -> tuple[bool, datetime, int, int, int]:
        """The order of a piece's story: register first, then time, number, position, id. What
        befell it with its crate stands where the crate's scan stands in the crate's story."""
        register = self.action is Action.REGISTER
        last = self.of if self.crate is not None and self.of is not None else self.id
        return (not register, self.at, self.seq, self.position, last.int)


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """The loan a piece is out on; its id is that of its lend scan."""

    id: uuid.UUID
    site: int
    opened_at: datetime
    party: int | None = None
    extensions: int = 0
    lost_at: datetime | None = None
    resumed_at: datetime | None = None  # the clock runs anew from here, with fresh days
    occasion: uuid.UUID | None = None  # which says when it is due, where it has an end


@dataclass(frozen=True, slots=True)
class ClosedLoan:
    loan: OpenLoan
    closed_at: datetime
    closed_by: uuid.UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Stay:
    """A piece's time in a crate; its id is that of its pack scan."""

    id: uuid.UUID
    crate: int
    packed_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedStay:
    stay: Stay
    left_at: datetime
    left_by: uuid.UUID


@dataclass(frozen=True, slots=True)
class Piece:
    """All that replay knows of one item. `site` None: never registered yet."""

    state: State = State.DIRTY
    site: int | None = None
    clean: bool = False
    washed: bool = False  # washed since the last step that soils
    hold: str | None = None
    to_site: int | None = None  # where a shipped piece is going
    uses: int = 0
    washes: int = 0
    gaps: int = 0
    code: str | None = None  # the label in use, where one was replaced
    last_at: datetime | None = None
    last_id: uuid.UUID | None = None
    last_site: int | None = None
    last_return_at: datetime | None = None
    since: datetime | None = None  # when the piece came into this state
    loan: OpenLoan | None = None
    batch: uuid.UUID | None = None  # that washed it, since the last step that soils
    stay: Stay | None = None  # in the crate it was packed in
    carrier: bool = False  # a crate or a bag: it carries ware and is none


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one event did: the piece afterwards, the gaps shown, the loan and the stay it closed."""

    piece: Piece
    gaps: tuple[Gap, ...] = ()
    closed: ClosedLoan | None = None
    left: ClosedStay | None = None
