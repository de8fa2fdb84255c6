"""Rounds driven to the van's return: told, offline and back, what is missing after."""

import uuid

from sqlalchemy.orm import Session

from lending.errors import Code
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.driving import move_stop
from lending.moving.rounds.lifecycle import (
    begin_round,
    end_round,
    load_result,
)
from lending.photos.keep import photos_about
from lending.requests.collections import CollectWhy
from lending.requests.round_tables import StopOutcome
from tests.moving.asking import ask, stops, tell, waiting
from tests.moving.conftest import Moving, code_of
from tests.personas import HARU, MINUTE, NABI, OFFICE, Loop

JPEG = b"\xff\xd8 a door"


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
