"""One item at the writer's desk: what it was, what this call made of it, what is to be stored."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any, final

from lending.loop.advance import advance
from lending.loop.replay import Story, replay
from lending.loop.steps import Action, Gap
from lending.loop.values import ClosedLoan, ClosedStay, Event, Piece
from lending.loop.write.rows import (
    ITEM_WIDTH,
    LoanRow,
    StayRow,
    loans_of,
    open_row,
    piece_from_row,
    stays_of,
)


@final
class Entry:
    """An item with its lock held. A scan later than all known is advanced at once; an entry whose
    story was loaded takes scans of any time and replays when it is next looked at."""

    __slots__ = (
        "_loans",
        "_stale",
        "_taken_out",
        "before",
        "closed",
        "district",
        "due_at",
        "dues",
        "events",
        "gaps",
        "gaps_before",
        "has_story",
        "id",
        "kind",
        "kind_code",
        "left",
        "loans_before",
        "piece",
        "stays_before",
    )  # fmt: skip

    def __init__(self, row: Any) -> None:
        """`row`: ITEM_COLUMNS and then the kind's code."""
        self.id: int = row[0]
        self.district: int = row[1]
        self.kind: int = row[2]
        self.due_at: datetime | None = row[4]
        self.kind_code: str = row[ITEM_WIDTH]
        self.before = self.piece = piece_from_row(row)
        self.dues: dict[uuid.UUID, datetime] = {}
        self.loans_before: dict[uuid.UUID, LoanRow] = {}
        self.closed: list[ClosedLoan] = []
        self.left: list[ClosedStay] = []
        self.stays_before = stays_of((), self.piece.stay)
        self.gaps: dict[uuid.UUID, tuple[Gap, ...]] = {}
        self.gaps_before: dict[uuid.UUID, tuple[Gap, ...]] = {}
        self.events: dict[uuid.UUID, Event] = {}  # of this call; with a story, all there are
        self.has_story = False
        self._stale = False
        self._taken_out: set[uuid.UUID | None] = set()  # what voids name, come or to come
        self._loans: dict[uuid.UUID, LoanRow] | None = None
        loan = self.piece.loan
        if loan is not None and self.due_at is not None:
            self.dues[loan.id] = self.due_at
            self.loans_before[loan.id] = open_row(loan)

    def load_story(
        self,
        events: dict[uuid.UUID, Event],
        loans: dict[uuid.UUID, LoanRow],
        dues: dict[uuid.UUID, datetime],
        gaps: dict[uuid.UUID, tuple[Gap, ...]],
        stays: dict[uuid.UUID, StayRow],
    ) -> None:
        """Hands the entry all it has on record, so that late scans and voids can be judged."""
        self.events, self.has_story, self._stale, self._loans = events, True, True, None
        self.loans_before, self.dues, self.gaps_before = loans, dues, gaps
        self.stays_before = stays
        self._taken_out = {one.of for one in events.values() if one.action is Action.VOID}

    def take(self, event: Event) -> None:
        """Adds one scan to the story."""
        self.events[event.id] = event
        self._loans = None
        if self.has_story and (self._stale or not self._comes_last(event)):
            self._stale = True
            if event.action is Action.VOID:
                self._taken_out.add(event.of)
            return
        step = advance(self.piece, event)
        self.piece = step.piece
        if step.gaps:
            self.gaps[event.id] = step.gaps
        if step.closed is not None:
            self.closed.append(step.closed)
        if step.left is not None:
            self.left.append(step.left)

    def _comes_last(self, event: Event) -> bool:
        """Whether the replayed story just goes on with this: replaying it for each question of a
        call would take the square of their number."""
        if event.action is Action.VOID or event.id in self._taken_out:
            return False
        return self.piece.last_at is not None and event.at > self.piece.last_at

    def fill_in(self, scan: uuid.UUID, reason: str) -> None:
        """Gives a scan of the loaded story the reason that its first sending lacked."""
        if self.has_story:
            self.events[scan] = replace(self.events[scan], reason=reason)
            self._stale = True

    def now(self) -> Piece:
        """The piece after all scans taken so far."""
        if self._stale:
            story = replay(self.events.values(), carrier=self.before.carrier)
            self.piece, self.closed, self.gaps = story.piece, story.closed, story.gaps
            self.left = story.left
            self._stale = False
        return self.piece

    def loans(self) -> dict[uuid.UUID, LoanRow]:
        """Every loan this call knows of, as it stands now."""
        if self._loans is None:
            self._loans = loans_of(Story(self.now(), self.closed))
        return self._loans

    def stays(self) -> dict[uuid.UUID, StayRow]:
        """Every stay in a crate this call knows of, as it stands now."""
        piece = self.now()
        return stays_of(self.left, piece.stay)

    @property
    def changed(self) -> bool:
        """Whether the item's row is to be written."""
        return self.now() != self.before or self.due_at != self.due_now()

    def due_now(self) -> datetime | None:
        """When the open loan is due."""
        loan = self.now().loan
        return self.dues.get(loan.id) if loan is not None else None
