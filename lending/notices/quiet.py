"""Quiet hours: when a message may go out in the district's own time; pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def after_quiet(now: datetime, *, quiet_from: time, quiet_to: time, zone: ZoneInfo) -> datetime:
    """`now`, or the end of the quiet hours it lies in (UTC); equal hours mean no quiet at all."""
    local = now.astimezone(zone)
    clock = local.time()
    over_midnight = quiet_from > quiet_to
    if over_midnight:
        quiet = clock >= quiet_from or clock < quiet_to
    else:
        quiet = quiet_from <= clock < quiet_to
    if not quiet:
        return now
    day = local.date() + timedelta(days=over_midnight and clock >= quiet_from)
    return datetime.combine(day, quiet_to, zone).astimezone(now.tzinfo)
