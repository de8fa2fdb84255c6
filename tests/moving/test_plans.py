"""Plans of rounds: what they call at and why not, opened once, by one of two officers."""

import uuid
from datetime import time, timedelta
from threading import Barrier, Thread

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.lifecycle import (
    list_rounds,
    load_round,
    open_rounds,
)
from lending.moving.rounds.plans import LeftOutWhy
from lending.places.opening import Hours, set_opening
from lending.places.spots import Spot, place_site
from tests.moving.asking import ask, stops
from tests.moving.conftest import TODAY, TOMORROW, Moving, code_of
from tests.personas import BOX, HARU, MINUTE, NABI, OFFICE, WASH, Loop


def test_stops_come_from_crates_requests_full_boxes_and_what_is_to_be_packed(
    loop: Loop, moving: Moving
) -> None:
    spot = Spot(1)
    loop.write(
        lambda s: place_site(s, district_id=loop.town.id, site_id=loop.town.sites[BOX], spot=spot)
    )
    loop.give_back(loop.lent_cup(), by=loop.town.machine)  # the box is full
    moving.sealed_crate(HARU)
    ask(moving, OFFICE, crates=4)
    moving.decide(NABI, 150)
    moving.list_for(NABI)
    plan = moving.plan()
    assert stops(plan) == [(BOX, 0, 1), (HARU, 1, 0), (NABI, 2, 0), (OFFICE, 0, 4)]
    assert plan.left_out == ()
    assert moving.plan() == plan.__class__(**{
        name: getattr(plan, name) for name in plan.__dataclass_fields__
    })  # fmt: skip


def test_who_is_closed_or_has_no_room_is_named(loop: Loop, moving: Moving) -> None:
    hours = Hours(loop.now, 0b1111110)  # not on Mondays
    site = loop.town.sites[HARU]
    loop.write(lambda s: set_opening(s, site_id=site, hours=hours, now=loop.now))
    for place in (HARU, NABI, OFFICE):
        ask(moving, place, crates=8)
    plan = moving.plan()
    left = {one.wish.site.code: one.why for one in plan.left_out}
    assert left[HARU] is LeftOutWhy.CLOSED
    assert sorted(left.values()) == [LeftOutWhy.CLOSED, LeftOutWhy.NO_ROOM]
    assert len(plan.rounds[0].stops) == 1


def test_hours_of_a_place_are_kept(loop: Loop, moving: Moving) -> None:
    hours = Hours(loop.now, 0b1111111, time(14), time(15))
    site = loop.town.sites[HARU]
    loop.write(lambda s: set_opening(s, site_id=site, hours=hours, now=loop.now))
    ask(moving, HARU)
    [one] = moving.plan(now=loop.now + MINUTE).rounds
    assert one.stops[0].planned_for == loop.now.replace(hour=5, minute=0)  # 14:00 in Seoul


def test_a_plan_opens_once_and_a_stale_one_is_refused(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate(HARU)
    ask(moving, NABI)
    plan, id = moving.plan(), uuid.uuid4()
    [one] = moving.drive(plan, id)
    assert moving.drive(plan, id) == [one]
    assert code_of(moving.drive, plan) == (Code.CONFLICT, "plan")
    assert [one.code for stop in one.stops for one in stop.crates] == [crate]
    assert [ask.site for stop in one.stops for ask in stop.requests] == [NABI]
    assert moving.plan().rounds == ()  # all of it is on a round
    assert code_of(moving.drive) == (Code.INVALID, "plan")


def test_two_vans_share_a_large_day(loop: Loop, moving: Moving) -> None:
    moving.van(10, "second", leaves=time(0), back=time(23, 59))
    for place in (HARU, NABI):
        ask(moving, place, crates=9)
    rounds = moving.drive()
    assert sorted(one.van for one in rounds) == ["second", "van"]
    assert [len(one.stops) for one in rounds] == [1, 1]
    with Session(loop.engine) as session:
        shown = load_round(session, round_id=rounds[0].id, district_id=loop.town.id)
    assert shown == rounds[0]


def test_bad_plans_are_refused(loop: Loop, moving: Moving) -> None:
    assert code_of(moving.plan, TODAY - timedelta(days=1)) == (Code.INVALID, "day")
    assert code_of(moving.plan, vans=[]) == (Code.NOT_FOUND, "vans")
    assert code_of(moving.van, 0) == (Code.INVALID, "crates")
    assert code_of(moving.van, 5, leaves=time(9), back=time(8)) == (Code.INVALID, "back")
    late = loop.now.replace(hour=14, minute=59, second=30)  # 23:59:30 in Seoul
    ask(moving, HARU)
    assert [one.why for one in moving.plan(now=late).left_out] == [LeftOutWhy.NO_ROOM]
    assert moving.plan(TOMORROW).rounds[0].stops[0].wish.site.code == HARU
    assert loop.site(WASH) == WASH


def test_two_officers_open_the_same_plan(loop: Loop, moving: Moving) -> None:
    moving.sealed_crate(HARU)
    ask(moving, NABI)
    plan, start, done = moving.plan(), Barrier(2), []

    def work() -> None:
        request = uuid.uuid4()
        start.wait()
        try:
            loop.write(
                lambda s: open_rounds(
                    s, plan, request_id=request, actor=loop.town.officer, now=loop.now
                )
            )
            done.append(None)
        except LendingError as error:
            done.append(error.code)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2 and {*done} == {None, Code.CONFLICT}
    assert len(moving.read(list_rounds, district_id=loop.town.id, day=TODAY)) == 1
