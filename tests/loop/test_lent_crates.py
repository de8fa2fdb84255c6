"""A lent crate goes out with what is in it, each piece a loan of its own, and out of the crate."""

import itertools
import uuid
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, Outcome, State
from lending.loop.system import system_actor
from lending.loop.tables import Scan
from lending.loop.verify import rebuild, verify
from tests.loop.occasions import lend_to, new_occasion, out_of, packed_crate
from tests.loop.test_crates import inside
from tests.personas import BOX, HARU, MINUTE, OFFICE, WASH, Loop


def clean(loop: Loop) -> bool:
    loop.check()
    return list(verify(loop.engine)) == []


def test_a_lent_crate_lends_what_is_in_it(loop: Loop) -> None:
    crate, cups = packed_crate(loop, 3)
    occasion = new_occasion(loop)
    receipt = lend_to(loop, crate, occasion)
    assert (receipt.result, receipt.carried) == (Result.RECORDED, 3)
    assert loop.item(crate).state is State.LENT
    for cup in cups:
        piece = loop.item(cup)
        assert (piece.state, piece.clean, piece.stay) == (State.LENT, False, None)
        assert piece.uses == 1 and loop.gaps(cup) == []
    assert inside(loop, crate) == 0
    assert len(out_of(loop, occasion)) == 4
    assert clean(loop)


