"""What the statements over machines share: the columns settings are made of, hours, closed days."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lending.machines.settings import Settings, read_settings
from lending.places.tables import Closure, Opening, Site
from lending.requests.tables import Machine

Rows = sa.Select[*tuple[Any, ...]]
SETTING_COLUMNS: tuple[Any, ...] = (
    Machine.accepts, Machine.takes_bottles, Machine.full_at, Machine.hot_at,
    Opening.weekdays, Opening.opens, Opening.closes,
)  # fmt: skip
AHEAD = timedelta(days=60)  # closed days are told so long before
DAY = timedelta(days=1)  # wherever the district lies, its today is among those told


def closing_days(now: datetime) -> tuple[date, date]:
    """The first and the last day of which a machine is told whether it is closed."""
    return (now - DAY).date(), (now + AHEAD).date()


def join_settings(query: Rows, now: Any, first: Any, last: Any) -> Rows:
    """The query over Site with its Machine and the Opening in force at `now`, where there are any,
    and `closed_days`, those announced from `first` to `last`."""
    closed = (
        sa.select(sa.func.aggregate_strings(sa.cast(Closure.day, sa.String), ","))
        .where(Closure.site_id == Site.id, Closure.withdrawn_at.is_(None))
        .where(Closure.day >= first, Closure.day <= last)
        .correlate(Site)
        .scalar_subquery()
    )
    in_force = (
        sa.select(Opening.id)
        .where(Opening.site_id == Site.id, Opening.valid_from <= now)
        .order_by(Opening.valid_from.desc())
        .limit(1)
        .correlate(Site)
        .scalar_subquery()
    )
    query = query.add_columns(closed.label("closed_days"))
    return query.outerjoin(Machine, Machine.site_id == Site.id).outerjoin(
        Opening, Opening.id == in_force
    )


def settings_of(row: Any) -> Settings:
    """The settings in a row with SETTING_COLUMNS and closed_days."""
    return read_settings(
        accepts=row.accepts, takes_bottles=row.takes_bottles, full_at=row.full_at,
        hot_at=row.hot_at, weekdays=row.weekdays, opens=row.opens, closes=row.closes,
        closed_days=row.closed_days,
    )  # fmt: skip
