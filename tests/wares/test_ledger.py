"""The ledger: what goes out of one account comes into another, once, and nothing else happens."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.wares.balances import outside_totals
from lending.wares.ledger import record_moves
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import MOST_AT_ONCE, MOST_PIECES
from lending.wares.verify import rebuild_counts, verify_counts
from lending.wares.ways import Account, Condition, Outside, Why, at_place, beyond, in_crate
from tests.personas import DAY, HARU, NABI, WASH
from tests.wares.conftest import CLEAN, DIRTY, HELD, WASHED, Wares


def test_bowls_go_round_and_every_step_is_a_move(wares: Wares) -> None:
    town, crate = wares.loop.town, wares.crate()
    wares.buy(100, wares.at(WASH, DIRTY))
    move, at = wares.move, wares.at
    receipts = wares.record(
        move(90, at(WASH, DIRTY), at(WASH, WASHED), Why.WASHED),
        move(80, at(WASH, WASHED), at(WASH), Why.PASSED),
        move(5, at(WASH, WASHED), at(WASH, DIRTY), Why.REWASHED),
        move(2, at(WASH, WASHED), beyond(Outside.BROKEN), Why.BROKEN),
        move(60, at(WASH), in_crate(crate, CLEAN), Why.PACKED),
        move(10, at(WASH), at(WASH, HELD), Why.HELD),
        by=town.jun,
    )
    assert {receipt.result for receipt in receipts} == {Result.RECORDED}
    assert [receipt.left for receipt in receipts] == [10, 10, 5, 3, 20, 10]
    assert wares.held(at(WASH, DIRTY)) == 15
    assert wares.held(in_crate(crate, CLEAN)) == 60
    wares.record(move(10, at(WASH, HELD), at(WASH, DIRTY), Why.RELEASED), by=town.jun)
    totals = wares.read(lambda s: outside_totals(s, district_id=town.id))
    assert totals == {(wares.bowl, Outside.BOUGHT): -100, (wares.bowl, Outside.BROKEN): 2}
    wares.check()


def test_the_same_move_again_changes_nothing(wares: Wares) -> None:
    wares.buy(50, wares.at(HARU))
    used = wares.move(20, wares.at(HARU), wares.at(HARU, DIRTY), Why.USED)
    first, again = wares.record(used, used)
    assert (first.result, again.result, again.left) == (Result.RECORDED, Result.REPEATED, 30)
    wares.loop.now += DAY
    assert wares.record(replace(used, note="again"))[0].result is Result.REPEATED
    for other in (replace(used, quantity=21), replace(used, kind_id=wares.plate)):
        receipt = wares.record(other)[0]
        assert (receipt.result, receipt.error, receipt.left) == (
            Result.REFUSED, Code.ID_REUSED, None,
        )  # fmt: skip
    assert wares.held(wares.at(HARU, DIRTY)) == 20
    wares.check()


def test_more_taken_than_was_known_of_stands_and_shows(wares: Wares) -> None:
    wares.buy(40, wares.at(WASH))
    crate = wares.crate()
    receipt = wares.record(wares.move(50, wares.at(WASH), in_crate(crate, CLEAN), Why.PACKED))[0]
    assert (receipt.result, receipt.left) == (Result.RECORDED, -10)
    [figure] = wares.count(wares.figure(0, wares.at(WASH)))
    assert (figure.expected, figure.difference) == (-10, 10)
    assert wares.held(wares.at(WASH)) == 0
    wares.check()


WRONG = [
    ("nothing", {"quantity": 0}, "quantity"),
    ("less than nothing", {"quantity": -5}, "quantity"),
    ("half a bowl", {"quantity": 2.5}, "quantity"),
    ("too many", {"quantity": MOST_PIECES + 1}, "quantity"),
    ("a kind that is not there", {"kind_id": 10**9}, "kind"),
    ("an unknown place", {"source": at_place(10**9, CLEAN)}, "source"),
    ("no holder", {"source": Account(condition=CLEAN)}, "source"),
    ("two holders", {"source": Account(site_id=1, crate_id=1, condition=CLEAN)}, "source"),
    ("no condition", {"source": Account(site_id=1)}, "source"),
    ("from outside", {"source": beyond(Outside.BROKEN)}, "source"),
    ("to another outside", {"target": beyond(Outside.DIFFERENCE)}, "target"),
    ("a difference by hand", {"why": Why.COUNTED}, "why"),
    ("a nul byte", {"note": "a\0b"}, "note"),
]


@pytest.mark.parametrize(("more", "field"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_a_wrong_move_names_its_field_and_spoils_no_other(
    wares: Wares, more: dict[str, object], field: str
) -> None:
    wares.buy(10, wares.at(HARU))
    good = wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN)
    bad = replace(wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN), **more)
    receipts = wares.record(bad, good)
    assert [receipt.result for receipt in receipts] == [Result.REFUSED, Result.RECORDED]
    assert (receipts[0].error, receipts[0].field) == (Code.INVALID, field)
    assert wares.held(wares.at(HARU)) == 9
    wares.check()


def test_ways_that_do_not_exist(wares: Wares) -> None:
    at, crate = wares.at, wares.crate()
    [cup] = wares.loop.new_cups()
    ways = [
        (at(WASH, DIRTY), at(WASH), Why.PASSED),
        (at(WASH, DIRTY), at(NABI, WASHED), Why.WASHED),  # never while it moves
        (at(WASH, HELD), at(WASH), Why.RELEASED),
        (at(WASH), in_crate(crate, DIRTY), Why.PACKED),
        (at(WASH), in_crate(wares.loop.item_id(cup), CLEAN), Why.PACKED),  # a cup is no crate
        (at(WASH), at(WASH), Why.MOVED),
        (at(WASH), in_crate(crate, CLEAN), Why.MOVED),
        (beyond(Outside.BOUGHT), beyond(Outside.BROKEN), Why.BROKEN),
    ]
    receipts = wares.record(*(wares.move(1, *way) for way in ways))
    assert {receipt.error for receipt in receipts} == {Code.INVALID}
    assert wares.read(lambda s: s.scalar(sa.select(sa.func.count(CountedMove.id)))) == 0


def test_a_tracked_kind_is_not_counted(wares: Wares) -> None:
    move = wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN)
    cup = wares.loop.town.kinds["cup-355"]
    assert wares.record(replace(move, kind_id=cup))[0].field == "kind"


def test_a_place_moves_only_its_own(wares: Wares) -> None:
    town = wares.loop.town
    wares.buy(10, wares.at(HARU))
    broken = (beyond(Outside.BROKEN), Why.BROKEN)
    not_here = wares.record(wares.move(1, wares.at(HARU), *broken), by=town.yuna)[0]
    assert (not_here.error, not_here.field) == (Code.NOT_ALLOWED_HERE, "site")
    made_clean = wares.move(1, wares.at(HARU, WASHED), wares.at(HARU), Why.PASSED)
    assert wares.record(made_clean, by=town.mina)[0].error is Code.NOT_ALLOWED_HERE
    given = wares.move(2, wares.at(HARU), wares.at(NABI), Why.MOVED)
    assert wares.record(given, by=town.yuna)[0].result is Result.RECORDED
    crate = wares.crate()  # stands at the washing centre
    in_it = wares.move(1, in_crate(crate, CLEAN), *broken)
    assert wares.record(in_it, by=town.mina)[0].error is Code.NOT_ALLOWED_HERE
    assert wares.record(in_it, by=town.jun)[0].result is Result.RECORDED
    assert wares.record(wares.move(1, wares.at(HARU), *broken), by=town.machine)[0].error
    assert wares.count(wares.figure(1, wares.at(HARU)), by=town.yuna)[0].field == "site"
    wares.check()


def test_verify_names_what_was_tampered_with_and_rebuild_repairs_balances(wares: Wares) -> None:
    wares.buy(10, wares.at(HARU))
    wares.count(wares.figure(9, wares.at(HARU)))
    with transaction(wares.loop.engine) as session:
        session.execute(
            sa.update(CountedAccount)
            .where(CountedAccount.site_id.is_not(None))
            .values(balance=CountedAccount.balance + 5)
        )
    [found] = wares.read(lambda s: list(verify_counts(s)))
    assert (found.what, found.stored, found.summed) == ("the balance", 14, 9)
    assert str(found).startswith("bowl (site ")
    assert wares.write(rebuild_counts) == 1
    wares.check()
    with transaction(wares.loop.engine) as session:
        session.execute(sa.delete(CountedMove).where(CountedMove.why == Why.COUNTED))
    found = wares.read(lambda s: list(verify_counts(s)))
    assert [one.what.startswith("the figure") for one in found] == [True, False]


def test_later_than_now_becomes_now_and_a_call_has_an_end(wares: Wares) -> None:
    ahead = wares.now + timedelta(hours=3)
    wares.buy(1, wares.at(HARU), at=ahead)
    assert wares.read(lambda s: s.scalar(sa.select(CountedMove.at))) == wares.now
    one = wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN)
    with pytest.raises(LendingError) as caught:
        wares.record(*[one] * (MOST_AT_ONCE + 1))
    assert caught.value.code is Code.TOO_LARGE


def test_a_call_of_thousands_is_a_handful_of_statements(wares: Wares) -> None:
    wares.buy(10_000, wares.at(WASH))
    moves = [
        wares.move(1, wares.at(WASH), wares.at(WASH, Condition.HELD), Why.HELD) for _ in range(3000)
    ]
    said: list[str] = []
    engine = wares.loop.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    with transaction(engine) as session:
        record_moves(session, moves, actor=wares.loop.town.officer, now=wares.now)
    assert len([one for one in said if not one.startswith(("BEGIN", "COMMIT"))]) <= 15
    assert wares.held(wares.at(WASH)) == 7000
