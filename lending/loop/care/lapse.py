"""Loans that lapse: written off as lost, never before their borrower was told in time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import lock_pieces, told_nothing, warned_at
from lending.loop.read.paging import beyond
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Item, Loan, Scan, ScanBorrower
from lending.loop.terms import TermBook
from lending.people.keys import Keys
from lending.people.tables import Resident
from lending.places.tables import Site

Place = tuple[datetime, uuid.UUID]  # of a loan in the order of due dates


@dataclass(frozen=True, slots=True)
class Lapsed:
    """`lost` loans written off of `looked_at`; `next`: where to go on, None at the end."""

    lost: int
    looked_at: int
    next: Place | None


def lose_id(lend_id: uuid.UUID) -> uuid.UUID:
    """The id of a lend's write-off: the same by every worker, once for ever."""
    return uuid.uuid5(lend_id, "lose")


def write_off_loans(
    session: Session,
    *,
    district_id: int,
    keys: Keys,
    now: datetime,
    after: Place | None = None,
    limit: int = 500,
) -> Lapsed:
    """Records a `lose` for the open loans of one batch that are `lost_days` past due.

    Where the borrower has a contact, only when a notice was sent at least `notice_lead_days`
    before; where a message cannot reach them the loan stays open on the list of the unreachable,
    for an officer to decide. A loan without a borrower who could be told (anonymous, a card
    without contact, erased) is written off by its date alone: no pause can follow from it. Not
    while somebody's word about the loan waits for a head, and not again once voided.
    """
    book = load_terms(session, district_id)
    rows = fetch(session, _overdue(district_id, book, now, after, limit))
    due = _unclaimed(session, [row for row in rows if _has_lapsed(row, book, now)])
    known = set(
        session.scalars(sa.select(Scan.id).where(Scan.id.in_([lose_id(r.id) for r in due])))
    )
    scans = [
        ScanIn(lose_id(row.id), Action.LOSE, row.code, now, site=row.site, of=row.id)
        for row in due
        if lose_id(row.id) not in known
    ]
    receipts = []
    if scans:
        receipts = record_scans(session, scans, actor=system_actor(district_id), keys=keys, now=now)
    lost = sum(receipt.result is Result.RECORDED for receipt in receipts)
    full = len(rows) == limit
    return Lapsed(lost, len(rows), (rows[-1].due_at, rows[-1].id) if full else None)


def _overdue(
    district_id: int, book: TermBook, now: datetime, after: Place | None, limit: int
) -> sa.Select[*tuple[Any, ...]]:
    """Open loans past the shortest time after which any terms write a loan off."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Loan.id, Loan.item_id, Loan.due_at, Loan.opened_at, Item.kind_id, Item.code,
            Site.code.label("site"),
            Resident.contact_kind, warned_at().label("told"),
        )
        .join(Item, Item.id == Loan.item_id)
        .join(Site, Site.id == Loan.site_id)
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .outerjoin(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            Loan.district_id == district_id,
            Loan.closed_at.is_(None),
            Loan.lost_at.is_(None),
            Loan.due_at <= now - timedelta(days=min(terms.lost_days for terms in book.every())),
            ~told_nothing(Loan.id),
        )
        # As a row: hundreds of loans are due in the same second, and the index knows both.
        .where(beyond((Loan.due_at, Loan.id), after))
        .order_by(Loan.due_at, Loan.id)
        .limit(limit)
    )  # fmt: skip
    return query


def _unclaimed(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Those of whom nobody has said anything even now, and nobody can until this ends."""
    if not rows:
        return []
    lock_pieces(session, [row.item_id for row in rows])
    still = sa.select(Loan.id).where(
        Loan.id.in_([row.id for row in rows]), Loan.closed_at.is_(None), ~told_nothing(Loan.id)
    )
    kept = set(session.scalars(still))
    return [row for row in rows if row.id in kept]


def _has_lapsed(row: Any, book: TermBook, now: datetime) -> bool:
    terms = book.at(row.kind_id, row.opened_at)
    if now < row.due_at + timedelta(days=terms.lost_days):
        return False
    if row.contact_kind is None:
        return True
    return row.told is not None and now >= row.told + timedelta(days=terms.notice_lead_days)
