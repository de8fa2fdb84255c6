"""Several hands at one crate at the same moment: every piece is in one crate, and moves with it."""

import random
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, State
from lending.loop.tables import CrateStay, Item, Scan
from lending.loop.verify import verify
from tests.loop.test_races import at_once, writer
from tests.personas import HARU, MINJI, MINUTE, Loop


def check(loop: Loop) -> None:
    """Caches and derived scans are what the log says, and no piece is in two crates."""
    loop.check()
    assert list(verify(loop.engine)) == []
    twice = (
        sa.select(CrateStay.item_id)
        .where(CrateStay.left_at.is_(None))
        .group_by(CrateStay.item_id)
        .having(sa.func.count() > 1)
    )
    with Session(loop.engine) as session:
        assert session.scalars(twice).all() == []


def contents(loop: Loop, *crates: str) -> list[set[int]]:
    """What is in each of these crates, by item id."""
    with Session(loop.engine) as session:
        return [
            set(session.scalars(sa.select(Item.id).where(Item.crate_id == loop.item_id(crate))))
            for crate in crates
        ]


def test_two_packers_and_one_piece_that_ends_in_one_crate(loop: Loop) -> None:
    crates, cups = [loop.new_crate() for _ in range(4)], loop.passed_cups(20)
    works = []
    for number in range(8):
        order = random.Random(number).sample(cups, len(cups))
        crate = crates[number % 4]
        scans = [loop.scan(Action.PACK, cup, crate=crate) for cup in order]
        works.append(writer(loop, scans, loop.town.jun))
    for receipts in at_once(works):
        assert {receipt.result for receipt in receipts} == {Result.RECORDED}
    inside = contents(loop, *crates)
    assert sum(map(len, inside)) == len(set.union(*inside)) == len(cups)
    check(loop)


def test_two_packers_fill_one_crate_and_all_of_it_moves(loop: Loop) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(40)
    shares = [cups[number::8] for number in range(8)]
    works = [
        writer(loop, [loop.scan(Action.PACK, cup, crate=crate) for cup in share], loop.town.jun)
        for share in shares
    ]
    at_once(works)
    assert contents(loop, crate) == [{loop.item_id(cup) for cup in cups}]
    loop.now += MINUTE
    assert loop.ship(crate).carried == 40
    check(loop)


def test_a_crate_leaves_while_it_is_packed_and_unpacked(loop: Loop) -> None:
    """Whoever comes later by the clock finds what the earlier left; nothing is half moved."""
    crate, other = loop.new_crate(), loop.new_crate()
    inside, coming = loop.passed_cups(10), loop.passed_cups(10)
    loop.pack(crate, *inside)
    works = [
        writer(loop, [loop.scan(Action.SHIP, crate, to=HARU)], loop.town.jun),
        writer(loop, [loop.scan(Action.PACK, cup, crate=crate) for cup in coming], loop.town.jun),
        writer(loop, [loop.scan(Action.UNPACK, cup) for cup in inside[:5]], loop.town.jun),
        writer(
            loop, [loop.scan(Action.PACK, cup, crate=other) for cup in inside[5:]], loop.town.jun
        ),
    ]
    at_once(works)
    here, there = contents(loop, crate, other)
    assert here == {loop.item_id(cup) for cup in coming}
    assert there == {loop.item_id(cup) for cup in inside[5:]}
    check(loop)
    loop.now += MINUTE
    assert loop.stock(crate).carried == 10
    assert {loop.item(cup).state for cup in coming} == {State.READY}
    check(loop)


def test_one_crate_scanned_by_two_places_at_once(loop: Loop) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(10)
    loop.pack(crate, *cups)
    loop.ship(crate)
    works = [
        writer(loop, [loop.scan(Action.STOCK, crate)], by)
        for by in (loop.town.mina, loop.town.yuna, loop.town.mina, loop.town.yuna)
    ]
    carried = [receipts[0].carried for receipts in at_once(works)]
    assert carried == [10] * 4
    sites = {loop.item(cup).site for cup in cups}
    assert sites == {loop.item(crate).site}
    check(loop)


def test_the_same_crate_scan_sent_by_eight_at_once_moves_once(loop: Loop) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(10)
    loop.pack(crate, *cups)
    ship = loop.scan(Action.SHIP, crate, to=HARU)
    receipts = [one[0] for one in at_once([writer(loop, [ship], loop.town.jun)] * 8)]
    assert Counter(one.result for one in receipts) == {Result.RECORDED: 1, Result.REPEATED: 7}
    assert {one.carried for one in receipts} == {10}
    of_ship = sa.select(sa.func.count()).select_from(Scan).where(Scan.of == ship.id)
    with Session(loop.engine) as session:
        assert session.scalar(of_ship) == 10
    check(loop)


@pytest.mark.parametrize("held", [True, False])
def test_a_crate_is_held_or_taken_back_while_the_café_lends_out_of_it(
    loop: Loop, held: bool
) -> None:
    """A lend is first, and the piece has left the crate, or it meets the hold and is refused."""
    crate, cups = loop.new_crate(), loop.passed_cups(6)
    loop.pack(crate, *cups)
    loop.ship(crate)
    loop.stock(crate)
    action = Action.HOLD if held else Action.COLLECT
    works = [
        writer(loop, [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)], loop.town.mina)
        for cup in cups[:4]
    ]
    works.insert(2, writer(loop, [loop.scan(action, crate)], loop.town.mina))
    receipts = [one[0] for one in at_once(works)]
    moved = receipts.pop(2)
    lent = sum(one.error is None for one in receipts)
    assert {one.error for one in receipts} <= {None, Code.HELD if held else Code.NOT_CLEAN}
    assert moved.result is Result.RECORDED and moved.carried >= len(cups) - lent
    check(loop)


def test_crates_moved_in_opposite_orders_end_well(loop: Loop) -> None:
    """Calls that lock the same crates the other way round wait for each other, never for ever."""
    crates = [loop.new_crate() for _ in range(6)]
    for crate in crates:
        loop.pack(crate, *loop.passed_cups(5))
    works = []
    for number in range(6):
        order = crates if number % 2 else crates[::-1]
        scans = [loop.scan(Action.SHIP, crate, to=HARU) for crate in order]
        works.append(writer(loop, scans, loop.town.jun))
    for receipts in at_once(works):
        assert [one.carried for one in receipts] == [5] * 6
    check(loop)
