"""The sweep: open loans whose next date has come become notices, set-based, in bounded rounds."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import fetch, table_of
from lending.loop.care.remind import notice_row
from lending.loop.loans.due import load_terms
from lending.loop.loans.stopped import told_nothing
from lending.loop.read.paging import beyond
from lending.loop.tables import Forgiveness, Item, Loan, ScanBorrower
from lending.loop.terms import TermBook
from lending.notices.tables import Message, MessageState, Notice, NoticeKind, NoticeState
from lending.people.tables import Resident
from lending.places.tables import District
from lending.reminders.schedule import stages_due

Place = tuple[datetime, uuid.UUID]  # of a loan in the order of due dates
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Planned:
    """`planned` reminders out of `looked_at` loans; `next`: where to go on, None at the end."""

    planned: int
    looked_at: int
    next: Place | None


def plan_notices(
    session: Session,
    *,
    district_id: int,
    now: datetime,
    after: Place | None = None,
    limit: int = BATCH,
) -> Planned:
    """Plans the reminders of one batch of loans that are due soon or late, by due date.

    Only loans that somebody with a contact has out and that are neither written off, forgiven nor
    disputed. Of several reminders due at once only the latest waits to be sent; the others of that
    loan are passed over, also those planned before and not yet sent. The same again changes
    nothing, so a round may begin anywhere and several workers may sweep at once.
    """
    book = load_terms(session, district_id)
    zone = ZoneInfo(
        session.scalar(sa.select(District.timezone).where(District.id == district_id)) or "UTC"
    )
    rows = fetch(session, _loans(district_id, book, now, after, limit))
    known = _known_kinds(session, rows)
    new: list[dict[str, object]] = []
    earlier: list[uuid.UUID] = []
    planned = 0
    for row in rows:
        stages = stages_due(row.due_at, book.at(row.kind_id, row.opened_at), now=now, zone=zone)
        if not stages or stages[-1] in known[row.id]:
            continue
        planned += 1
        for kind in stages:
            state = NoticeState.WAITING if kind is stages[-1] else NoticeState.PASSED_OVER
            if kind in known[row.id]:
                earlier.append(known[row.id][kind])
            else:
                new.append(notice_row(row.id, kind, state, district_id, now))
    if new:
        _pass_over(session, earlier)
        insert_rows(session, table_of(Notice), new, skip_known=True)
    full = len(rows) == limit
    return Planned(planned, len(rows), (rows[-1].due_at, rows[-1].id) if full else None)


def _loans(
    district_id: int, book: TermBook, now: datetime, after: Place | None, limit: int
) -> sa.Select[*tuple[Any, ...]]:
    """Open loans in the order of due dates, up to those that any terms may already remind of."""
    # A local day more than the terms say: the exact day is told from each loan's own terms.
    ahead = timedelta(days=max(terms.remind_before_days for terms in book.every()) + 1)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Loan.id, Loan.due_at, Loan.opened_at, Item.kind_id)
        .join(Item, Item.id == Loan.item_id)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .join(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            Loan.district_id == district_id,
            Loan.closed_at.is_(None),
            Loan.lost_at.is_(None),
            Loan.due_at <= now + ahead,
            Resident.contact_sealed.is_not(None),
            ~sa.exists().where(Forgiveness.lend_id == Loan.id),
            ~told_nothing(Loan.id),
        )
        # As a row: hundreds of loans are due in the same second, and the index knows both.
        .where(beyond((Loan.due_at, Loan.id), after))
        .order_by(Loan.due_at, Loan.id)
        .limit(limit)
    )
    return query


def _known_kinds(
    session: Session, rows: Sequence[Any]
) -> defaultdict[uuid.UUID, dict[NoticeKind, uuid.UUID]]:
    """The notices these loans have had, by loan and kind."""
    known: defaultdict[uuid.UUID, dict[NoticeKind, uuid.UUID]] = defaultdict(dict)
    if rows:
        query = sa.select(Notice.lend_id, Notice.kind, Notice.id).where(
            Notice.lend_id.in_([row.id for row in rows])
        )
        for lend, kind, notice in fetch(session, query):
            known[lend][kind] = notice
    return known


def _pass_over(session: Session, notices: Sequence[uuid.UUID]) -> None:
    """Earlier reminders that never went out give way to the later one of their loan.

    Named one by one: what another worker planned meanwhile is not among them.
    """
    if not notices:
        return
    on_its_way = sa.exists().where(
        Message.id == Notice.message_id, Message.state == MessageState.SENDING
    )
    session.execute(
        sa.update(Notice)
        .where(Notice.id.in_(notices), Notice.state == NoticeState.WAITING, ~on_its_way)
        .values(state=NoticeState.PASSED_OVER)
        .execution_options(synchronize_session=False)
    )
