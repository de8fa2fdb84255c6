"""When a scan happened, told from a device's clock that may be wrong; pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

TOLERATED = timedelta(seconds=30)  # a call's age below this says nothing about the clock
OLDEST = timedelta(days=400)


class DeviceTimes(Protocol):
    """What a device tells of the time: see `happened_at`."""

    @property
    def at(self) -> datetime: ...

    @property
    def sent_at(self) -> datetime: ...

    @property
    def clock_error(self) -> float | None: ...

    @property
    def clock_lost(self) -> bool: ...


def moment_told(told: DeviceTimes, *, now: datetime) -> datetime:
    """When what a device tells now has happened, as `happened_at` says."""
    moment, _ = happened_at(
        told.at,
        sent_at=told.sent_at,
        recorded_at=now,
        clock_error=told.clock_error,
        clock_lost=told.clock_lost,
    )
    return moment


def moment_sent(body: Mapping[str, Any], *, now: datetime) -> datetime:
    """The same of a tablet's body: its `at`, `sent_at`, `clock_error` and `clock_lost`."""
    moment, _ = happened_at(
        body["at"],
        sent_at=body["sent_at"],
        recorded_at=now,
        clock_error=body["clock_error"],
        clock_lost=body["clock_lost"],
    )
    return moment


def happened_at(
    at: datetime,
    *,
    sent_at: datetime,
    recorded_at: datetime,
    clock_error: float | None,
    clock_lost: bool = False,
) -> tuple[datetime, bool]:
    """(when it happened, whether the clock is suspect), both for a scan first recorded now.

    `clock_error` (seconds the device was ahead, measured near the scan) is taken off; without it
    the age of the call stands in, past 30 s either way. Later than now becomes now. A scan that
    claims to be made after it was sent, or more than 400 days ago, had no usable clock; nor had one
    whose device says that its clock was set anew since (`clock_lost`): the age of the call may tell
    nothing about then, it is only the best guess there is.
    """
    suspect = clock_lost or (clock_error is None and at - sent_at > TOLERATED)
    try:
        moment = at - _ahead(clock_error, recorded_at - sent_at)
    except (OverflowError, ValueError):  # a correction beyond every calendar
        return recorded_at, True
    if moment < recorded_at - OLDEST:
        suspect = True
    return min(moment, recorded_at), suspect


def _ahead(clock_error: float | None, skew: timedelta) -> timedelta:
    if clock_error is not None:
        return timedelta(seconds=clock_error)
    return -skew if abs(skew) > TOLERATED else timedelta()
