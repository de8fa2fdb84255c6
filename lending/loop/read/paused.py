"""Who may not borrow today: every paused resident of a district."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime, fetch
from lending.loop.judge import BorrowerFile
from lending.loop.loans.due import load_terms
from lending.loop.tables import Loan, ScanBorrower
from lending.loop.write.load import load_borrower_files


def paused_residents(session: Session, *, district_id: int, now: datetime) -> list[uuid.UUID]:
    """Their ids, sorted; the same rules as at the till. Three statements whatever the count."""
    terms = load_terms(session, district_id).at(None, now)
    late = now - timedelta(days=terms.pause_after_days)
    rows = fetch(session, LATE, {"district": district_id, "late": late})
    files = {row.resident_id: BorrowerFile(confirmed=True, has_contact=True) for row in rows}
    if files:
        load_borrower_files(session, files, ())
    return sorted(id for id, file in files.items() if file.is_paused(now, terms))


LATE = (
    sa.select(ScanBorrower.resident_id)
    .join(Loan, Loan.id == ScanBorrower.scan_id)
    .where(
        Loan.district_id == sa.bindparam("district"),
        Loan.closed_at.is_(None),
        Loan.due_at < sa.bindparam("late", type_=UtcDateTime()),
        ScanBorrower.resident_id.is_not(None),
    )
    .distinct()
)
"""Whoever has a loan open that is late enough to pause; whether it does is judged after."""
