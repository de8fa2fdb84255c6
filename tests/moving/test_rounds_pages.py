"""The officer's rounds over HTTP: planned, opened once as shown, given to drivers, followed, settled."""

import re
import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.drivers import drivers_of
from lending.moving.rounds.lifecycle import list_rounds
from lending.people.tables import Role
from lending.requests.collections import CollectWhy, NewCollect, ask_collection
from tests.callers import Caller, staff_caller
from tests.moving.conftest import Moving
from tests.moving.drivers_day import SEOUL, DriversDay, add_courier, make_day, midnight
from tests.personas import HARU, NABI, OFFICE, WASH, Loop


@pytest.fixture
def olga(app: Flask, now_loop: Loop, engine: sa.Engine) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, now_loop.town, Role.OFFICER)


def tomorrow() -> str:
    """A day whose vans have not left yet, whenever the test runs."""
    return (datetime.now(UTC).astimezone(SEOUL).date() + timedelta(days=1)).isoformat()


def ask(loop: Loop, site: str, crates: int = 1, note: str = "") -> None:
    new = NewCollect(uuid.uuid4(), CollectWhy.OTHER, loop.site(site), crates, note)
    loop.write(lambda s: ask_collection(s, new, actor=loop.town.officer, now=loop.now))


def van(loop: Loop, crates: int = 10) -> Moving:
    moving = Moving(loop)
    moving.van(crates, "1호차", leaves=time(9), back=time(18))
    return moving


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that opens a plan."""
    form = page[page.index("round-open") :]
    return dict(re.findall(r'type="hidden" name="(id|day|depot|digest)" value="([^"]*)"', form))


def planned(olga: Caller) -> tuple[str, dict[str, str]]:
    page = olga.open(f"/moving/rounds/plan?day={tomorrow()}").get_data(as_text=True)
    return page, hidden(page)


def rounds_of(loop: Loop) -> list[Any]:
    with Session(loop.engine) as session:
        day = datetime.fromisoformat(tomorrow()).date()
        return list_rounds(session, district_id=loop.town.id, day=day)


def test_what_waits_is_planned_and_opened_as_it_was_shown(olga: Caller, now_loop: Loop) -> None:
    van(now_loop, crates=4)
    ask(now_loop, HARU, 2, "뒷문으로")
    ask(now_loop, NABI, 1)
    ask(now_loop, OFFICE, 4)
    waits = olga.open(f"/moving/rounds?day={tomorrow()}").get_data(as_text=True)
    assert all(word in waits for word in ("카페 하루", "카페 나비", "뒷문으로", "차례 계획하기"))
    page, fields = planned(olga)
    assert "1호차" in page
    assert "차에 자리나 시간이 모자라요" in page  # four and three do not fit into four
    assert rounds_of(now_loop) == []
    for _ in range(2):  # a second tap
        assert olga.open("/moving/rounds", "POST", data=fields).status_code == 302
    [opened] = rounds_of(now_loop)
    assert opened.driver is None
    day = olga.open(f"/moving/rounds?day={tomorrow()}").get_data(as_text=True)
    assert f"/moving/rounds/{opened.id}" in day


def test_a_plan_that_has_changed_is_shown_anew_and_nothing_opened(
    olga: Caller, now_loop: Loop
) -> None:
    van(now_loop)
    ask(now_loop, HARU)
    _, fields = planned(olga)
    ask(now_loop, NABI)
    answer = olga.open("/moving/rounds", "POST", data=fields)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "다시 계획했어요" in page
    assert rounds_of(now_loop) == []
    assert olga.open("/moving/rounds", "POST", data=hidden(page)).status_code == 302
    assert len(rounds_of(now_loop)[0].stops) == 2


def test_without_vans_or_on_a_past_day_the_next_step_is_named(olga: Caller, now_loop: Loop) -> None:
    ask(now_loop, HARU)
    assert "배송 설정에서 차량을 먼저 더해 주세요" in planned_page(olga, tomorrow())
    van(now_loop)
    assert "지난 날은 계획할 수 없어요" in planned_page(olga, "2024-01-01")
    for odd in ("yesterday", "9999-12-31", "\x00", "2024-13-01"):
        assert olga.client.get("/moving/rounds", query_string={"day": odd}).status_code == 200


def planned_page(olga: Caller, day: str) -> str:
    return str(olga.open(f"/moving/rounds/plan?day={day}").get_data(as_text=True))


def test_a_driver_is_given_and_taken_and_stops_change_places(
    olga: Caller, now_loop: Loop, engine: sa.Engine
) -> None:
    van(now_loop)
    for site in (HARU, NABI, OFFICE):
        ask(now_loop, site)
    _, fields = planned(olga)
    olga.open("/moving/rounds", "POST", data=fields)
    [one] = rounds_of(now_loop)
    kai, path = add_courier(now_loop, engine, "kai"), f"/moving/rounds/{one.id}"
    assert olga.open(f"{path}/driver", "POST", data={"driver": str(kai)}).status_code == 302
    assert driver(now_loop, one.id) == "kai"
    olga.open(f"{path}/driver", "POST", data={"driver": ""})
    assert driver(now_loop, one.id) is None
    for wrong in ("999999", "-1", "x", str(2**40)):
        status = olga.open(f"{path}/driver", "POST", data={"driver": wrong}).status_code
        assert status in (404, 422)
    last = one.stops[-1]
    moved = olga.open(f"{path}/stops/{last.id}", "POST", data={"position": "1"})
    assert moved.status_code == 302
    again = rounds_of(now_loop)[0]
    assert again.stops[0].id == last.id
    times = [stop.planned_for for stop in again.stops]
    assert times == sorted(times)
    for wrong in ("0", "first", ""):
        answer = olga.open(f"{path}/stops/{last.id}", "POST", data={"position": wrong})
        assert answer.status_code == 422
    nowhere = olga.open(f"{path}/stops/{uuid.uuid4()}", "POST", data={"position": "1"})
    assert nowhere.status_code == 404


def driver(loop: Loop, round_id: uuid.UUID) -> str | None:
    with Session(loop.engine) as session:
        found = drivers_of(session, round_ids=[round_id]).get(round_id)
    return found.name if found else None


def test_what_was_sent_and_not_received_is_seen_after_the_round(
    olga: Caller, now_loop: Loop, engine: sa.Engine
) -> None:
    day: DriversDay = make_day(now_loop, engine)
    arrived, lost = day.clean
    for crate in day.clean:
        day.moving.beep(Move.LOAD, crate, round_id=day.round.id)
    day.moving.beep(Move.RECEIVE, arrived)
    path = f"/moving/rounds/{day.round.id}"
    assert olga.open(f"{path}/begin", "POST").status_code == 302
    assert "아직 가는 중인 상자 1개" in olga.open(path).get_data(as_text=True)
    assert olga.open(f"{path}/end", "POST").status_code == 302
    page = olga.open(path).get_data(as_text=True)
    assert "아직 어디에도 도착하지 않은 상자 1개" in page
    result = page[page.index('id="crates"') : page.index('id="stops"')]
    assert f"/i/{lost}" in result
    assert f"/i/{arrived}" not in result
    day.moving.beep(Move.RECEIVE, lost)
    assert "모두 도착했어요" in olga.open(path).get_data(as_text=True)


def test_a_crate_packed_after_the_plan_goes_onto_the_round(
    now_loop: Loop, engine: sa.Engine
) -> None:
    day = make_day(now_loop, engine)
    crate = now_loop.new_crate()
    packing = day.moving.list_for(NABI, day=day.day)
    day.moving.pack(packing, crate, *now_loop.passed_cups(1))
    assert day.stop(NABI).crates == ()
    day.moving.seal(crate)
    assert [one.code for one in day.stop(NABI).crates] == [crate]
    # It needs no further round, nor does the box that this one calls at.
    assert day.moving.plan(day.day, now=midnight(day.day)).rounds == ()


def test_crates_that_a_round_will_bring_are_not_planned_twice(now_loop: Loop) -> None:
    moving, day = van(now_loop), datetime.fromisoformat(tomorrow()).date()
    moving.decide(HARU, 150, day=day)
    moving.list_for(HARU, day=day)
    plan = moving.plan(day)
    [stop] = plan.rounds[0].stops
    assert stop.leave == 2
    moving.drive(plan)
    assert moving.plan(day).rounds == ()
    assert now_loop.site(WASH) == WASH
