"""Rounds from wishes to the van's return: planned, driven, offline and back, what is missing after."""

import uuid
from datetime import time, timedelta
from threading import Barrier, Thread

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.driving import StopTold, move_stop, tell_stop
from lending.moving.rounds.lifecycle import (
    begin_round,
    end_round,
    list_rounds,
    load_result,
    load_round,
    open_rounds,
)
from lending.moving.rounds.plans import LeftOutWhy
from lending.photos.keep import photos_about
from lending.places.opening import Hours, set_opening
from lending.places.spots import Spot, place_site
from lending.requests.collections import CollectWhy, NewCollect, ask_collection, open_collections
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import TODAY, TOMORROW, Moving, code_of
from tests.personas import BOX, HARU, MINUTE, NABI, OFFICE, WASH, Loop

JPEG = b"\xff\xd8 a door"


def ask(moving: Moving, site: str = HARU, why=CollectWhy.FULL, crates: int = 0):
    new = NewCollect(uuid.uuid4(), why, moving.loop.site(site), crates)
    return moving.write(ask_collection, new=new, actor=moving.town.officer)


def tell(moving: Moving, stop, outcome=StopOutcome.DONE, jpeg=None, **more):
    given = {"id": uuid.uuid4(), "at": moving.loop.now} | more
    told = StopTold(stop_id=stop.id, outcome=outcome, **given)
    return moving.write(tell_stop, told=told, actor=moving.town.courier, jpeg=jpeg)


def waiting(moving: Moving) -> list[str]:
    return [one.site for one in moving.read(open_collections, district_id=moving.town.id)]


def stops(plan) -> list[tuple[str, int, int]]:
    [one] = plan.rounds
    return sorted((stop.wish.site.code, stop.leave, stop.take) for stop in one.stops)


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


def test_a_day_on_the_road(loop: Loop, moving: Moving) -> None:
    out, back = moving.sealed_crate(HARU), loop.new_crate()
    used = loop.clean_cup(NABI)
    loop.lend(used, by=loop.town.yuna)
    loop.give_back(used, by=loop.town.yuna)
    loop.pack(back, used, by=loop.town.yuna)
    ask(moving, NABI)
    [one] = moving.drive()
    moving.beep(Move.LOAD, out, round_id=one.id)
    loop.write(lambda s: begin_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier))
    shown = one
    while (stop := shown.next_stop) is not None:
        if stop.site.code == HARU:
            moving.beep(Move.DELIVER, out)
            moving.beep(Move.RECEIVE, out)
        else:
            moving.beep(Move.TAKE, back, site=NABI, round_id=one.id)
        shown = tell(moving, stop)
    assert [crate.code for crate in shown.taken] == [back]
    assert waiting(moving) == []
    moving.beep(Move.BRING, back)
    result = loop.write(
        lambda s: end_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier)
    )
    assert (result.sent, result.received, result.taken, result.brought) == (1, 1, 1, 1)
    assert result.missing == result.not_loaded == ()
    loop.check()


def test_what_was_sent_and_not_received_is_seen_after_the_round(loop: Loop, moving: Moving) -> None:
    lost, stays = moving.sealed_crate(HARU), moving.sealed_crate(NABI)
    [one] = moving.drive()
    moving.beep(Move.LOAD, lost)
    for stop in one.stops:
        tell(moving, stop)
    result = loop.write(
        lambda s: end_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier)
    )
    assert [crate.code for crate in result.missing] == [lost]
    assert [crate.code for crate in result.not_loaded] == [stays]
    assert (result.sent, result.received) == (1, 0)
    assert stops(moving.plan()) == [(NABI, 1, 0)]  # it waits for the next one
    loop.stock(lost)  # found, by an ordinary scan of the café
    with Session(loop.engine) as session:
        now = load_result(session, round_id=one.id, district_id=loop.town.id)
    assert (now.received, now.missing) == (1, ())


def test_nobody_there_keeps_the_request_and_the_photo(loop: Loop, moving: Moving) -> None:
    ask(moving, NABI)
    [one] = moving.drive()
    [stop] = one.stops
    id = uuid.uuid4()
    tell(moving, stop, StopOutcome.NOBODY, JPEG, id=id, note="문이 닫혔어요")
    with Session(loop.engine) as session:
        about = photos_about(session, district_id=loop.town.id, about=[id], now=loop.now)
    assert list(about) == [id]
    assert waiting(moving) == [NABI]
    assert moving.plan().rounds == ()  # the round is still out
    loop.write(lambda s: end_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier))
    assert stops(moving.plan()) == [(NABI, 0, 1)]


def test_of_two_tellings_the_later_one_counts_whichever_comes_first(
    loop: Loop, moving: Moving
) -> None:
    ask(moving, NABI)
    [one] = moving.drive()
    [stop] = one.stops
    at = loop.now
    done, nobody = uuid.uuid4(), uuid.uuid4()
    shown = tell(moving, stop, id=done, at=at + 5 * MINUTE)
    assert tell(moving, stop, StopOutcome.NOBODY, id=nobody, at=at) == shown
    shown = tell(moving, stop, id=done, at=at + 5 * MINUTE)
    assert (shown.stops[0].outcome, shown.stops[0].told_id) == (StopOutcome.DONE, done)
    assert shown.next_stop is None


def test_what_is_asked_after_the_driver_left_is_not_done(loop: Loop, moving: Moving) -> None:
    ask(moving, NABI)
    [one] = moving.drive()
    left = loop.now
    loop.now += 30 * MINUTE
    ask(moving, NABI, CollectWhy.SURPLUS)
    shown = tell(moving, one.stops[0], at=left)
    assert waiting(moving) == [NABI]
    assert shown.stops[0].requests == ()


def test_the_driver_calls_earlier_at_another_stop(loop: Loop, moving: Moving) -> None:
    for place in (HARU, NABI, OFFICE):
        ask(moving, place)
    [one] = moving.drive()
    last = one.stops[-1]

    def move(stop, position: int):
        return loop.write(
            lambda s: move_stop(s, stop_id=stop.id, position=position, actor=loop.town.courier)
        )

    shown = move(last, 1)
    assert shown.next_stop.id == last.id
    assert [stop.position for stop in shown.stops] == [1, 2, 3]
    assert [stop.id for stop in move(last, 99).stops] == [stop.id for stop in one.stops]
    tell(moving, last)
    assert code_of(move, last, 1) == (Code.CONFLICT, "stop")


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
