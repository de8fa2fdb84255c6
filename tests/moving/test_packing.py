"""Packing says what became of each piece; pieces and counts come out again; the centre's board."""

import uuid

import pytest

from lending.errors import Code, LendingError
from lending.moving.packing.board import packing_board
from lending.moving.packing.closing import ListAct
from lending.moving.packing.counted import CountedPacking, pack_counted_ware
from lending.moving.packing.crates import Busy
from lending.moving.packing.judging import Fate
from lending.moving.packing.lists import load_packing_list
from lending.moving.packing.next import next_lots
from lending.moving.packing.pieces import Packing, pack_pieces
from lending.moving.packing.sealing import dissolve_crate, reopen_crate
from lending.moving.packing.sight import crate_in_hand, sight_crate
from lending.moving.packing.unpacking import Unpacking, unpack_counted_ware, unpack_pieces
from lending.moving.rounds.beeps import Move
from tests.moving.conftest import TODAY, Moving
from tests.moving.test_counted import bowl as bowl
from tests.personas import DAY, HARU, NABI, WASH, Loop

CUP = "cup-355"


def busy(work, *args, **more) -> str:
    with pytest.raises(LendingError) as caught:
        work(*args, **more)
    assert (caught.value.code, caught.value.field) == (Code.CONFLICT, "crate")
    return caught.value.detail


def fates(answer) -> list[Fate]:
    return [piece.fate for piece in answer.pieces]


def take_out(moving: Moving, packing, *codes: str, id: uuid.UUID | None = None) -> list[Fate]:
    out = Unpacking(id or uuid.uuid4(), packing.id, codes, moving.loop.now)
    lines = moving.write(
        unpack_pieces, unpacking=out, actor=moving.town.jun, keys=moving.loop.keys
    )  # fmt: skip
    return [line.fate for line in lines]


def test_each_piece_is_told_what_became_of_it(loop: Loop, moving: Moving) -> None:
    crate, other, cups = loop.new_crate(), loop.new_crate(), loop.passed_cups(4)
    moving.decide(HARU, 2)
    packing = moving.list_for(HARU)
    assert fates(moving.pack(packing, crate, cups[0])) == [Fate.PACKED]
    assert fates(moving.pack(packing, crate, cups[0])) == [Fate.AGAIN]
    assert fates(moving.pack(packing, other, cups[0])) == [Fate.MOVED]
    both = moving.pack(packing, crate, cups[1], cups[2], loop.new_cups()[0], "no code")
    assert fates(both) == [Fate.PACKED, Fate.SURPLUS, Fate.REFUSED, Fate.REFUSED]
    assert [one.error for one in both.pieces] == [None, None, Code.NOT_CLEAN, Code.INVALID]
    assert (both.list.lines[0].packed, both.crate.pieces) == (3, {CUP: 2})
    loop.check()


def test_a_kind_that_the_list_does_not_name_goes_in_only_on_purpose(
    loop: Loop, moving: Moving
) -> None:
    crate, cup = loop.new_crate(), loop.passed_cups(1)[0]
    moving.decide(HARU, 5, kind="cup-473")
    packing = moving.list_for(HARU)

    def pack(*, extra: bool) -> Fate:
        given = Packing(uuid.uuid4(), packing.id, crate, [cup], loop.now, extra)
        answer = moving.write(
            pack_pieces, packing=given, actor=loop.town.jun, keys=loop.keys
        )  # fmt: skip
        return answer.pieces[0].fate

    assert pack(extra=False) is Fate.UNLISTED
    assert loop.item(cup).stay is None
    assert pack(extra=True) is Fate.SURPLUS
    assert loop.item(cup).stay is not None


def test_a_piece_comes_out_again_until_its_crate_is_sealed(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    packing = moving.list_for(HARU)
    moving.pack(packing, crate, *cups)
    id = uuid.uuid4()
    assert take_out(moving, packing, cups[0], id=id) == [Fate.OUT]
    assert take_out(moving, packing, cups[0], id=id) == [
        Fate.OUT
    ]  # sent again, its clock corrected anew
    assert take_out(moving, packing, cups[0], "no code") == [Fate.LOOSE, Fate.REFUSED]
    assert loop.item(cups[0]).stay is None and loop.item(cups[1]).stay is not None
    moving.seal(crate)
    assert busy(take_out, moving, packing, cups[1]) == Busy.SEALED
    assert loop.item(cups[1]).stay is not None
    moving.write(reopen_crate, crate=crate, actor=loop.town.jun)
    assert take_out(moving, packing, cups[1]) == [Fate.OUT]
    assert busy(moving.seal, crate) == Busy.EMPTY
    loop.check()


@pytest.mark.usefixtures("bowl")
def test_counted_ware_comes_out_but_never_more_than_is_in_it(loop: Loop, moving: Moving) -> None:
    crate = loop.new_crate()
    packing = moving.list_for(HARU)

    def tell(work, count: int, id: uuid.UUID | None = None) -> int:
        one = CountedPacking(id or uuid.uuid4(), packing.id, crate, {"bowl": count}, loop.now)
        moving.write(work, packing=one, actor=loop.town.jun)
        view = moving.read(load_packing_list, list_id=packing.id, district_id=loop.town.id)
        return view.lines[0].packed if view.lines else 0

    id = uuid.uuid4()
    assert tell(pack_counted_ware, 30) == 30
    assert tell(unpack_counted_ware, 10, id) == tell(unpack_counted_ware, 10, id) == 20
    with pytest.raises(LendingError) as caught:
        tell(unpack_counted_ware, 21)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "quantities")
    moving.seal(crate)
    assert busy(tell, unpack_counted_ware, 1) == Busy.SEALED


