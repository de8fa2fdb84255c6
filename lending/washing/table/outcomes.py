"""What a beep at the washing table comes to, and the answer that carries it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lending.errors import Code
from lending.loop.commands import Command
from lending.loop.scans import Receipt
from lending.loop.steps import Action

# The way of a set; a piece that was scanned out of it has another last action.
WAY = (Action.RECEIVE, Action.WASH, Action.PASS)


class Outcome(StrEnum):
    RECORDED = "recorded"  # one piece took the step, or left with a fault
    ALREADY = "already"  # this piece is in the set and has taken the step
    WHOLE = "whole"  # the set took the step
    REFUSED = "refused"
    STEP = "step"  # the step for the pieces to come was chosen
    AGAIN = "again"  # the set had taken the step already
    FAULT = "fault"  # the next piece has this fault
    FAULT_STAYS = "fault_stays"  # all pieces until the next command have it
    TAKEN = "taken"  # a waiting set is in hand now
    ELSEWHERE = "elsewhere"  # the piece is in another set
    FINISHED = "finished"
    PUT_DOWN = "put_down"  # the set is not through yet and waits
    UNDONE = "undone"
    TRAY = "tray"  # pieces read together took the step
    KEPT = "kept"  # this fault alone does not retire a piece of its kind: nothing was recorded
    NOTHING = "nothing"  # there is nothing to undo or to finish


@dataclass(frozen=True, slots=True)
class SetView:
    """A set: how many pieces stand at each step, how many were scanned out, which kinds."""

    id: uuid.UUID
    opened_at: datetime
    touched_at: datetime
    steps: dict[Action, int] = field(default_factory=dict)  # by each piece's last action
    kinds: dict[str, int] = field(default_factory=dict)  # of those not scanned out

    @property
    def inside(self) -> int:
        """Pieces not scanned out."""
        return sum(self.steps.get(action, 0) for action in WAY)

    def before(self, action: Action) -> int:
        """Pieces that have not come to this step yet."""
        return sum(self.steps.get(one, 0) for one in WAY[: WAY.index(action)])

    def beyond(self, action: Action) -> int:
        """Pieces that have gone further than this step."""
        return sum(self.steps.get(one, 0) for one in WAY[WAY.index(action) + 1 :])

    @property
    def is_through(self) -> bool:
        """Whether nothing is left to be done with it."""
        return self.before(Action.PASS) == 0


@dataclass(frozen=True, slots=True)
class Beep:
    """What an operator scanned or pressed: exactly one of `code`, `command` and `take`.

    `lane` is the browser's own id, `take` a waiting set to go on with; `at` and `sent_at` are the
    device's times.
    """

    id: uuid.UUID
    lane: uuid.UUID
    at: datetime
    sent_at: datetime
    code: str | None = None
    command: Command | None = None
    take: uuid.UUID | None = None
    seq: int | None = None
    clock_error: float | None = None
    clock_lost: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What a crate took along: pieces with a code, and counted ware in it."""

    pieces: int
    loose: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a beep. `count` pieces took the step; `refused` holds the codes of those of
    a whole set that did not. `over`: the set that was finished or put down; `load`: of a crate."""

    id: uuid.UUID
    outcome: Outcome
    action: Action | None = None
    reason: str | None = None
    code: str | None = None
    receipt: Receipt | None = None
    count: int = 0
    refused: tuple[str, ...] = ()
    over: SetView | None = None
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class LaneView:
    """Where the operator stands now; `crate`: the code of the one whose pieces come next."""

    step: Action
    fault: Command | None
    fault_stays: bool
    set: SetView | None
    crate: str | None = None


class Fate(StrEnum):
    """What became of one piece of a tray."""

    TAKEN = "taken"
    ALREADY = "already"  # it had taken this step before
    REFUSED = "refused"
    KEPT = "kept"  # its fault alone does not retire a piece of its kind


@dataclass(frozen=True, slots=True)
class Tray:
    """Pieces read together: `beep` carries the tray's id and the command done to all of them,
    `codes` what was read, 1 to 500, with no order."""

    beep: Beep
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrayLine:
    """One piece of a tray; without a receipt only when nothing was asked of the writer."""

    code: str
    fate: Fate
    receipt: Receipt | None = None
    error: Code | None = None
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class TrayAnswer:
    """What became of a tray: one line for each piece, in the order read."""

    id: uuid.UUID
    action: Action
    reason: str | None
    lines: tuple[TrayLine, ...]
