"""Whether a machine is open by the settings it was told."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


def is_open(settings: dict[str, Any], moment: datetime) -> bool:
    """As a place is (lending/places/open_now): hours that end before they begin go on past
    midnight; without any it is open all day; one that was told nothing is open always."""
    if "open_weekdays" not in settings:
        return True
    local = moment.astimezone(ZoneInfo(settings["timezone"]))
    today, clock = local.date(), local.time()
    if settings["opens"] is None or settings["closes"] is None:
        return _opens_on(settings, today)
    opens, closes = (time.fromisoformat(settings[name]) for name in ("opens", "closes"))
    if opens < closes:
        return _opens_on(settings, today) and opens <= clock < closes
    yesterday = today - timedelta(days=1)
    since, until = _opens_on(settings, today), _opens_on(settings, yesterday)
    return (since and clock >= opens) or (until and clock < closes)


def _opens_on(settings: dict[str, Any], day: date) -> bool:
    closed = day.isoformat() in settings["closed_days"]
    return day.weekday() in settings["open_weekdays"] and not closed