def test_a_crate_is_seen_for_what_it_is(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    mine, other = moving.list_for(HARU), moving.list_for(NABI)

    def sight(packing):
        return moving.write(
            lambda s, now: sight_crate(s, code=crate, list_id=packing.id, actor=loop.town.jun)
        )

    assert (sight(mine).busy, sight(mine).left_over) == (None, 0)
    loop.pack(crate, cups[0])
    assert (sight(mine).busy, sight(mine).left_over) == (None, 1)
    moving.pack(mine, crate, cups[1])
    assert (sight(mine).busy, sight(mine).left_over, sight(other).busy) == (
        None, 0, Busy.OTHER_LIST,
    )  # fmt: skip
    moving.seal(crate)
    assert (sight(mine).busy, sight(other).busy) == (Busy.SEALED, Busy.OTHER_LIST)
    moving.beep(Move.LOAD, crate)
    assert sight(mine).busy == Busy.ON_ITS_WAY
    assert busy(moving.pack, mine, crate, cups[2]) == Busy.ON_ITS_WAY
    assert moving.write(
        lambda s, now: sight_crate(s, code=cups[0], list_id=mine.id, actor=loop.town.jun)
    ) is None  # fmt: skip
    free = loop.new_crate()
    refused = busy(moving.write, lambda s, now: dissolve_crate(s, crate=free, actor=loop.town.jun, now=now))  # fmt: skip
    assert refused == Busy.NO_LIST


def test_the_crate_in_hand_is_the_last_one_scanned(loop: Loop, moving: Moving) -> None:
    old, first, second, cup = (
        loop.new_crate(),
        loop.new_crate(),
        loop.new_crate(),
        loop.new_cups()[0],
    )

    def hand(*trail: str) -> str | None:
        given = {"crate": old, "trail": trail, "district_id": loop.town.id}
        found: str | None = moving.read(crate_in_hand, **given)
        return found

    assert hand() == hand(cup, "no code") == old
    assert hand(first, cup) == first
    assert hand(first, cup, second, cup) == second


def test_lots_come_in_the_order_they_came_in_and_only_as_many_as_are_wanted(
    loop: Loop, moving: Moving
) -> None:
    early = loop.passed_cups(3)
    loop.now += DAY
    late = loop.passed_cups(3)
    day = TODAY.replace(day=TODAY.day + 1)
    moving.decide(HARU, 4, day=day)
    packing = moving.list_for(HARU, day=day)
    lots = moving.read(next_lots, packing=packing, kind=CUP, district_id=loop.town.id)
    assert [(lot.day, lot.count) for lot in lots] == [(TODAY, 3), (day, 1)]
    assert set(lots[0].codes) == set(early) and set(lots[1].codes) < set(late)
    full = moving.pack(packing, loop.new_crate(), *early, late[0]).list
    assert moving.read(next_lots, packing=full, kind=CUP, district_id=loop.town.id) == []


def test_the_board_shows_what_nobody_has_begun_and_what_is_done(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    moving.decide(HARU, 4)
    moving.decide(NABI, 3)
    packing = moving.list_for(HARU)
    moving.pack(packing, crate, *cups)

    def board() -> list[tuple[str, bool, int, int, int, int, int]]:
        where = {"district_id": loop.town.id, "from_site": loop.site(WASH), "day": TODAY}
        return [
            (one.site, one.list_id is None, one.pieces, one.packed, one.left, one.sealed, one.share)
            for one in moving.read(packing_board, **where)
        ]

    assert board() == [(HARU, False, 4, 2, 2, 0, 50), (NABI, True, 3, 0, 3, 0, 0)]
    moving.seal(crate)
    moving.act(ListAct.CLOSE, packing)
    assert [(row[0], row[5]) for row in board()] == [(NABI, 0), (HARU, 1)]
