"""Opening weekdays and closures of sites: set from now on, never for the past."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.days import EVERY_DAY, ClosedDay, OpeningDays, WeekVersion
from lending.places.tables import Closure, Opening
from lending.places.texts import Problem


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening weekdays (bit 0: Monday) and hours of a site from `valid_from` on."""

    valid_from: datetime
    weekdays: int
    opens: time | None = None
    closes: time | None = None


def set_opening(session: Session, *, site_id: int, hours: Hours, now: datetime) -> None:
    """A new version of a site's opening days; INVALID when it would hold for the past.

    A version planned for the same moment is replaced, as long as that moment has not come.
    """
    if hours.valid_from < now:
        raise LendingError(Code.INVALID, field="valid_from", detail=Problem.IN_THE_PAST)
    if not 0 <= hours.weekdays <= EVERY_DAY:
        raise LendingError(Code.INVALID, field="weekdays", detail=Problem.OUT_OF_RANGE)
    if (hours.opens is None) != (hours.closes is None):
        raise LendingError(Code.INVALID, field="opens", detail=Problem.BOTH_OR_NONE)
    same = (Opening.site_id == site_id, Opening.valid_from == hours.valid_from)
    version = session.scalars(sa.select(Opening).where(*same)).first()
    if version is None:
        version = Opening(site_id=site_id, valid_from=hours.valid_from)
        session.add(version)
    version.weekdays = hours.weekdays
    version.opens = hours.opens
    version.closes = hours.closes
    session.flush()


def announce_closures(
    session: Session, *, site_id: int, days: Collection[date], today: date, now: datetime
) -> None:
    """Marks days as closed, for lends from now on; `today` is the district's local day.

    INVALID for a day in the past. A day that stands announced stays as it is.
    """
    if any(day < today for day in days):
        raise LendingError(Code.INVALID, field="day", detail=Problem.IN_THE_PAST)
    standing = session.scalars(
        sa.select(Closure.day).where(
            Closure.site_id == site_id, Closure.day.in_(days), Closure.withdrawn_at.is_(None)
        )
    )
    new = sorted(set(days) - set(standing))
    session.add_all(Closure(site_id=site_id, day=day, announced_at=now) for day in new)
    session.flush()


def withdraw_closure(session: Session, *, site_id: int, day: date, now: datetime) -> None:
    """The site opens on `day` after all; what was lent before keeps its due day. NOT_FOUND."""
    standing = (
        Closure.site_id == site_id,
        Closure.day == day,
        Closure.withdrawn_at.is_(None),
    )
    changed = session.execute(
        sa.update(Closure).where(*standing).values(withdrawn_at=now).returning(Closure.id)
    )
    if changed.first() is None:
        raise LendingError(Code.NOT_FOUND, field="day")


def list_opening(session: Session, *, site_id: int) -> list[Hours]:
    """All versions of a site's opening days, the newest first."""
    query = sa.select(Opening).where(Opening.site_id == site_id)
    rows = session.scalars(query.order_by(Opening.valid_from.desc()))
    return [Hours(row.valid_from, row.weekdays, row.opens, row.closes) for row in rows]


def load_hours(session: Session, *, site_ids: Collection[int], now: datetime) -> dict[int, Hours]:
    """The version of the opening hours in force, of each of the sites that has one; one statement."""
    query = (
        sa.select(
            Opening.site_id, Opening.valid_from, Opening.weekdays, Opening.opens, Opening.closes
        )
        .where(Opening.site_id.in_(site_ids), Opening.valid_from <= now)
        .order_by(Opening.valid_from)
    )
    return {
        row.site_id: Hours(row.valid_from, row.weekdays, row.opens, row.closes)
        for row in session.execute(query)
    }


def list_closures(session: Session, *, site_id: int, since: date) -> list[date]:
    """The days from `since` on that stand announced as closed."""
    query = (
        sa.select(Closure.day)
        .where(Closure.site_id == site_id, Closure.day >= since, Closure.withdrawn_at.is_(None))
        .order_by(Closure.day)
    )
    return list(session.scalars(query))


def load_opening_days(session: Session, *, site_ids: Collection[int]) -> dict[int, OpeningDays]:
    """The opening days of each of the sites, for due dates; two statements."""
    weeks: dict[int, list[WeekVersion]] = {site_id: [] for site_id in site_ids}
    closed: dict[int, list[ClosedDay]] = {site_id: [] for site_id in site_ids}
    versions = sa.select(Opening.site_id, Opening.valid_from, Opening.weekdays)
    for row in session.execute(versions.where(Opening.site_id.in_(site_ids))):
        weeks[row.site_id].append(WeekVersion(row.valid_from, row.weekdays))
    closures = sa.select(Closure.site_id, Closure.day, Closure.announced_at, Closure.withdrawn_at)
    for day in session.execute(closures.where(Closure.site_id.in_(site_ids))):
        closed[day.site_id].append(ClosedDay(day.day, day.announced_at, day.withdrawn_at))
    return {site_id: OpeningDays(weeks[site_id], closed[site_id]) for site_id in site_ids}
