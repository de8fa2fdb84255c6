"""Replays one piece's scans in the order they happened; pure."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from lending.loop.advance import advance
from lending.loop.steps import Action, Gap
from lending.loop.values import ClosedLoan, ClosedStay, Event, OpenLoan, Piece


@dataclass(slots=True)
class Story:
    """What a piece's scans add up to: the piece, its loans in order, the gaps per scan id."""

    piece: Piece
    closed: list[ClosedLoan] = field(default_factory=list)
    left: list[ClosedStay] = field(default_factory=list)
    gaps: dict[uuid.UUID, tuple[Gap, ...]] = field(default_factory=dict)

    @property
    def open(self) -> OpenLoan | None:
        return self.piece.loan


def replay(events: Collection[Event], *, carrier: bool = False) -> Story:
    """The story of one piece from all its scans, in whatever order they are handed in."""
    voided = voided_ids(events)
    story = Story(Piece(carrier=carrier))
    for event in sorted(events, key=lambda event: event.order):
        if event.id in voided:
            continue
        step = advance(story.piece, event)
        story.piece = step.piece
        if step.gaps:
            story.gaps[event.id] = step.gaps
        if step.closed is not None:
            story.closed.append(step.closed)
        if step.left is not None:
            story.left.append(step.left)
    return story


def voided_ids(events: Collection[Event]) -> set[uuid.UUID]:
    """The scans taken out of the story.

    Read from the last recorded void back, so that a void which was itself voided counts no more.
    A void counts for scans of its own site, an officer's for all; a register cannot be voided.
    """
    voids = [event for event in events if event.action is Action.VOID]
    if not voids:
        return set()
    by_id = {event.id: event for event in events}
    voids.sort(key=_arrival)
    voided: set[uuid.UUID] = set()
    for void in reversed(voids):
        target = by_id.get(void.of) if void.of else None
        if void.id in voided or target is None or target.action is Action.REGISTER:
            continue
        if target.action is Action.VOID and _arrival(target) > _arrival(void):
            continue  # it names a void that was not recorded yet
        if void.officer or void.site == target.site:
            voided.add(target.id)
    return voided


def _arrival(void: Event) -> tuple[datetime, int, bytes]:
    return (void.recorded_at or void.at, void.position, void.id.bytes)
