"""Which places are open at a moment, by their weekdays, hours and closures."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.places.days import EVERY_DAY
from lending.places.tables import Closure, Opening


def places_open(
    session: Session, site_ids: Collection[int], *, local: datetime, now: datetime
) -> set[int]:
    """Those of the places that are open now; `local` is the district's time. Two statements.

    A place that told no hours is open on its days; one that told nothing always is. Hours that end
    before they begin go on past midnight.
    """
    weeks = _weeks(session, site_ids, now)
    days = (local.date(), local.date() - timedelta(days=1))
    query = sa.select(Closure.site_id, Closure.day).where(
        Closure.site_id.in_(site_ids), Closure.day.in_(days), Closure.withdrawn_at.is_(None)
    )
    closed: set[tuple[int, date]] = {(row.site_id, row.day) for row in session.execute(query)}
    return {
        site_id
        for site_id in site_ids
        if any(
            _covers(weeks.get(site_id), day, local)
            for day in days
            if (site_id, day) not in closed
        )
    }  # fmt: skip


Week = tuple[int, time | None, time | None]


def _weeks(session: Session, site_ids: Collection[int], now: datetime) -> dict[int, Week]:
    """The version of the opening hours in force, by site."""
    query = (
        sa.select(Opening.site_id, Opening.weekdays, Opening.opens, Opening.closes)
        .where(Opening.site_id.in_(site_ids), Opening.valid_from <= now)
        .order_by(Opening.valid_from)
    )
    return {row.site_id: (row.weekdays, row.opens, row.closes) for row in session.execute(query)}


def _covers(week: Week | None, day: date, local: datetime) -> bool:
    """Whether what begins on `day` goes on at `local`."""
    weekdays, opens, closes = week or (EVERY_DAY, None, None)
    if not weekdays >> day.weekday() & 1:
        return False
    today, clock = day == local.date(), local.time()
    if opens is None or closes is None:
        return today
    if opens < closes:
        return today and opens <= clock < closes
    return clock >= opens if today else clock < closes
