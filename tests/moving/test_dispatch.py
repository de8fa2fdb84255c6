"""A crate's way: packed, sealed, loaded, delivered, received, taken, brought; once, late, twice."""

import uuid

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.steps import State
from lending.moving.packing.crates import view_crates
from lending.moving.rounds.beeps import Move
from lending.requests.round_tables import Consignment, Way
from tests.moving.conftest import TOMORROW, Moving, code_of, inside
from tests.personas import HARU, MINUTE, NABI, WASH, Loop


def test_a_crate_goes_out_and_comes_back(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    moving.decide(HARU, 3)
    packing = moving.list_for(HARU)
    assert [(line.kind, line.pieces, line.packed) for line in packing.lines] == [("cup-355", 3, 0)]
    answer = moving.pack(packing, crate, *cups)
    assert [one.error for one in answer.pieces] == [None] * 3
    assert answer.list.lines[0].left == 0
    assert answer.crate.pieces == {"cup-355": 3}
    sealed = moving.seal(crate)
    assert (sealed.way, sealed.to_site) == (Way.OUT, HARU)

    loaded = moving.beep(Move.LOAD, crate, ask=True)
    assert loaded.carried == 3
    assert {loop.item(cup).state for cup in cups} == {State.SHIPPED}
    delivered = moving.beep(Move.DELIVER, crate)
    assert delivered.crate.delivered_at and delivered.crate.received_at is None
    assert loop.item(crate).state is State.SHIPPED  # only the place takes it in
    received = moving.beep(Move.RECEIVE, crate)
    assert received.carried == 3 and received.crate.received_at
    for cup in cups:
        piece = loop.item(cup)
        assert (piece.state, piece.clean, piece.site) == (State.READY, True, loop.town.sites[HARU])
        assert loop.gaps(cup) == []

    taken = moving.beep(Move.TAKE, crate, site=HARU, to=WASH)
    assert (taken.crate.way, taken.crate.from_site, taken.carried) == (Way.BACK, HARU, 3)
    brought = moving.beep(Move.BRING, crate)
    assert brought.crate.received_at
    assert {loop.item(cup).state for cup in cups} == {State.DIRTY}
    loop.check()


@pytest.mark.parametrize("move", list(Move))
def test_the_same_beep_again_changes_nothing(loop: Loop, moving: Moving, move: Move) -> None:
    crate = moving.sealed_crate()
    before = {
        Move.LOAD: [], Move.DELIVER: [Move.LOAD], Move.RECEIVE: [Move.LOAD],
        Move.TAKE: [Move.LOAD, Move.RECEIVE], Move.BRING: [Move.LOAD, Move.RECEIVE, Move.TAKE],
    }  # fmt: skip
    places = {Move.TAKE: {"site": HARU, "to": WASH}}
    for step in before[move]:
        moving.beep(step, crate, **places.get(step, {}))
    given = {"id": uuid.uuid4(), "at": loop.now} | places.get(move, {})
    once = moving.beep(move, crate, **given)
    again = moving.beep(move, crate, **given)
    assert again.again and not once.again
    assert again.crate == once.crate
    loop.check()


def test_what_happened_without_a_network_arrives_late_and_in_any_order(
    loop: Loop, moving: Moving
) -> None:
    crate = moving.sealed_crate()
    at = loop.now
    loop.now += 30 * MINUTE
    moving.beep(Move.RECEIVE, crate)
    moving.beep(Move.DELIVER, crate, at=at + 9 * MINUTE)
    late = moving.beep(Move.LOAD, crate, at=at)
    assert late.crate.loaded_at == at
    assert late.crate.delivered_at == at + 9 * MINUTE
    assert late.crate.received_at == at + 30 * MINUTE
    assert loop.gaps(crate) == []
    assert loop.item(crate).state is State.READY
    loop.check()


def test_a_question_about_an_unsealed_crate_is_refused_but_a_fact_is_kept(
    loop: Loop, moving: Moving
) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(1)
    moving.pack(moving.list_for(), crate, *cups)
    assert code_of(moving.beep, Move.LOAD, crate, ask=True) == (Code.CONFLICT, "crate")
    assert loop.item(cups[0]).state is State.READY
    assert moving.beep(Move.LOAD, crate).crate.sealed_at


def test_a_crate_no_list_filled_goes_where_somebody_says(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(1)
    loop.pack(crate, *cups)
    jun = loop.town.jun
    assert code_of(moving.beep, Move.LOAD, crate, by=jun) == (Code.CONFLICT, "crate")
    answer = moving.beep(Move.LOAD, crate, by=jun, to=NABI)
    assert (answer.crate.to_site, answer.carried) == (NABI, 1)


def test_what_cannot_be_delivered_comes_home_clean(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate(count=1)
    [cup] = [one.code for one in inside(loop, crate)]
    moving.beep(Move.LOAD, crate)
    moving.beep(Move.BRING, crate)
    piece = loop.item(cup)
    assert (piece.state, piece.clean, piece.site) == (State.READY, True, loop.town.sites[WASH])
    # It is free for another list.
    moving.pack(moving.list_for(NABI, day=TOMORROW), crate, *loop.passed_cups(1))


def test_a_crate_received_by_an_ordinary_scan_is_free_again(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate()
    moving.beep(Move.LOAD, crate)
    loop.stock(crate)  # at Haru's station
    moving.beep(Move.TAKE, crate, site=HARU, to=WASH)
    with Session(loop.engine) as session:
        first, second = view_crates(session, Consignment.crate_id == loop.item_id(crate))
    assert first.received_at is not None and second.way is Way.BACK


def test_a_crate_that_came_back_by_ordinary_scans_is_free_for_a_list(
    loop: Loop, moving: Moving
) -> None:
    crate = moving.sealed_crate()
    moving.beep(Move.LOAD, crate)
    loop.stock(crate)
    loop.collect(crate)
    loop.receive(crate)
    again = moving.pack(moving.list_for(NABI), crate, *loop.passed_cups(1))
    assert again.crate.to_site == NABI


def test_a_delivered_crate_that_comes_back_untaken_is_used_ware(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate(count=1)
    [cup] = [one.code for one in inside(loop, crate)]
    moving.beep(Move.LOAD, crate)
    moving.beep(Move.DELIVER, crate)
    answer = moving.beep(Move.BRING, crate)
    assert answer.crate.received_at is not None
    assert loop.item(cup).state is State.DIRTY
