"""Crates: what befalls one befalls what is in it, early, late, taken back and twice."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, State
from lending.loop.tables import CrateStay, Scan
from tests.personas import HARU, MINUTE, NABI, WASH, Loop


def inside(loop: Loop, crate: str) -> int:
    """How many pieces are in a crate."""
    query = sa.select(sa.func.count()).where(
        CrateStay.crate_id == loop.item_id(crate), CrateStay.left_at.is_(None)
    )
    with Session(loop.engine) as session:
        return session.scalar(query) or 0


def derived(loop: Loop, cup: str) -> list[Action]:
    """What befell a piece with its crates, in order; what was taken out too."""
    query = sa.select(Scan.action).where(
        Scan.item_id == loop.item_id(cup), Scan.crate_id.is_not(None), Scan.of.is_not(None)
    )
    with Session(loop.engine) as session:
        return list(session.scalars(query.order_by(Scan.occurred_at, Scan.seq)))


@pytest.fixture
def crate(loop: Loop) -> str:
    return loop.new_crate()


def test_a_crate_is_scanned_and_all_in_it_moves(loop: Loop, crate: str) -> None:
    cups = loop.passed_cups(3)
    loop.pack(crate, *cups)
    assert inside(loop, crate) == 3
    receipt = loop.ship(crate)
    assert (receipt.result, receipt.carried) == (Result.RECORDED, 3)
    assert {loop.item(cup).state for cup in cups} == {State.SHIPPED}
    assert loop.stock(crate).carried == 3
    for cup in cups:
        piece = loop.item(cup)
        assert (piece.state, piece.clean, piece.site) == (State.READY, True, loop.town.sites[HARU])
        assert loop.gaps(cup) == []
    assert loop.gaps(crate) == []
    assert inside(loop, crate) == 3
    loop.check()


def test_the_same_crate_scan_again_changes_nothing(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    ship = loop.scan(Action.SHIP, crate, to=HARU)
    assert loop.go(ship, by=loop.town.jun)[0].result is Result.RECORDED
    before = loop.stored(cup)
    again = loop.go(ship, by=loop.town.jun)[0]
    assert (again.result, again.carried) == (Result.REPEATED, 1)
    assert loop.stored(cup) == before
    assert derived(loop, cup) == [Action.SHIP]


def test_a_lend_takes_the_piece_out_of_the_crate_it_stands_in(loop: Loop, crate: str) -> None:
    first, second = loop.passed_cups(2)
    loop.pack(crate, first, second)
    loop.ship(crate)
    loop.stock(crate)
    loop.lend(first)
    assert loop.gaps(first) == []
    assert inside(loop, crate) == 1
    loop.collect(crate)  # the crate goes back with what is left in it
    assert (loop.item(first).state, loop.item(second).state) == (State.LENT, State.COLLECTED)
    loop.check()


def test_a_piece_seen_elsewhere_has_left_its_crate_unseen(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    loop.ship(crate)
    loop.stock(cup, by=loop.town.yuna)  # at Nabi, while the crate is on its way
    assert Gap.UNPACKED_UNSEEN in loop.gaps(cup)
    assert inside(loop, crate) == 0
    loop.stock(crate)
    assert loop.item(cup).site == loop.town.sites[NABI]
    loop.check()


def test_a_late_pack_brings_what_befell_the_crate_since(loop: Loop, crate: str) -> None:
    early, late = loop.passed_cups(2)
    moment = loop.now
    loop.pack(crate, early)
    loop.ship(crate)
    loop.stock(crate)
    loop.one(Action.PACK, late, ask=False, crate=crate, at=moment, by=loop.town.jun)
    assert derived(loop, late) == [Action.SHIP, Action.STOCK]
    assert loop.item(late).state is State.READY
    assert loop.item(late).site == loop.town.sites[HARU]
    assert loop.gaps(late) == []
    loop.check()


def test_a_late_unpack_takes_back_what_did_not_befall_the_piece(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    moment = loop.now
    loop.now += MINUTE
    loop.ship(crate)
    loop.unpack(cup, at=moment, ask=False)
    piece = loop.item(cup)
    assert (piece.state, piece.site) == (State.READY, loop.town.sites[WASH])
    assert inside(loop, crate) == 0
    loop.check()


def test_an_unpack_taken_back_puts_the_piece_back_in(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    moment = loop.now
    loop.now += MINUTE
    loop.ship(crate)
    unpack = loop.unpack(cup, at=moment, ask=False)
    void = loop.void(cup, unpack.id, by=loop.town.jun)
    assert loop.item(cup).state is State.SHIPPED
    loop.void(cup, void.id, by=loop.town.jun)
    assert loop.item(cup).state is State.READY
    loop.void(cup, uuid.uuid4(), by=loop.town.jun)  # of nothing known
    assert loop.item(cup).state is State.READY
    loop.check()


def test_a_crate_scan_that_comes_late_finds_what_was_in_it_then(loop: Loop, crate: str) -> None:
    gone, stayed = loop.passed_cups(2)
    loop.pack(crate, gone, stayed)
    moment = loop.now
    loop.now += MINUTE
    loop.unpack(gone)
    loop.go(loop.scan(Action.SHIP, crate, at=moment, to=HARU), by=loop.town.jun)
    assert derived(loop, gone) == [Action.SHIP]
    assert derived(loop, stayed) == [Action.SHIP]
    loop.check()


def test_a_crate_scan_taken_back_is_taken_back_for_all(loop: Loop, crate: str) -> None:
    cups = loop.passed_cups(2)
    loop.pack(crate, *cups)
    ship = loop.ship(crate)
    void = loop.void(crate, ship.id, by=loop.town.jun)
    assert {loop.item(cup).state for cup in cups} == {State.READY}
    loop.void(crate, void.id, by=loop.town.jun)
    assert {loop.item(cup).state for cup in cups} == {State.SHIPPED}
    loop.check()


def test_a_void_of_a_crate_scan_that_comes_first(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    ship = loop.scan(Action.SHIP, crate, to=HARU)
    loop.void(crate, ship.id, by=loop.town.jun)
    loop.go(ship, by=loop.town.jun)
    assert loop.item(cup).state is State.READY
    assert derived(loop, cup) == []
    loop.check()


def test_what_people_took_back_for_one_piece_stays_so(loop: Loop, crate: str) -> None:
    one, other = loop.passed_cups(2)
    loop.pack(crate, one, other)
    loop.ship(crate)
    with Session(loop.engine) as session:
        ship = session.scalars(
            sa.select(Scan.id).where(Scan.item_id == loop.item_id(one), Scan.action == Action.SHIP)
        ).one()
    loop.void(one, ship, by=loop.town.jun)
    assert loop.item(one).state is State.READY
    loop.unpack(other, at=loop.now)
    loop.void(one, uuid.uuid4(), by=loop.town.jun)
    assert loop.item(one).state is State.READY
    loop.check()


def test_packed_into_another_crate_a_piece_is_in_one(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    other = loop.new_crate()
    loop.pack(crate, cup)
    loop.pack(other, cup)
    assert (inside(loop, crate), inside(loop, other)) == (0, 1)
    loop.ship(crate)
    assert loop.item(cup).state is State.READY
    loop.check()


def test_a_wash_of_a_crate_and_a_pass_of_it(loop: Loop, crate: str) -> None:
    cups = loop.new_cups(2)
    loop.pack(crate, *cups)
    refused = loop.pass_(crate)
    assert (refused.result, refused.error) == (Result.REFUSED, Code.NOT_CLEAN)
    assert loop.wash(crate).carried == 2
    assert loop.pass_(crate).carried == 2
    assert all(loop.item(cup).clean for cup in cups)
    loop.check()


@pytest.mark.parametrize("what", ["itself", "another crate", "a cup", "no code", "nothing"])
def test_what_cannot_be_packed_is_refused(loop: Loop, crate: str, what: str) -> None:
    [cup] = loop.passed_cups()
    into = {"itself": crate, "another crate": loop.new_crate(), "a cup": cup, "nothing": None}
    named, piece = into.get(what, "123"), crate if what in ("itself", "another crate") else cup
    if what == "a cup":
        [piece] = loop.passed_cups()
    receipt = loop.one(Action.PACK, piece, ask=False, crate=named, by=loop.town.jun)
    assert receipt.result is Result.REFUSED
    assert receipt.error in (Code.INVALID, Code.BAD_CHECK_DIGIT)
    loop.check()


def test_a_scan_cannot_pass_for_one_of_a_crate(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    scan = loop.scan(Action.RECEIVE, cup, crate=crate, of=uuid.uuid4())
    assert loop.go(scan, by=loop.town.jun)[0].error is Code.INVALID


def test_a_hold_of_a_crate_holds_what_is_in_it(loop: Loop, crate: str) -> None:
    [cup] = loop.passed_cups()
    loop.pack(crate, cup)
    loop.hold(crate, by=loop.town.jun)
    assert loop.item(cup).hold == "crack?"
    assert inside(loop, crate) == 1
    loop.release(crate)
    assert loop.item(cup).hold is None
    loop.check()
