"""Writes what a call decided: scans first, then the caches that follow from them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.errors import ChangedMeanwhile, Code
from lending.loop.call import Call, Prepared
from lending.loop.entry import Entry
from lending.loop.reviews import REVIEWED, close_vanished, open_reviews, review_row
from lending.loop.rows import LoanRow, item_values
from lending.loop.steps import Gap
from lending.loop.tables import Item, Label, Loan, Refusal, Scan, ScanBorrower, ScanGap
from lending.notices.tables import Notice, NoticeState
from lending.people.upserts import insert_or

SCANS, ITEMS, LOANS = table_of(Scan), table_of(Item), table_of(Loan)


def scan_row(
    call: Call, one: Prepared, entry: Entry | None, *, party: int | None, unresolved: bool
) -> dict[str, Any]:
    """The row of a scan as it goes into the log."""
    scan, actor = one.scan, call.actor
    return {
        "id": scan.id,
        "district_id": actor.district_id,
        "item_id": entry and entry.id,
        "code": one.code,
        "action": scan.action,
        "site_id": one.site,
        "to_site_id": one.to_site,
        "from_site_id": one.from_site,
        "at": scan.at,
        "occurred_at": one.at,
        "recorded_at": call.now,
        "asked": scan.ask,
        "seq": scan.seq or 0,
        "position": one.position,
        "clock_error": scan.clock_error,
        "clock_suspect": one.suspect,
        "of": scan.of,
        "party": party,
        "unresolved": unresolved,
        "override": scan.override,
        "reason": scan.reason,
        "note": scan.note,
        "new_code": one.new_code,
        "sender_kind": actor.kind.value,
        "sender_id": actor.id,
        "sender_role": actor.role,
    }


def refusal_row(call: Call, one: Prepared, entry: Entry | None, code: Code) -> dict[str, Any]:
    """The row of a refused attempt; it stands apart from the log."""
    return {
        "district_id": call.actor.district_id,
        "site_id": one.site or call.actor.site_id,
        "item_id": entry and entry.id,
        "action": one.scan.action.value,
        "code": code.value,
        "at": call.now,
        "sender_kind": call.actor.kind.value,
        "sender_id": call.actor.id,
    }


@dataclass(slots=True)
class LoanChanges:
    """What changes in the loan table; closings go before openings, for one open loan per item."""

    gone: list[uuid.UUID] = field(default_factory=list)
    closing: list[dict[str, Any]] = field(default_factory=list)
    changing: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)


def store_call(call: Call) -> None:
    """Everything of one call; raises ChangedMeanwhile when one of its ids was taken meanwhile."""
    session = call.session
    _insert_scans(call)
    if call.label_rows:
        _attach_labels(call)
    entries = list({entry.id: entry for entry in call.entries.values()}.values())
    loans = LoanChanges()
    for entry in entries:
        _collect_loans(call, entry, loans)
    changed = [_item_row(entry) for entry in entries if entry.changed]
    if changed:
        update = sa.update(ITEMS).where(ITEMS.c.id == sa.bindparam("item"))
        session.connection().execute(update, changed)
    _store_loans(session, loans)
    _store_gaps(call, entries)
    if call.refusals:
        session.execute(sa.insert(Refusal), call.refusals)
    if call.filled_in:
        _fill_in(session, call.filled_in)


def _insert_scans(call: Call) -> None:
    if not call.rows:
        return
    insert = insert_or(call.session, Scan).on_conflict_do_nothing(index_elements=["id"])
    inserted = call.session.connection().execute(insert.returning(SCANS.c.id), call.rows)
    if len(inserted.all()) != len(call.rows):
        raise ChangedMeanwhile
    if call.borrower_rows:
        call.session.connection().execute(sa.insert(table_of(ScanBorrower)), call.borrower_rows)


def _attach_labels(call: Call) -> None:
    rows = [
        row | {"district_id": call.actor.district_id, "created_at": call.now}
        for row in call.label_rows
    ]
    insert = insert_or(call.session, Label)
    call.session.execute(
        insert.on_conflict_do_update(
            index_elements=["code"], set_={"item_id": insert.excluded.item_id}
        ),
        rows,
    )


def _item_row(entry: Entry) -> dict[str, Any]:
    piece = entry.now()
    due = entry.dues.get(piece.loan.id) if piece.loan else None
    return item_values(piece, due) | {"item": entry.id}


def _collect_loans(call: Call, entry: Entry, changes: LoanChanges) -> None:
    before, after = entry.loans_before, entry.loans()
    if before == after:
        return
    changes.gone += [loan for loan in before if loan not in after]
    for loan in after.values():
        known = before.get(loan.id)
        if known == loan:
            continue
        if loan.id not in entry.dues or (known and known.extensions != loan.extensions):
            entry.dues[loan.id] = call.due_of(entry, loan)
        row = _loan_row(call, entry, loan)
        if known is None:
            changes.new.append(row)
        elif loan.closed_at is not None:
            changes.closing.append(row)
        else:
            changes.changing.append(row)


def _loan_row(call: Call, entry: Entry, loan: LoanRow) -> dict[str, Any]:
    return loan.values() | {
        "loan": loan.id,
        "district_id": call.actor.district_id,
        "item_id": entry.id,
        "due_at": entry.dues[loan.id],
    }


def _store_loans(session: Session, changes: LoanChanges) -> None:
    if changes.gone:
        session.execute(sa.delete(Loan).where(Loan.id.in_(changes.gone)))
        unsent = Notice.state == NoticeState.WAITING
        session.execute(sa.delete(Notice).where(Notice.lend_id.in_(changes.gone), unsent))
    update = (
        sa.update(LOANS)
        .where(LOANS.c.id == sa.bindparam("loan"))
        .values({name: sa.bindparam(name) for name in LOAN_CACHE})
    )
    for rows in (changes.closing, changes.changing):
        if rows:
            keep = [{name: row[name] for name in ("loan", *LOAN_CACHE)} for row in rows]
            session.connection().execute(update, keep)
    if changes.new:
        rows = [{k: v for k, v in row.items() if k != "loan"} for row in changes.new]
        session.connection().execute(sa.insert(LOANS), rows)


LOAN_CACHE = (
    "site_id", "opened_at", "extensions", "lost_at", "closed_at", "closed_by", "outcome", "due_at",
)  # fmt: skip


def _store_gaps(call: Call, entries: Iterable[Entry]) -> None:
    """Gaps of this call's scans and of those a replay judged anew; reviews follow them."""
    new: list[dict[str, Any]] = []
    gone: list[tuple[uuid.UUID, Gap]] = []
    for entry in entries:
        if entry.gaps_before == entry.gaps:
            continue
        before = {(scan, gap) for scan, gaps in entry.gaps_before.items() for gap in gaps}
        after = {(scan, gap) for scan, gaps in entry.gaps.items() for gap in gaps}
        gone += sorted(before - after)
        new += [_gap_row(call, entry, scan, gap) for scan, gap in sorted(after - before)]
    new += [_unknown_row(call, row) for row in call.rows if row["item_id"] is None]
    if gone:
        keys = sa.tuple_(ScanGap.scan_id, ScanGap.gap)
        call.session.execute(sa.delete(ScanGap).where(keys.in_(gone)))
        close_vanished(call.session, gone, now=call.now)
    if new:
        call.session.execute(insert_or(call.session, ScanGap).on_conflict_do_nothing(), new)
        reviewed = [row for row in new if row["gap"] in REVIEWED]
        open_reviews(call.session, [review_row(row, now=call.now) for row in reviewed])


def _gap_row(call: Call, entry: Entry, scan: uuid.UUID, gap: Gap) -> dict[str, Any]:
    event = entry.event(scan)
    site, at = (event.site, event.at) if event else _of_call(call, scan)
    return {
        "scan_id": scan,
        "gap": gap,
        "district_id": entry.district,
        "item_id": entry.id,
        "site_id": site,
        "occurred_at": at,
    }


def _of_call(call: Call, scan: uuid.UUID) -> tuple[int, Any]:
    row = next(row for row in call.rows if row["id"] == scan)
    return row["site_id"], row["occurred_at"]


def _unknown_row(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "scan_id": row["id"],
        "gap": Gap.UNKNOWN_CODE,
        "district_id": call.actor.district_id,
        "item_id": None,
        "site_id": row["site_id"],
        "occurred_at": row["occurred_at"],
    }


def _fill_in(session: Session, rows: list[dict[str, Any]]) -> None:
    """A repetition may bring the reason or override that its first sending lacked."""
    for row in rows:
        values = {name: value for name, value in row.items() if name != "id"}
        session.execute(sa.update(Scan).where(Scan.id == row["id"]).values(values))
