"""Which places are open at a moment, by their weekdays, hours and closures."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.places.opening import Hours, load_hours
from lending.places.tables import Closure


def places_open(
    session: Session, site_ids: Collection[int], *, local: datetime, now: datetime
) -> set[int]:
    """Those of the places that are open now; `local` is the district's time. Two statements.

    A place that told no hours is open on its days; one that told nothing always is. Hours that end
    before they begin go on past midnight.
    """
    hours = load_hours(session, site_ids=site_ids, now=now)
    days = (local.date(), local.date() - timedelta(days=1))
    query = sa.select(Closure.site_id, Closure.day).where(
        Closure.site_id.in_(site_ids), Closure.day.in_(days), Closure.withdrawn_at.is_(None)
    )
    closed: set[tuple[int, date]] = {(row.site_id, row.day) for row in session.execute(query)}
    return {
        site_id
        for site_id in site_ids
        if any(
            _covers(hours.get(site_id), day, local)
            for day in days
            if (site_id, day) not in closed
        )
    }  # fmt: skip


def _covers(hours: Hours | None, day: date, local: datetime) -> bool:
    """Whether what begins on `day` goes on at `local`."""
    today, clock = day == local.date(), local.time()
    if hours is None:
        return today
    if not hours.weekdays >> day.weekday() & 1:
        return False
    if hours.opens is None or hours.closes is None:
        return today
    if hours.opens < hours.closes:
        return today and hours.opens <= clock < hours.closes
    return clock >= hours.opens if today else clock < hours.closes
