"""What may be packed into a crate, in which order, for which list and by whom."""

import uuid
from threading import Barrier, Thread

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.packing.closing import ListAct
from lending.moving.packing.lists import load_packing_list, next_pieces
from lending.moving.packing.pieces import Packing, pack_pieces
from lending.moving.packing.sealing import dissolve_crate, reopen_crate
from lending.moving.rounds.beeps import Move
from tests.moving.conftest import TODAY, Moving, code_of, inside
from tests.personas import DAY, HARU, NABI, WASH, Loop


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
    moving.write(reopen_crate, crate=crate, actor=loop.town.jun)
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
    closed = moving.act(ListAct.CLOSE, first)
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
