"""Corrections: a late scan shows that a cup was back before its reminder went out."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.db import fetch
from lending.loop.care.remind import notice_row
from lending.loop.read.paging import beyond
from lending.loop.steps import Outcome
from lending.loop.tables import Loan, ScanBorrower
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.tables import Resident
from lending.people.upserts import insert_or

WATCHED = timedelta(days=60)  # longer than scans of a device without a network are late
BATCH = 1000
Place = tuple[datetime, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Corrected:
    """`corrected` loans out of `looked_at` sent notices; `next`: where to go on, or None."""

    corrected: int
    looked_at: int
    next: Place | None


def plan_corrections(
    session: Session,
    *,
    district_id: int,
    now: datetime,
    after: Place | None = None,
    limit: int = BATCH,
) -> Corrected:
    """Plans one correction per loan whose return came before a reminder that went out.

    Looks at one batch of the reminders sent in the last 60 days. A confirmed contact only: an
    unconfirmed one has had its one message about the loan. A second lend proves no return.
    """
    since = after or (now - WATCHED, uuid.UUID(int=0))
    batch = (
        sa.select(Notice.id, Notice.lend_id, Notice.sent_at)
        .where(
            Notice.district_id == district_id,
            Notice.sent_at >= since[0],
            beyond((Notice.sent_at, Notice.id), since),
            Notice.kind.not_in([NoticeKind.CORRECTION, NoticeKind.RECALLED]),
        )
        .order_by(Notice.sent_at, Notice.id)
        .limit(limit)
    )
    told = fetch(session, batch)
    if not told:
        return Corrected(0, 0, None)
    correction = aliased(Notice)
    returned_before = (
        sa.select(Loan.id)
        .join(Notice, Notice.lend_id == Loan.id)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .join(Resident, Resident.id == ScanBorrower.resident_id)
        .where(
            Notice.id.in_([row.id for row in told]),
            Loan.closed_at < Notice.sent_at,
            Loan.outcome != Outcome.SUPERSEDED,
            Resident.contact_sealed.is_not(None),
            Resident.confirmed_at.is_not(None),
            ~sa.exists().where(
                correction.lend_id == Loan.id, correction.kind == NoticeKind.CORRECTION
            ),
        )
        .distinct()
    )
    rows = [
        notice_row(lend, NoticeKind.CORRECTION, NoticeState.WAITING, district_id, now)
        for lend in session.scalars(returned_before)
    ]
    if rows:
        session.execute(insert_or(session, Notice).on_conflict_do_nothing(), rows)
    last = told[-1]
    return Corrected(len(rows), len(told), (last.sent_at, last.id) if len(told) == limit else None)
