"""The days of a hygiene book: which a month has, and how much is in each."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.washing.hygiene.tables import HygieneTest


@dataclass(frozen=True, slots=True)
class DayCount:
    """How much of a day is in the book: batches, tests, and those of them that failed."""

    day: date
    batches: int
    tests: int
    failed: int


def count_book_days(session: Session, *, site_id: int, days: Sequence[date]) -> list[DayCount]:
    """Of these consecutive local days those in the book, with how much is: two short statements."""
    site = session.get_one(Site, site_id)
    zone = load_district(session, district_id=site.district_id).zone
    begins, ends = bounds_of(days[0], zone)[0], bounds_of(days[-1], zone)[1]
    begun = sa.select(WashBatch.started_at).where(
        WashBatch.site_id == site_id, WashBatch.started_at >= begins,
        WashBatch.started_at < ends, WashBatch.ended_at.is_not(None),
    )  # fmt: skip
    tested = (
        sa.select(
            sa.func.coalesce(WashBatch.started_at, HygieneTest.sampled_at), HygieneTest.passed
        )
        .outerjoin(WashBatch, WashBatch.id == HygieneTest.batch_id)
        .where(HygieneTest.site_id == site_id, ~HygieneTest.superseded)
        .where(HygieneTest.sampled_at >= begins, HygieneTest.sampled_at < ends + timedelta(days=1))
    )
    batches = Counter(at.astimezone(zone).date() for at in session.scalars(begun))
    tests: Counter[date] = Counter()
    failed: Counter[date] = Counter()
    for at, passed in session.execute(tested):
        tests[at.astimezone(zone).date()] += 1
        failed[at.astimezone(zone).date()] += passed is False
    found = [day for day in days if batches[day] or tests[day]]
    return [DayCount(day, batches[day], tests[day], failed[day]) for day in found]


def days_of(year: int, month: int) -> list[date]:
    """The days of a month; INVALID (field month) for none."""
    try:
        return [date(year, month, 1 + n) for n in range(monthrange(year, month)[1])]
    except ValueError:  # also what is no month at all (IllegalMonthError)
        raise LendingError(Code.INVALID, field="month") from None


def bounds_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a local day begins and ends."""
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    return begins, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
