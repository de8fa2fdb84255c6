"""What places needed day by day, read from the loans they gave out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.tables import Item, Loan
from lending.moving.supply.forecast import WEEKS, Errors, Series, measure
from lending.places.districts import load_district
from lending.places.opening import load_opening_days

MEASURED_DAYS = 28
Key = tuple[int, int]
"""(site id, kind id)."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Series by (site id, kind id): pieces lent on each day the place was open; the first day is
    that of the place's first loan."""

    series: dict[Key, Series]
    until: date  # not counted in


def load_demand(
    session: Session,
    *,
    district_id: int,
    until: date,
    now: datetime,
    days: int = WEEKS * 7,
    site_id: int | None = None,
) -> Demand:
    """The `days` local days before `until`, of one place or of all; four statements.

    An open day without a loan is a day of zero from the first loan on; a closed day is missing
    unless something was lent on it all the same.
    """
    zone = load_district(session, district_id=district_id).zone
    first = until - timedelta(days=days)
    day = local_day(session, Loan.opened_at, zone, now).label("day")
    query = (
        sa.select(Loan.site_id, Item.kind_id, day, sa.func.count())
        .join(Item, Item.id == Loan.item_id)
        .where(
            Loan.district_id == district_id,
            ~Item.carrier,
            Loan.opened_at >= _midnight(first, zone),
            Loan.opened_at < _midnight(until, zone),
        )
        .group_by(Loan.site_id, Item.kind_id, day)
    )
    if site_id is not None:
        query = query.where(Loan.site_id == site_id)
    lent: dict[Key, dict[date, int]] = {}
    for site, kind, at, count in fetch(session, query):
        lent.setdefault((site, kind), {})[_as_date(at)] = count
    opening = load_opening_days(session, site_ids={site for site, _ in lent})
    for (site, _), series in lent.items():
        at = min(series)
        while (at := at + timedelta(days=1)) < until:
            if at not in series and opening[site].is_open(at, now):
                series[at] = 0
    return Demand(dict(lent), until)


def measure_forecast(
    session: Session,
    *,
    district_id: int,
    now: datetime,
    days: int = MEASURED_DAYS,
) -> dict[str, Errors]:
    """The formula's error beside that of "as last week" over the last `days` full days: "place and
    kind" for each series by itself, "place" for the sums over kinds.

    Each day is forecast only from the days before it.
    """
    zone = load_district(session, district_id=district_id).zone
    today = now.astimezone(zone).date()
    reach = days + WEEKS * 7
    demand = load_demand(session, district_id=district_id, until=today, now=now, days=reach)
    measured = [today - timedelta(days=ahead) for ahead in range(days, 0, -1)]
    sums: dict[int, dict[date, int]] = {}
    for (site, _), series in demand.series.items():
        total = sums.setdefault(site, {})
        for day, count in series.items():
            total[day] = total.get(day, 0) + count
    kinds: Sequence[Series] = list(demand.series.values())
    return {
        "place and kind": measure(kinds, measured),
        "place": measure(list(sums.values()), measured),
    }


def local_day(session: Session, column: Any, zone: ZoneInfo, now: datetime) -> Any:
    """SQL: the local calendar day of a moment (a date on PostgreSQL, text on SQLite).

    SQLite knows no zones: there the zone's offset of `now` stands for the whole time, which moves
    an hour around midnight where clocks are changed; Korea changes none.
    """
    if session.get_bind().dialect.name == "postgresql":
        return sa.cast(sa.func.timezone(str(zone), column), sa.Date)
    offset = now.astimezone(zone).utcoffset() or timedelta()
    return sa.func.date(column, f"{offset.total_seconds():+.0f} seconds")


def _as_date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
