"""Opening days: what was in force and announced at a moment gives the next open day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.places.days import EVERY_DAY, ClosedDay, OpeningDays, WeekVersion

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # a Monday
MONDAY = date(2026, 11, 23)
WEEKDAYS = 0b0011111
LATER = NOW + timedelta(days=1)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def test_without_any_rule_every_day_is_open() -> None:
    assert OpeningDays().next_open(MONDAY, NOW) == MONDAY


def test_a_closed_weekend_moves_to_monday() -> None:
    days = OpeningDays([WeekVersion(NOW, WEEKDAYS)])
    assert [days.next_open(day(n), NOW) for n in range(4, 8)] == [day(4), day(7), day(7), day(7)]


def test_the_version_in_force_at_the_moment_counts() -> None:
    days = OpeningDays([WeekVersion(LATER, EVERY_DAY), WeekVersion(NOW, WEEKDAYS)])
    assert days.next_open(day(5), NOW) == day(7)
    assert days.next_open(day(5), LATER) == day(5)
    # A fact older than the first version takes the first.
    assert days.next_open(day(5), NOW - timedelta(days=400)) == day(7)


def test_a_closure_counts_after_it_was_announced_and_until_withdrawn() -> None:
    end = NOW + timedelta(days=2)
    days = OpeningDays(closures=[ClosedDay(day(5), LATER, end), ClosedDay(day(6), LATER)])
    assert days.next_open(day(5), NOW) == day(5)
    assert days.next_open(day(5), LATER) == day(7)
    assert days.next_open(day(5), end) == day(5)
    assert days.next_open(day(6), end) == day(7)


def test_a_place_never_open_leaves_the_day_itself() -> None:
    assert OpeningDays([WeekVersion(NOW, 0)]).next_open(day(3), NOW) == day(3)


@pytest.mark.parametrize("weekday", range(7))
def test_bit_zero_is_monday(weekday: int) -> None:
    days = OpeningDays([WeekVersion(NOW, 1 << weekday)])
    assert days.next_open(MONDAY, NOW) == day(weekday)


@given(st.integers(1, EVERY_DAY), st.sets(st.integers(0, 20)), st.integers(0, 20))
def test_the_next_open_day_is_the_first_open_one(week: int, closed: set[int], start: int) -> None:
    days = OpeningDays([WeekVersion(NOW, week)], [ClosedDay(day(n), NOW) for n in closed])
    found = days.next_open(day(start), NOW)
    assert days.is_open(found, NOW)
    assert found >= day(start)
    between = (found - day(start)).days
    assert not any(days.is_open(day(start + n), NOW) for n in range(between))
