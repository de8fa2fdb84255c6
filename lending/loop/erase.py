"""Erasure: the link between person and piece is cut, then the person goes; the log stays."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.loans.due import load_terms
from lending.loop.tables import Item, Loan, Scan, ScanBorrower
from lending.loop.terms import TermBook
from lending.notices.inbox import clear_inbox_of
from lending.notices.tables import Erasure, Notice, NoticeState
from lending.people.erasure import erase_resident
from lending.people.tables import Resident


@dataclass(frozen=True, slots=True)
class Cut:
    """`cut` of `looked_at` links were past their time; `next`: where to go on, None at the end."""

    cut: int
    looked_at: int
    next: uuid.UUID | None


def erase_person(session: Session, *, resident_id: uuid.UUID, now: datetime) -> bool:
    """Erases a resident on request: contact, links to scans, messages, codes, cards revoked.

    Loans still open stay open and are nobody's. False when there is no such resident. The worker
    cleans the files afterwards (notices/cleaning.py).
    """
    links = sa.select(ScanBorrower.scan_id).where(ScanBorrower.resident_id == resident_id)
    _drop_waiting(session, links)
    session.execute(
        sa.delete(ScanBorrower)
        .where(ScanBorrower.resident_id == resident_id)
        .execution_options(synchronize_session=False)
    )
    clear_inbox_of(session, resident_ids=[resident_id])
    erased = erase_resident(session, resident_id=resident_id, now=now)
    if erased:
        note_erasure(session, now=now)
    return erased


def note_erasure(session: Session, *, now: datetime) -> None:
    """Leaves word for the worker that the database's files are to be cleaned."""
    session.execute(sa.insert(Erasure), [{"at": now}])


def cut_old_links(
    session: Session,
    *,
    district_id: int,
    now: datetime,
    after: uuid.UUID | None = None,
    limit: int = 1000,
) -> Cut:
    """Cuts the links of one batch whose loan closed more than `retention_days` ago.

    A loan written off and never closed counts from the end of the pause it could cause; a lend
    that made no loan (refused by the story, voided) from when it happened. What was typed and
    never resolved goes with its row. Keyset over the scans' ids, so that a round is bounded.
    """
    book = load_terms(session, district_id)
    query = (
        sa.select(
            ScanBorrower.scan_id, Scan.occurred_at, Item.kind_id, Loan.id.label("loan"),
            Loan.closed_at, Loan.lost_at,
        )
        .join(Scan, Scan.id == ScanBorrower.scan_id)
        .outerjoin(Item, Item.id == Scan.item_id)
        .outerjoin(Loan, Loan.id == ScanBorrower.scan_id)
        .where(ScanBorrower.district_id == district_id)
        .order_by(ScanBorrower.scan_id)
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        query = query.where(ScanBorrower.scan_id > after)
    rows = fetch(session, query)
    old = [row.scan_id for row in rows if _is_over(row, book, now)]
    if old:
        _drop_waiting(session, old)
        session.execute(
            sa.delete(ScanBorrower)
            .where(ScanBorrower.scan_id.in_(old))
            .execution_options(synchronize_session=False)
        )
        note_erasure(session, now=now)
    return Cut(len(old), len(rows), rows[-1].scan_id if len(rows) == limit else None)


def erase_unneeded(session: Session, *, district_id: int, now: datetime, limit: int = 200) -> int:
    """Erases residents with a contact, no link to any scan, and not seen for `retention_days`.

    How many; people with a card and no contact stay, for nothing of them is kept.
    """
    keep = max(terms.retention_days for terms in load_terms(session, district_id).every())
    cutoff = now - timedelta(days=keep)
    linked = sa.exists().where(ScanBorrower.resident_id == Resident.id)
    query = (
        sa.select(Resident.id)
        .where(
            Resident.district_id == district_id,
            Resident.contact_digest.is_not(None),
            Resident.created_at < cutoff,
            sa.or_(Resident.confirmed_at.is_(None), Resident.confirmed_at < cutoff),
            ~linked,
        )
        .order_by(Resident.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(query).all()
    return sum(erase_person(session, resident_id=resident, now=now) for resident in found)


def _is_over(row: Any, book: TermBook, now: datetime) -> bool:
    terms = book.at(row.kind_id, row.occurred_at)
    keep = timedelta(days=terms.retention_days)
    if row.loan is None:
        return bool(row.occurred_at + keep < now)
    if row.closed_at is not None:
        return bool(row.closed_at + keep < now)
    pause = timedelta(days=terms.pause_end_days)
    return row.lost_at is not None and bool(row.lost_at + max(keep, pause) < now)


def _drop_waiting(
    session: Session, lends: sa.Select[*tuple[Any, ...]] | Sequence[uuid.UUID]
) -> None:
    """Nobody is told any more of these loans."""
    session.execute(
        sa.update(Notice)
        .where(Notice.lend_id.in_(lends), Notice.state == NoticeState.WAITING)
        .values(state=NoticeState.DROPPED)
        .execution_options(synchronize_session=False)
    )
