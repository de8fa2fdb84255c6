"""Opening days and closures hold from now on; what was lent before keeps its rules."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.districts import create_district
from lending.places.opening import (
    Hours,
    announce_closures,
    list_closures,
    list_opening,
    load_opening_days,
    set_opening,
    withdraw_closure,
)
from lending.places.sites import add_site

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)  # a Monday
TODAY = date(2026, 11, 23)
LATER = NOW + timedelta(days=1)
WEEKDAYS = 0b0011111


@pytest.fixture
def site(session: Session) -> int:
    district = create_district(session, name="서구", now=NOW).id
    return add_site(session, district_id=district, code="C1", kind="cafe", name="미나", now=NOW).id


def test_opening_days_are_versions(session: Session, site: int) -> None:
    hours = Hours(NOW, WEEKDAYS, time(9), time(18))
    set_opening(session, site_id=site, hours=hours, now=NOW)
    set_opening(session, site_id=site, hours=Hours(LATER, 0b1), now=NOW)
    set_opening(session, site_id=site, hours=Hours(LATER, 0b11), now=NOW)
    assert list_opening(session, site_id=site) == [Hours(LATER, 0b11), hours]
    days = load_opening_days(session, site_ids=[site])[site]
    saturday = TODAY + timedelta(days=5)
    assert days.next_open(saturday, NOW) == saturday + timedelta(days=2)
    assert days.next_open(TODAY + timedelta(days=2), LATER) == TODAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (Hours(NOW - timedelta(microseconds=1), WEEKDAYS), "valid_from"),
        (Hours(NOW, 0b10000000), "weekdays"),
        (Hours(NOW, -1), "weekdays"),
        (Hours(NOW, WEEKDAYS, opens=time(9)), "opens"),
    ],
)
def test_never_in_the_past_and_never_nonsense(
    session: Session, site: int, hours: Hours, field: str
) -> None:
    with pytest.raises(LendingError) as caught:
        set_opening(session, site_id=site, hours=hours, now=NOW)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, field)


def test_closures_are_announced_and_withdrawn(session: Session, site: int) -> None:
    holidays = [TODAY + timedelta(days=number) for number in (3, 4)]
    for _ in range(2):
        announce_closures(session, site_id=site, days=holidays, today=TODAY, now=NOW)
    assert list_closures(session, site_id=site, since=TODAY) == holidays
    withdraw_closure(session, site_id=site, day=holidays[0], now=LATER)
    with pytest.raises(LendingError):
        withdraw_closure(session, site_id=site, day=holidays[0], now=LATER)
    assert list_closures(session, site_id=site, since=TODAY) == holidays[1:]
    days = load_opening_days(session, site_ids=[site])[site]
    assert days.next_open(holidays[0], NOW) == TODAY + timedelta(days=5)
    assert days.next_open(holidays[0], LATER) == holidays[0]
    again = LATER + timedelta(hours=1)
    announce_closures(session, site_id=site, days=holidays[:1], today=TODAY, now=again)
    assert list_closures(session, site_id=site, since=TODAY) == holidays
    past = [TODAY - timedelta(days=1)]
    with pytest.raises(LendingError) as caught:
        announce_closures(session, site_id=site, days=past, today=TODAY, now=NOW)
    assert caught.value.field == "day"


def test_a_site_without_rules_is_open_every_day(session: Session, site: int) -> None:
    assert load_opening_days(session, site_ids=[site])[site].is_open(TODAY, NOW)
    assert load_opening_days(session, site_ids=[]) == {}
