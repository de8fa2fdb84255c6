"""Counted ware on the move: packed by kind into a crate, sent, received, and dirty when it is back."""

import uuid

import pytest

from lending.errors import Code, LendingError
from lending.moving.packing.counted import CountedPacking, pack_counted_ware
from lending.moving.rounds.beeps import Move
from lending.moving.supply.proposals import propose_supply
from lending.wares.balances import place_totals
from lending.wares.ledger import record_moves
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Outside, Why, at_place, beyond
from tests.moving.conftest import TODAY, Moving
from tests.personas import HARU, WASH, Loop
from tests.wares.conftest import add_counted


@pytest.fixture
def bowl(loop: Loop) -> int:
    """A counted kind, with 100 clean pieces at the centre."""
    kind: int = loop.write(lambda s: add_counted(s, loop, ["bowl"]))[0]
    source, target = (
        beyond(Outside.BOUGHT), at_place(loop.town.sites[WASH], Condition.CLEAN),
    )  # fmt: skip
    move = MoveIn(uuid.uuid4(), kind, 100, source, target, Why.BOUGHT, loop.now)
    loop.write(lambda s: record_moves(s, [move], actor=loop.town.officer, now=loop.now))
    return kind


def pack(moving: Moving, packing, crate: str, bowls: int, **more):
    given = {"id": uuid.uuid4(), "at": moving.loop.now} | more
    counted = CountedPacking(list_id=packing.id, crate=crate, quantities={"bowl": bowls}, **given)
    return moving.write(pack_counted_ware, packing=counted, actor=moving.town.jun)


def totals(moving: Moving) -> dict[tuple[int, Condition], tuple[int, int, int]]:
    return {
        (one.site_id, one.condition): (one.loose, one.in_crates, one.coming)
        for one in moving.read(place_totals, district_id=moving.town.id)
    }


@pytest.mark.parametrize("back", [[Move.TAKE], [Move.BRING], [Move.TAKE, Move.BRING]])
def test_bowls_go_out_and_come_back_dirty(
    loop: Loop, moving: Moving, bowl: int, back: list[Move]
) -> None:
    centre, haru = loop.town.sites[WASH], loop.town.sites[HARU]
    crate = loop.new_crate()
    moving.decide(HARU, 30, kind="bowl")
    packing = moving.list_for(HARU)
    sent = {"id": uuid.uuid4(), "at": loop.now}
    shown, lines = pack(moving, packing, crate, 30, **sent)
    assert shown.pieces == {"bowl": 30}
    assert [(line.kind, line.packed, line.left) for line in lines.lines] == [("bowl", 30, 0)]
    moving.seal(crate)
    assert pack(moving, packing, crate, 30, **sent)[0].pieces == {"bowl": 30}  # sent again
    moving.beep(Move.LOAD, crate)
    assert totals(moving)[haru, Condition.CLEAN] == (0, 0, 30)
    [line] = moving.read(propose_supply, district_id=loop.town.id, day=TODAY, now=loop.now)
    assert (line.stock, line.on_the_way) == (0, 30)
    moving.beep(Move.RECEIVE, crate)
    assert totals(moving)[haru, Condition.CLEAN] == (0, 30, 0)
    for move in back:
        moving.beep(move, crate, **({"site": HARU, "to": WASH} if move is Move.TAKE else {}))
    expected = {(centre, Condition.CLEAN): (70, 0, 0)}
    if Move.BRING in back:  # what is on the road is in no place's total
        expected[centre, Condition.DIRTY] = (0, 30, 0)
    assert totals(moving) == expected


def test_what_the_ledger_refuses_is_not_packed(loop: Loop, moving: Moving, bowl: int) -> None:
    packing, crate = moving.list_for(HARU), loop.new_crate()
    for bowls, code in ((0, Code.INVALID), (-3, Code.INVALID)):
        with pytest.raises(LendingError) as caught:
            pack(moving, packing, crate, bowls)
        assert caught.value.code is code
    assert totals(moving) == {(loop.town.sites[WASH], Condition.CLEAN): (100, 0, 0)}
    moving.pack(moving.list_for("NABI"), crate, *loop.passed_cups(1))  # nobody took the crate
    with pytest.raises(LendingError) as caught:
        pack(moving, packing, crate, 5)
    assert (caught.value.code, caught.value.field) == (Code.CONFLICT, "crate")
