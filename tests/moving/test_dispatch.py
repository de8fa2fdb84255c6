"""A crate's way: packed, sealed, loaded, delivered, received, taken, brought; once, late, twice."""

import uuid
from threading import Barrier, Thread

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.moving.packing.crates import contents_of, view_crates
from lending.moving.packing.lists import close_packing_list, load_packing_list, next_pieces
from lending.moving.packing.pieces import Packing, pack_pieces
from lending.moving.packing.sealing import dissolve_crate, reopen_crate
from lending.moving.rounds.beeps import Move
from lending.requests.round_tables import Consignment, Way
from tests.moving.conftest import TODAY, TOMORROW, Moving
from tests.personas import DAY, HARU, MINUTE, NABI, WASH, Loop


def code_of(work, *args, **more) -> tuple[Code, str | None]:
    with pytest.raises(LendingError) as caught:
        work(*args, **more)
    return caught.value.code, caught.value.field


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


def test_what_may_not_be_sent_is_named_and_the_rest_is_packed(loop: Loop, moving: Moving) -> None:
    crate = loop.new_crate()
    [clean, held, gone] = loop.passed_cups(3)
    [dirty] = loop.new_cups()
    loop.hold(held, by=loop.town.jun)
    loop.retire(gone)
    answer = moving.pack(moving.list_for(), crate, clean, held, gone, dirty, crate, "123", clean)
    assert [one.error for one in answer.pieces] == [
        None, Code.HELD, Code.RETIRED, Code.NOT_CLEAN, Code.INVALID, Code.INVALID, None,
    ]  # fmt: skip
    assert answer.crate.pieces == {"cup-355": 1}


def test_a_crate_with_a_piece_held_meanwhile_is_not_sealed(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    moving.pack(moving.list_for(), crate, *cups)
    loop.hold(cups[0], by=loop.town.jun)
    with pytest.raises(LendingError) as caught:
        moving.seal(crate)
    assert (caught.value.code, caught.value.detail) == (Code.CONFLICT, cups[0])
    loop.unpack(cups[0])
    assert moving.seal(crate).sealed_at
    empty = loop.new_crate()
    assert code_of(moving.seal, empty) == (Code.CONFLICT, "crate")


def test_packing_sent_again_is_answered_and_adds_nothing(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    packing, sent = moving.list_for(), {"id": uuid.uuid4(), "at": loop.now}
    moving.pack(packing, crate, *cups, **sent)
    moving.seal(crate)
    again = moving.pack(packing, crate, *cups, **sent)
    assert [one.error for one in again.pieces] == [None, None]
    more = loop.passed_cups(1)
    assert code_of(moving.pack, packing, crate, *more) == (Code.CONFLICT, "crate")  # it is sealed
    loop.write(lambda s: reopen_crate(s, crate=crate, actor=loop.town.jun))
    assert moving.pack(packing, crate, *more).crate.pieces == {"cup-355": 3}


def test_one_crate_for_one_list(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    moving.pack(moving.list_for(HARU), crate, cups[0])
    other = moving.list_for(NABI)
    assert code_of(moving.pack, other, crate, cups[1]) == (Code.CONFLICT, "crate")
    loop.write(lambda s: dissolve_crate(s, crate=crate, actor=loop.town.jun, now=loop.now))
    assert moving.pack(other, crate, cups[1]).crate.to_site == NABI


def test_two_packers_and_one_crate(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    lists = [moving.list_for(HARU), moving.list_for(NABI)]
    start, done = Barrier(2), []

    def work(number: int) -> None:
        packing = Packing(uuid.uuid4(), lists[number].id, crate, [cups[number]], loop.now)
        start.wait()
        try:
            loop.write(
                lambda s: pack_pieces(s, packing, actor=loop.town.jun, keys=loop.keys, now=loop.now)
            )
            done.append(None)
        except LendingError as error:
            done.append(error.code)

    threads = [Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {*done} == {Code.CONFLICT, None}
    assert len(inside(loop, crate)) == 1
    loop.check()


def test_first_in_first_out_and_of_a_day_the_least_used(loop: Loop, moving: Moving) -> None:
    used, fresh = loop.clean_cups(2, HARU)
    for cup in (used,):
        loop.lend(cup)
        loop.give_back(cup)
    for cup in (used, fresh):
        loop.collect(cup)
        loop.receive(cup)
        loop.wash(cup)
        loop.pass_(cup)
    loop.now += DAY
    [young] = loop.passed_cups(1)
    packing = moving.list_for()

    def asked():
        return next_pieces(session, list_id=packing.id, kind="cup-355", district_id=loop.town.id)

    with Session(loop.engine) as session:
        assert [one.code for one in asked()] == [fresh, used, young]
    moving.pack(packing, loop.new_crate(), fresh)
    loop.hold(used, by=loop.town.jun)
    with Session(loop.engine) as session:
        assert [one.code for one in asked()] == [young]


def test_a_list_is_one_per_place_and_day_and_knows_what_is_packed(
    loop: Loop, moving: Moving
) -> None:
    first = moving.list_for(HARU)
    assert moving.list_for(HARU).id == first.id
    assert code_of(moving.list_for, WASH) == (Code.INVALID, "site")
    assert code_of(moving.list_for, NABI, list_id=first.id) == (Code.ID_REUSED, "id")
    moving.decide(HARU, 5)
    crate = loop.new_crate()
    moving.pack(first, crate, *loop.passed_cups(2))
    moving.seal(crate)
    moving.beep(Move.LOAD, crate)
    moving.beep(Move.RECEIVE, crate)
    for cup in inside(loop, crate):
        loop.lend(cup.code)
        break
    closed = moving.write(close_packing_list, list_id=first.id, actor=loop.town.jun)
    assert (closed.lines[0].packed, closed.lines[0].left) == (2, 3)  # as it was sealed
    with Session(loop.engine) as session:
        shown = load_packing_list(session, list_id=first.id, district_id=loop.town.id)
    assert shown == closed and shown.day == TODAY


def test_a_place_packs_for_itself_only_by_right(loop: Loop, moving: Moving) -> None:
    packing, crate, cups = moving.list_for(), loop.new_crate(), loop.passed_cups(1)
    refused = code_of(moving.pack, packing, crate, *cups, by=loop.town.mina)
    assert refused == (Code.NOT_ALLOWED_HERE, "site")
    assert code_of(moving.pack, packing, cups[0], *cups) == (Code.INVALID, "crate")
    assert code_of(moving.pack, packing, crate) == (Code.INVALID, "codes")


def inside(loop: Loop, crate: str):
    with Session(loop.engine) as session:
        return contents_of(session, crate_id=loop.item_id(crate))
