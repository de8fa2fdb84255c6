"""Writes the caches of items whose stories changed: item rows, loans, gaps and their reviews."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, update_rows
from lending.db import table_of
from lending.loop.loans.due import DueBook
from lending.loop.steps import Gap
from lending.loop.tables import CrateStay, Item, Loan, ScanGap
from lending.loop.write.entry import Entry
from lending.loop.write.reviews import REVIEWED, close_vanished, open_reviews, review_row
from lending.loop.write.rows import LoanRow, item_values
from lending.notices.tables import Notice, NoticeState

ITEMS, LOANS, STAYS = table_of(Item), table_of(Loan), table_of(CrateStay)
LOAN_CACHE = (
    "site_id", "opened_at", "extensions", "lost_at", "resumed_at", "occasion_id", "closed_at",
    "closed_by", "outcome", "due_at",
)  # fmt: skip


@dataclass(slots=True)
class LoanChanges:
    """What changes in the loan table; closings go before openings, for one open loan per item."""

    gone: list[uuid.UUID] = field(default_factory=list)
    closing: list[dict[str, Any]] = field(default_factory=list)
    reopening: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)


def store_caches(
    session: Session,
    entries: Sequence[Entry],
    *,
    due_book: Callable[[], DueBook],
    now: datetime,
) -> None:
    """Writes what differs between these items as stored and as their stories now say."""
    loans = LoanChanges()
    for entry in entries:
        _collect_loans(entry, loans, due_book)
    update_rows(session, ITEMS, [_item_row(entry) for entry in entries if entry.changed])
    _store_loans(session, loans)
    _store_stays(session, entries)
    _store_gaps(session, entries, now)


def _item_row(entry: Entry) -> dict[str, Any]:
    return item_values(entry.now(), entry.due_now()) | {"id": entry.id}


def _collect_loans(entry: Entry, changes: LoanChanges, due_book: Callable[[], DueBook]) -> None:
    before, after = entry.loans_before, entry.loans()
    if before == after:
        return
    changes.gone += [loan for loan in before if loan not in after]
    for loan in after.values():
        known = before.get(loan.id)
        if known == loan:
            continue
        clock = known and (known.extensions, known.resumed_at)
        if loan.id not in entry.dues or (clock and clock != (loan.extensions, loan.resumed_at)):
            entry.dues[loan.id] = due_book().due_of(entry.kind, loan)
        if known is None:
            changes.new.append(_loan_row(entry, loan, due_book().district_of(loan.site)))
        elif loan.closed_at is not None:
            changes.closing.append(_loan_change(entry, loan))
        else:
            changes.reopening.append(_loan_change(entry, loan))


def _loan_change(entry: Entry, loan: LoanRow) -> dict[str, Any]:
    values = loan.values() | {"due_at": entry.dues[loan.id]}
    return {name: values[name] for name in LOAN_CACHE} | {"id": loan.id}


def _loan_row(entry: Entry, loan: LoanRow, district_id: int) -> dict[str, Any]:
    return loan.values() | {
        "district_id": district_id,
        "item_id": entry.id,
        "due_at": entry.dues[loan.id],
    }


def _store_loans(session: Session, changes: LoanChanges) -> None:
    if changes.gone:
        session.execute(sa.delete(Loan).where(Loan.id.in_(changes.gone)))
        unsent = Notice.state == NoticeState.WAITING
        session.execute(sa.delete(Notice).where(Notice.lend_id.in_(changes.gone), unsent))
    update_rows(session, LOANS, changes.closing)
    update_rows(session, LOANS, changes.reopening)
    insert_rows(session, LOANS, changes.new)


def _store_stays(session: Session, entries: Sequence[Entry]) -> None:
    """Ended ones go before new ones, for one open stay per piece."""
    gone: list[uuid.UUID] = []
    changed: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for entry in entries:
        before, after = entry.stays_before, entry.stays()
        if before == after:
            continue
        gone += [stay for stay in before if stay not in after]
        for stay in after.values():
            row = stay.values() | {"district_id": entry.district, "item_id": entry.id}
            if stay.id not in before:
                new.append(row)
            elif stay != before[stay.id]:
                changed.append(row)
    if gone:
        session.execute(sa.delete(CrateStay).where(CrateStay.id.in_(gone)))
    update_rows(session, STAYS, [row for row in changed if row["left_at"] is not None])
    update_rows(session, STAYS, [row for row in changed if row["left_at"] is None])
    insert_rows(session, STAYS, new)


def _store_gaps(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Gaps of new scans and of those a replay judged anew; reviews follow them."""
    new: list[dict[str, Any]] = []
    gone: list[tuple[uuid.UUID, Gap]] = []
    for entry in entries:
        if entry.gaps_before == entry.gaps:
            continue
        before = {(scan, gap) for scan, gaps in entry.gaps_before.items() for gap in gaps}
        after = {(scan, gap) for scan, gaps in entry.gaps.items() for gap in gaps}
        gone += sorted(before - after)
        new += [_gap_row(entry, scan, gap) for scan, gap in sorted(after - before)]
    if gone:
        keys = sa.tuple_(ScanGap.scan_id, ScanGap.gap)
        session.execute(sa.delete(ScanGap).where(keys.in_(gone)))
        close_vanished(session, gone, now=now)
    store_new_gaps(session, new, now=now)


def store_new_gaps(session: Session, rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Rows of scan_gap, and a review entry for each that needs a head."""
    if not rows:
        return
    insert_rows(session, table_of(ScanGap), rows, skip_known=True)
    reviewed = [row for row in rows if row["gap"] in REVIEWED]
    open_reviews(session, [review_row(row, now=now) for row in reviewed])


def _gap_row(entry: Entry, scan: uuid.UUID, gap: Gap) -> dict[str, Any]:
    event = entry.events[scan]
    return {
        "scan_id": scan,
        "gap": gap,
        "district_id": entry.district,
        "item_id": entry.id,
        "site_id": event.site,
        "occurred_at": event.at,
    }
