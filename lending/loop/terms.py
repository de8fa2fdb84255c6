"""Loan terms as versions in time, and the due date they give; pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the loan terms; the defaults are those of the district's programme
    (free period, limits, reminders and pause as its rules of 2024 say; days are local days)."""

    free_days: int = 7
    extension_days: int = 7
    extensions: int = 1
    max_open: int = 5
    max_open_unconfirmed: int = 2
    max_open_no_contact: int = 1
    max_open_group: int = 10
    remind_before_days: int = 1
    late_first_days: int = 3
    late_second_days: int = 7
    final_days: int = 14
    lost_days: int = 30
    pause_after_days: int = 3
    notice_lead_days: int = 3
    pause_end_days: int = 60
    retention_days: int = 90
    resume_days: int = 3
    claim_review_days: int = 7
    claim_close_days: int = 30
    claims_trusted: int = 2
    claims_window_days: int = 90
    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)


class TermBook:
    """The versions of one district, looked up by kind of item and moment."""

    def __init__(self, versions: Iterable[tuple[int | None, datetime, Terms]]) -> None:
        """`versions`: (kind id or None for every kind, valid from, terms) in any order."""
        self._starts: dict[int | None, list[datetime]] = {}
        self._terms: dict[int | None, list[Terms]] = {}
        for kind, valid_from, terms in sorted(versions, key=lambda version: version[1]):
            self._starts.setdefault(kind, []).append(valid_from)
            self._terms.setdefault(kind, []).append(terms)

    def at(self, kind: int | None, moment: datetime) -> Terms:
        """The terms in force for a kind at a moment: its own, else the district's, else defaults.

        A moment before the first version (a fact older than the district's records) takes the
        first one.
        """
        for key in (kind, None) if kind is not None else (None,):
            starts = self._starts.get(key)
            if starts and (key is None or moment >= starts[0]):
                return self._terms[key][max(0, bisect_right(starts, moment) - 1)]
        return Terms()

    def every(self) -> list[Terms]:
        """All versions of all kinds, with the defaults where the district has none."""
        found = [terms for versions in self._terms.values() for terms in versions]
        return found if None in self._terms else [*found, Terms()]


def due_at(
    opened_at: datetime,
    terms: Terms,
    *,
    zone: ZoneInfo,
    next_open: Callable[[date], date],
    extensions: int = 0,
    ends_on: date | None = None,
) -> datetime:
    """When a loan is due (UTC-aware): the end of the local day after the free period and its
    extensions, moved to the next opening day of the lending place. What was lent to an occasion
    that ends on a day is due the day after it, or after the day it was lent if that was later."""
    local_day = opened_at.astimezone(zone).date()
    last_day = local_day + timedelta(days=terms.free_days)
    if ends_on is not None:
        last_day = max(ends_on, local_day) + timedelta(days=1)
    due_day = next_open(last_day + timedelta(days=extensions * terms.extension_days))
    return datetime.combine(due_day, END_OF_DAY, zone).astimezone(opened_at.tzinfo)


def fresh_until(
    resumed_at: datetime, terms: Terms, *, zone: ZoneInfo, next_open: Callable[[date], date]
) -> datetime:
    """Until when a loan whose clock was resumed is not due (UTC-aware): the end of the local day
    `resume_days` later, moved to the next opening day."""
    day = resumed_at.astimezone(zone).date() + timedelta(days=terms.resume_days)
    return datetime.combine(next_open(day), END_OF_DAY, zone).astimezone(resumed_at.tzinfo)


def max_open(terms: Terms, *, confirmed: bool, has_contact: bool, group: bool = False) -> int:
    """How many cups one borrower may have out at once."""
    if group:
        return terms.max_open_group
    if not has_contact:
        return terms.max_open_no_contact
    return terms.max_open if confirmed else terms.max_open_unconfirmed
