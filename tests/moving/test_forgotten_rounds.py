"""A round that nobody drove or ended keeps nothing to itself: after two days others take it along."""

import uuid
from datetime import timedelta

from lending.moving.rounds.beeps import Move
from lending.moving.rounds.lifecycle import list_rounds
from lending.requests.collections import CollectWhy, NewCollect, ask_collection
from tests.moving.conftest import TODAY, Moving
from tests.personas import DAY, HARU, NABI, Loop


def ask(moving: Moving, site: str) -> None:
    new = NewCollect(uuid.uuid4(), CollectWhy.SURPLUS, moving.loop.site(site), 2)
    moving.write(ask_collection, new=new, actor=moving.town.officer)


def wanted(moving: Moving, ahead: int) -> list[tuple[str, int, int]]:
    plan = moving.plan(TODAY + timedelta(days=ahead))
    stops = [stop for one in plan.rounds for stop in one.stops]
    return sorted((stop.wish.site.code, stop.leave, stop.take) for stop in stops)


def test_what_a_forgotten_round_was_for_is_wanted_again(loop: Loop, moving: Moving) -> None:
    moving.sealed_crate(HARU)
    ask(moving, NABI)
    assert wanted(moving, 0) == [(HARU, 1, 0), (NABI, 0, 2)]
    moving.drive()
    loop.now += 2 * DAY
    assert wanted(moving, 2) == []  # it may be driven still
    loop.now += DAY
    assert wanted(moving, 3) == [(HARU, 1, 0), (NABI, 0, 2)]
    [again] = moving.drive(moving.plan(TODAY + timedelta(days=3)))
    assert sum(len(stop.crates) for stop in again.stops) == 1
    assert wanted(moving, 3) == []


def test_a_crate_does_not_join_a_forgotten_round(loop: Loop, moving: Moving) -> None:
    ask(moving, HARU)
    moving.drive()
    loop.now += 3 * DAY
    moving.sealed_crate(HARU)
    assert wanted(moving, 3)[0][:2] == (HARU, 1)


def test_a_crate_that_came_unseen_joins_no_round(loop: Loop, moving: Moving) -> None:
    ask(moving, HARU)
    moving.drive()
    crate = loop.new_crate()
    moving.pack(moving.list_for(), crate, *loop.passed_cups(1))
    moving.beep(Move.RECEIVE, crate)
    [one] = moving.read(list_rounds, district_id=moving.town.id, day=TODAY)
    assert [stop.crates for stop in one.stops] == [()]
