"""The office's alert about what is overdue, booked or lent by card; with the officers a day later."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Loan
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner
from lending.offices.tables import Booking, Department
from lending.offices.tallies import is_late

PREFIX = "office_"
OVERDUE = (
    "office_overdue"  # bookings and departments' cards of which something is out past its date
)
LATE = timedelta(days=1)  # overdue for so long, the officers are told as well


def sweep_office_alerts(session: Session, *, district_id: int, now: datetime) -> int:
    """Brings the district's alerts about bookings up to what is found now; how many were opened or
    closed."""
    due = sa.func.min(Loan.due_at).label("due_at")
    booked = (
        sa.select(Booking.site_id, due)
        .join(Loan, Loan.occasion_id == Booking.id)
        .where(Booking.district_id == district_id, Booking.closed_at.is_(None), *is_late(now))
        .group_by(Booking.site_id, Booking.id)
    )
    by_card = (
        sa.select(Department.site_id, due)
        .join(Loan, Loan.occasion_id == Department.cards_id)
        .where(Department.district_id == district_id, *is_late(now))
        .group_by(Department.site_id, Department.id)
    )
    overdue = sa.union_all(booked, by_card).subquery()
    query = sa.select(
        overdue.c.site_id,
        sa.func.count(),
        sa.func.sum(sa.case((overdue.c.due_at < now - LATE, 1), else_=0)),
    ).group_by(overdue.c.site_id)
    found: Mapping[tuple[int, str], Raised] = {
        (site, OVERDUE): Raised(count, AlertOwner.PLACE, up=bool(long))
        for site, count, long in session.execute(query)
    }
    return raise_alerts(session, district_id=district_id, prefix=PREFIX, found=found, now=now)
