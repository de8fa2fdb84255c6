"""Writes down the reminders of the demo's past as sent, so that its first start sends no flood."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.demo.plan import KST
from lending.demo.town import moment
from lending.loop.tables import Loan, ScanBorrower
from lending.loop.terms import Terms
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.tables import Resident

SENT_AT = 9.0  # o'clock, after the quiet hours
_TERMS = Terms()
DAYS = {  # days after the due day
    NoticeKind.DUE_TOMORROW: -_TERMS.remind_before_days,
    NoticeKind.DUE_TODAY: 0,
    NoticeKind.LATE_FIRST: _TERMS.late_first_days,
    NoticeKind.LATE_SECOND: _TERMS.late_second_days,
    NoticeKind.FINAL: _TERMS.final_days,
}


def note_past_notices(session: Session, *, district_id: int, now: datetime) -> int:
    """One row per reminder that was due up to today while its loan was open; how many."""
    query = (
        sa.select(
            Loan.id, Loan.opened_at, Loan.due_at, Loan.closed_at, Resident.contact_kind,
            Resident.confirmed_at,
        )
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .outerjoin(Resident, Resident.id == ScanBorrower.resident_id)
        .where(Loan.district_id == district_id)
    )  # fmt: skip
    rows = [
        row | {"district_id": district_id}
        for loan in session.execute(query)
        for row in _notices_of(loan, now)
    ]
    if rows:
        session.execute(sa.insert(Notice), rows)
    return len(rows)


def _notices_of(loan: Any, now: datetime) -> Iterator[dict[str, Any]]:
    """Of a row (loan and its resident): an unconfirmed contact got one message, somebody without a contact none."""
    due_day = loan.due_at.astimezone(KST).date()
    sent_before = False
    for kind, days in DAYS.items():
        at = moment(due_day + timedelta(days=days), SENT_AT)
        over = loan.closed_at is not None and loan.closed_at <= at
        if over or at < loan.opened_at or at.date() > now.astimezone(KST).date():
            continue
        sent = loan.contact_kind is not None and (loan.confirmed_at is not None or not sent_before)
        sent_before = sent_before or sent
        at = min(at, now)
        yield {
            "id": uuid.uuid5(loan.id, kind.value),
            "lend_id": loan.id,
            "kind": kind,
            "state": NoticeState.SENT if sent else NoticeState.DROPPED,
            "created_at": at,
            "sent_at": at if sent else None,
        }
