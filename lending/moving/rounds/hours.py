"""Between which times of a day a place can be called at."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from lending.places.districts import load_district
from lending.places.opening import Hours, load_hours, load_opening_days

Window = tuple[int, int]
"""(opens, closes) in seconds from local midnight."""

ALL_DAY: Window = (0, 86_400)


def load_windows(
    session: Session, *, site_ids: Collection[int], day: date, now: datetime
) -> dict[int, Window]:
    """The window of each place that is open on `day`, by what is announced now; three statements.

    A place without hours is open all day; one that closes after midnight is so until midnight.
    """
    opening = load_opening_days(session, site_ids=site_ids)
    hours = load_hours(session, site_ids=site_ids, now=now)
    return {site: _window(hours.get(site)) for site in site_ids if opening[site].is_open(day, now)}


def next_open_day(session: Session, *, site_id: int, day: date, now: datetime) -> date | None:
    """This day where the place is open on it, else the first open day after it, by what is announced
    now; None: none within 60 days. Two statements."""
    opening = load_opening_days(session, site_ids=[site_id])[site_id]
    found = opening.next_open(day, now)
    return found if opening.is_open(found, now) else None


def midnight_of(session: Session, *, district_id: int, day: date) -> datetime:
    """The moment a local day begins, UTC."""
    zone = load_district(session, district_id=district_id).zone
    return datetime.combine(day, time(), zone).astimezone(UTC)


def seconds_of(moment: time) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _window(hours: Hours | None) -> Window:
    if hours is None or hours.opens is None or hours.closes is None:
        return ALL_DAY
    begin, end = seconds_of(hours.opens), seconds_of(hours.closes)
    return (begin, end) if end > begin else (begin, ALL_DAY[1])
