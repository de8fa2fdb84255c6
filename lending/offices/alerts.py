"""The office's alert about bookings that are overdue; with the officers a day later."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Loan
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner
from lending.offices.tables import Booking

PREFIX = "office_"
OVERDUE = "office_overdue"  # bookings of which something is out past its due date
LATE = timedelta(days=1)  # overdue for so long, the officers are told as well


def sweep_office_alerts(session: Session, *, district_id: int, now: datetime) -> int:
    """Brings the district's alerts about bookings up to what is found now; how many were opened or
    closed."""
    late = sa.func.min(Loan.due_at)
    overdue = (
        sa.select(Booking.site_id, Booking.id, late.label("due_at"))
        .join(Loan, Loan.occasion_id == Booking.id)
        .where(Booking.district_id == district_id, Booking.closed_at.is_(None))
        .where(Loan.closed_at.is_(None), Loan.lost_at.is_(None), Loan.due_at < now)
        .group_by(Booking.site_id, Booking.id)
        .subquery()
    )
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
