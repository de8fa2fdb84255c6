"""A day on which the depot is closed: no round is planned, and the next open day is named."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.errors import Code
from lending.moving.rounds.hours import next_open_day
from lending.people.tables import Role
from lending.places.opening import Hours, announce_closures, set_opening, withdraw_closure
from lending.web.i18n import write_day
from tests.callers import Caller, staff_caller
from tests.moving.conftest import TODAY, TOMORROW, Moving, code_of
from tests.moving.test_rounds_pages import ask, hidden, planned, rounds_of, tomorrow, van
from tests.personas import HARU, WASH, Loop


@pytest.fixture
def olga(app: Flask, now_loop: Loop, engine: sa.Engine) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, now_loop.town, Role.OFFICER)


def close(loop: Loop, *days: date, site: str = WASH) -> None:
    given = {"site_id": loop.town.sites[site], "days": days, "today": min(days), "now": loop.now}
    loop.write(lambda s: announce_closures(s, **given))


def test_no_round_is_planned_for_a_day_on_which_the_depot_is_closed(
    loop: Loop, moving: Moving
) -> None:
    ask(loop, HARU)
    close(loop, TODAY, TOMORROW)
    for day in (TODAY, TOMORROW):
        assert code_of(moving.plan, day) == (Code.CONFLICT, "depot")
        given = {"site_id": loop.town.sites[WASH], "now": loop.now}
        assert moving.read(next_open_day, day=day, **given) == TOMORROW + timedelta(days=1)
    assert moving.plan(TOMORROW + timedelta(days=1)).rounds
    loop.now += timedelta(minutes=1)
    site = loop.town.sites[WASH]
    loop.write(lambda s: withdraw_closure(s, site_id=site, day=TODAY, now=loop.now))
    assert moving.plan(TODAY).rounds


def test_weekdays_count_and_a_depot_closed_for_good_names_no_day(
    loop: Loop, moving: Moving
) -> None:
    site = loop.town.sites[WASH]
    loop.write(
        lambda s: set_opening(s, site_id=site, hours=Hours(loop.now, 0b1111110), now=loop.now)
    )
    assert code_of(moving.plan, TODAY) == (Code.CONFLICT, "depot")  # a Monday
    assert moving.read(next_open_day, site_id=site, day=TODAY, now=loop.now) == TOMORROW
    loop.now += timedelta(minutes=1)
    loop.write(lambda s: set_opening(s, site_id=site, hours=Hours(loop.now, 0), now=loop.now))
    assert moving.read(next_open_day, site_id=site, day=TODAY, now=loop.now) is None


def test_both_pages_say_so_and_lead_to_the_next_open_day(olga: Caller, now_loop: Loop) -> None:
    van(now_loop)
    ask(now_loop, HARU)
    closed = datetime.fromisoformat(tomorrow()).date()
    after = closed + timedelta(days=1)
    close(now_loop, closed)
    for path in ("/moving/rounds", "/moving/rounds/plan"):
        page = olga.open(f"{path}?day={closed}").get_data(as_text=True)
        assert "이날은 세척장이 쉬어요" in page
        assert f"다음에 여는 날: {write_day(after, style='date')}" in page
        assert f"{path}?day={after.isoformat()}&amp;depot={now_loop.site(WASH)}" in page
        assert "차례 계획하기" not in page
        assert "이대로 회차" not in page
    assert "이대로 회차" in olga.open(f"/moving/rounds/plan?day={after}").get_data(as_text=True)


def test_a_plan_of_a_day_closed_since_is_not_opened(olga: Caller, now_loop: Loop) -> None:
    van(now_loop)
    ask(now_loop, HARU)
    _, fields = planned(olga)
    closed = datetime.fromisoformat(tomorrow()).date()
    close(now_loop, closed)
    answer = olga.open("/moving/rounds", "POST", data=fields)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "이날은 세척장이 쉬어요" in page
    assert "round-open" not in page
    assert rounds_of(now_loop) == []


def test_who_opened_the_rounds_before_it_closed_still_sees_them(
    olga: Caller, now_loop: Loop
) -> None:
    van(now_loop)
    ask(now_loop, HARU)
    page, fields = planned(olga)
    assert hidden(page) == fields
    assert olga.open("/moving/rounds", "POST", data=fields).status_code == 302
    close(now_loop, datetime.fromisoformat(tomorrow()).date())
    again = olga.open("/moving/rounds", "POST", data=fields)  # a second tap
    assert again.status_code == 302
    assert "1호차" in olga.open(again.headers["Location"]).get_data(as_text=True)
