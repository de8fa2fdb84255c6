"""What the database holds of items, and whether it is what their scans say."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.replay import replay
from lending.loop.steps import Gap
from lending.loop.tables import CrateStay, Item, Label, Loan, Scan, ScanGap
from lending.loop.values import Event, Piece
from lending.loop.write.rows import (
    EVENT_COLUMNS,
    ITEM_COLUMNS,
    LoanRow,
    StayRow,
    event_from_row,
    loans_of,
    piece_from_row,
    stays_of,
)


@dataclass(frozen=True)
class Stored:
    """What the database holds of one item, all of it a cache of the log."""

    piece: Piece
    loans: dict[uuid.UUID, LoanRow]
    gaps: dict[uuid.UUID, tuple[Gap, ...]]
    stays: dict[uuid.UUID, StayRow]


def check_items(session: Session, ids: Sequence[int]) -> None:
    """Asserts that what is stored of these items equals a replay of their scans."""
    stored, logs = stored_of(session, ids), events_of(session, ids)
    stories = {
        item: replay(events, carrier=stored[item].piece.carrier) for item, events in logs.items()
    }
    assert stored.keys() == stories.keys()
    for item, now in stored.items():
        story = stories[item]
        assert now.piece == story.piece
        assert now.loans == loans_of(story)
        assert now.stays == stays_of(story.left, story.piece.stay)
        assert now.gaps == {scan: tuple(sorted(gaps)) for scan, gaps in story.gaps.items()}


def stored_of(session: Session, ids: Collection[int]) -> dict[int, Stored]:
    """What is stored of each item; gaps of one scan sorted."""
    pieces = {}
    for row in session.execute(sa.select(*ITEM_COLUMNS).where(Item.id.in_(ids))):
        pieces[row[0]] = Stored(piece_from_row(row), {}, {}, {})
    for loan in session.scalars(sa.select(Loan).where(Loan.item_id.in_(ids))):
        pieces[loan.item_id].loans[loan.id] = LoanRow(
            loan.id, loan.site_id, loan.opened_at, loan.extensions, loan.lost_at, loan.resumed_at,
            loan.occasion_id, loan.closed_at, loan.closed_by, loan.outcome,
        )  # fmt: skip
    for stay in session.scalars(sa.select(CrateStay).where(CrateStay.item_id.in_(ids))):
        pieces[stay.item_id].stays[stay.id] = StayRow(
            stay.id, stay.crate_id, stay.packed_at, stay.left_at, stay.left_by
        )
    for gap in session.scalars(sa.select(ScanGap).where(ScanGap.item_id.in_(ids))):
        assert gap.item_id is not None
        gaps = pieces[gap.item_id].gaps
        gaps[gap.scan_id] = tuple(sorted((*gaps.get(gap.scan_id, ()), gap.gap)))
    return pieces


def events_of(session: Session, ids: Collection[int]) -> dict[int, list[Event]]:
    """The log of each item."""
    events: dict[int, list[Event]] = {item: [] for item in ids}
    for row in session.execute(
        sa.select(*EVENT_COLUMNS, Scan.item_id).where(Scan.item_id.in_(ids))
    ):
        events[row[-1]].append(event_from_row(row))
    return events


def item_of(session: Session, cup: str) -> int:
    item = session.scalars(sa.select(Label.item_id).where(Label.code == cup)).one()
    assert item is not None
    return item