def test_what_is_used_comes_back_by_itself_wherever_it_is(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    lend_to(loop, crate, new_occasion(loop))
    loop.give_back(cups[0])
    loop.one(Action.RETURN, crate, site=loop.site(HARU), ask=False)  # the empty crate
    assert loop.loans(crate)[0].outcome is Outcome.RETURNED
    assert [loop.item(cup).state for cup in cups] == [State.RETURNED, State.LENT]
    loop.pack(crate, cups[1], by=loop.town.mina)  # seen again: back
    assert loop.loans(cups[1])[0].outcome is Outcome.IMPLIED
    assert clean(loop)


@pytest.mark.parametrize("fault", ["dirty", "held", "retired"])
def test_a_crate_with_a_piece_that_may_not_be_lent_is_refused(loop: Loop, fault: str) -> None:
    crate, cups = packed_crate(loop)
    if fault == "dirty":
        loop.pack(crate, *loop.new_cups(1), site=loop.site(WASH), by=loop.town.officer)
    elif fault == "held":
        loop.hold(cups[0])
    else:
        loop.retire(cups[0])
    receipt = lend_to(loop, crate, new_occasion(loop))
    expected = {"dirty": Code.NOT_CLEAN, "held": Code.HELD}.get(fault)
    assert receipt.error is expected  # a retired piece is in no crate any more
    assert (loop.item(cups[1]).state is State.LENT) is (fault == "retired")
    assert clean(loop)


def test_a_lent_crate_is_not_lent_again(loop: Loop) -> None:
    crate, _ = packed_crate(loop)
    lend_to(loop, crate, new_occasion(loop))
    assert lend_to(loop, crate, new_occasion(loop)).error is Code.ALREADY_LENT
    assert clean(loop)


def test_a_crate_goes_out_as_a_fact_whatever_is_in_it(loop: Loop) -> None:
    crate = loop.new_crate()
    cups = loop.new_cups(2)
    loop.pack(crate, *cups)
    assert lend_to(loop, crate, new_occasion(loop), at=WASH, ask=False).carried == 2
    assert loop.gaps(cups[0]) == [Gap.UNCLEAN_LEND]
    assert loop.gaps(crate) == []
    assert clean(loop)


def test_a_voided_lend_puts_everything_back_into_the_crate(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    before = [loop.stored(cup) for cup in cups]
    occasion = new_occasion(loop)
    lend = lend_to(loop, crate, occasion)
    loop.void(crate, lend.id, by=system_actor(loop.town.id), site=loop.site(HARU))
    assert [loop.item(cup).stay for cup in cups] == [one.piece.stay for one in before]
    assert all(loop.item(cup).clean and loop.item(cup).uses == 0 for cup in cups)
    assert out_of(loop, occasion) == []
    assert clean(loop)
    other = new_occasion(loop)
    assert lend_to(loop, crate, other).carried == 2  # unopened: it goes to another room
    assert clean(loop)


def test_a_lend_voided_late_puts_what_befell_the_crate_since_on_its_pieces(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    lend = lend_to(loop, crate, new_occasion(loop))
    loop.collect(crate)
    loop.receive(crate)
    assert loop.item(cups[0]).state is State.LENT
    loop.void(crate, lend.id, by=system_actor(loop.town.id), site=loop.site(HARU))
    assert loop.item(cups[0]).state is State.DIRTY and inside(loop, crate) == 2
    assert clean(loop)
    voids = [one for one in standing_voids(loop, crate) if one.of == lend.id]
    loop.void(crate, voids[0].id, by=system_actor(loop.town.id), site=loop.site(HARU))
    assert loop.item(cups[0]).state is State.LENT and inside(loop, crate) == 0
    assert clean(loop)


def standing_voids(loop: Loop, crate: str) -> list[Scan]:
    query = sa.select(Scan).where(Scan.item_id == loop.item_id(crate), Scan.action == Action.VOID)
    with Session(loop.engine) as session:
        return list(session.scalars(query))


def told(loop: Loop, start: datetime, action: Action, code: str, minute: int, **more: Any):
    return loop.scan(action, code, at=start + minute * MINUTE, site=loop.site(WASH), **more)


def test_packs_lends_and_voids_settle_in_any_order(loop: Loop) -> None:
    """What is told late ends where it would have ended in time; here the whole story of one crate,
    in each of its orders."""
    ends = set()
    for order in itertools.permutations(range(5)):
        crate, (cup,) = loop.new_crate(), loop.passed_cups(1)
        occasion, lend = new_occasion(loop, at=WASH), uuid.uuid4()
        scan = partial(told, loop, loop.now)
        story = [
            scan(Action.PACK, cup, 1, crate=crate),
            scan(Action.LEND, crate, 2, id=lend, occasion=occasion),
            scan(Action.COLLECT, crate, 3),
            scan(Action.VOID, crate, 5, of=lend),
            scan(Action.LEND, crate, 4, occasion=occasion),
        ]
        loop.now += 10 * MINUTE
        for number in order:
            loop.go(story[number], by=system_actor(loop.town.id))
        piece = loop.item(cup)
        ends.add((piece.state, piece.stay, piece.uses, len(out_of(loop, occasion))))
    assert ends == {(State.LENT, None, 1, 2)}
    assert clean(loop)


def test_a_piece_packed_late_went_out_with_the_crate(loop: Loop) -> None:
    crate, cups = packed_crate(loop, 1)
    (late,) = loop.clean_cups(1)
    packed = loop.now
    loop.now += 5 * MINUTE
    occasion = new_occasion(loop)
    lend_to(loop, crate, occasion)
    loop.go(
        loop.scan(Action.PACK, late, at=packed, crate=crate, site=loop.site(HARU)),
        by=loop.town.mina,
    )
    assert loop.item(late).state is State.LENT
    assert {one.code for one in out_of(loop, occasion)} == {crate, late, *cups}
    assert clean(loop)


def test_a_piece_taken_out_late_did_not_go_out(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    out = loop.now
    loop.now += 5 * MINUTE
    occasion = new_occasion(loop)
    lend_to(loop, crate, occasion)
    scan = loop.scan(Action.UNPACK, cups[0], at=out, site=loop.site(HARU))
    loop.go(scan, by=loop.town.officer)
    assert (loop.item(cups[0]).state, loop.item(cups[1]).state) == (State.READY, State.LENT)
    assert {one.code for one in out_of(loop, occasion)} == {crate, cups[1]}
    assert clean(loop)


def test_a_lend_told_late_takes_back_what_befell_the_pieces_with_the_crate(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    lent = loop.now
    loop.now += 5 * MINUTE
    loop.collect(crate)
    loop.receive(crate)
    assert loop.item(cups[0]).state is State.DIRTY
    occasion = new_occasion(loop)
    lend_to(loop, crate, occasion, ask=False, at=HARU, id=uuid.uuid4())
    assert len(out_of(loop, occasion)) == 3
    early = new_occasion(loop)
    scan = loop.scan(Action.LEND, crate, at=lent, site=loop.site(HARU), occasion=early)
    loop.go(scan, by=loop.town.officer)
    assert {loop.item(cup).state for cup in cups} == {State.LENT}
    assert clean(loop)


def test_what_comes_back_in_a_lent_bag_is_returned_when_the_bag_was_taken(loop: Loop) -> None:
    bag, cups = packed_crate(loop)
    occasion = new_occasion(loop)
    lend_to(loop, bag, occasion)
    taken = loop.now
    loop.one(Action.COLLECT, bag, ask=False, site=loop.site(HARU), by=loop.town.courier)
    loop.now += 60 * MINUTE
    for cup in cups:
        loop.receive(cup, crate=bag)
    loans = {one.code: one for one in out_of(loop, occasion)}
    assert {loans[cup].outcome for cup in cups} == {Outcome.RETURNED}
    assert {loans[cup].closed_at for cup in cups} == {taken}
    assert loans[bag].closed_at == taken
    assert clean(loop)


def test_a_rebuild_adds_what_a_lent_crates_pieces_lack(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    occasion = new_occasion(loop)
    lend = lend_to(loop, crate, occasion)
    loop.collect(crate)
    with loop.engine.begin() as connection:
        connection.execute(sa.delete(Scan).where(Scan.of == lend.id))
    assert len(list(verify(loop.engine))) > 0
    rebuild(loop.engine, now=loop.now)
    assert {loop.item(cup).state for cup in cups} == {State.LENT}
    assert len(out_of(loop, occasion)) == 3
    assert clean(loop)


def test_the_same_lend_again_is_the_same(loop: Loop) -> None:
    crate, _ = packed_crate(loop, at=OFFICE)
    occasion = new_occasion(loop, at=OFFICE)
    scan = loop.scan(Action.LEND, crate, ask=True, site=loop.site(OFFICE), occasion=occasion)
    assert [loop.go(scan)[0].result for _ in range(2)] == [Result.RECORDED, Result.REPEATED]
    assert len(out_of(loop, occasion)) == 3
    assert BOX in loop.town.sites and clean(loop)
