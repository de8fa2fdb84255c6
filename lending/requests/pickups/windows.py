"""The hours an asker can choose from: three-hour spans of today and the next two days; pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lending.errors import Code, LendingError

HOURS = ((9, 12), (12, 15), (15, 18), (18, 21))  # [I]
DAYS = 3
AHEAD = timedelta(hours=1)  # what ends sooner is too late to drive to
ANY = "any"


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when; `key`: how a form names it, its local beginning."""

    key: str
    from_at: datetime
    to_at: datetime


def windows_from(now: datetime, zone: ZoneInfo, *, closed: Collection[date] = ()) -> list[Window]:
    """What can be chosen now, in order; none on a day that is `closed`."""
    today = now.astimezone(zone).date()
    found = []
    for days in range(DAYS):
        day = today + timedelta(days=days)
        for first, last in HOURS if day not in closed else ():
            begins, ends = (
                datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in (first, last)
            )
            if ends >= now + AHEAD:
                found.append(Window(f"{day.isoformat()}T{first:02}", begins, ends))
    return found


def chosen_window(
    key: str, *, now: datetime, zone: ZoneInfo, closed: Collection[date] = ()
) -> Window | None:
    """The window a form names, None for "any time"; INVALID (window) for one that is no choice, or
    is none any more."""
    if key == ANY:
        return None
    for window in windows_from(now, zone, closed=closed):
        if window.key == key:
            return window
    raise LendingError(Code.INVALID, field="window")
