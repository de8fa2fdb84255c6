"""The ledger: what goes out of one account comes into another, once, and nothing else happens."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.tables import WashBatch
from lending.places.tables import Site
from lending.wares.balances import crate_contents, outside_totals, place_totals
from lending.wares.crates import CrateCall, Packing, pack_counted, soil_crates, unpack_counted
from lending.wares.ledger import record_moves
from lending.wares.story import list_moves, place_balances
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import MOST_AT_ONCE, MOST_PIECES
from lending.wares.verify import rebuild_counts, verify_counts
from lending.wares.ways import Account, Condition, Outside, Why, at_place, beyond, in_crate
from tests.personas import DAY, HARU, MINUTE, NABI, WASH
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


def require_batch(wares: Wares) -> None:
    with transaction(wares.loop.engine) as session:
        session.get_one(Site, wares.loop.town.sites[WASH]).batch_required = True


def add_batch(wares: Wares, *, ended: bool) -> uuid.UUID:
    row = WashBatch(
        id=uuid.uuid4(), district_id=wares.loop.town.id, site_id=wares.loop.town.sites[WASH],
        started_at=wares.now - MINUTE, ended_at=wares.now if ended else None,
        recorded_at=wares.now, begun_by="device:1",
    )  # fmt: skip
    with transaction(wares.loop.engine) as session:
        session.add(row)
        return row.id


def test_where_a_batch_is_required_only_a_finished_one_washes(wares: Wares) -> None:
    require_batch(wares)
    at, jun = wares.at, wares.loop.town.jun
    wares.buy(10, at(WASH, DIRTY))
    wares.buy(10, at(WASH))  # refused: bought ware is washed before it goes out
    assert wares.held(at(WASH)) == 0
    wash = wares.move(8, at(WASH, DIRTY), at(WASH, WASHED), Why.WASHED)
    assert wares.record(wash, by=jun)[0].error is Code.NO_BATCH
    running = replace(wash, batch_id=add_batch(wares, ended=False))
    assert wares.record(running, by=jun)[0].field == "batch"
    done = replace(wash, batch_id=add_batch(wares, ended=True))
    assert wares.record(done, by=jun)[0].result is Result.RECORDED
    check = wares.move(9, at(WASH, WASHED), at(WASH), Why.PASSED)
    receipt = wares.record(check, by=jun)[0]
    assert (receipt.error, receipt.field) == (Code.NOT_CLEAN, "quantity")
    assert wares.record(replace(check, quantity=8), by=jun)[0].result is Result.RECORDED
    crate = wares.crate()  # what is in a crate that stands there is judged alike
    held = in_crate(crate, DIRTY), in_crate(crate, WASHED)
    assert wares.record(wares.move(1, *held, Why.WASHED), by=jun)[0].error is Code.NO_BATCH
    wares.check()


def test_a_crate_with_both_sorts_moves_as_one(wares: Wares) -> None:
    loop, town = wares.loop, wares.loop.town
    code = loop.new_crate()
    crate, cups = loop.item_id(code), loop.passed_cups(3)
    loop.pack(code, *cups)
    wares.buy(40, wares.at(WASH))
    call = CrateCall(uuid.uuid4(), crate, town.sites[WASH], wares.now)
    packing = [Packing(wares.bowl, 40)]
    for result in (Result.RECORDED, Result.REPEATED):
        [receipt] = wares.write(
            lambda s: pack_counted(s, call, packing, actor=town.jun, now=wares.now)
        )
        assert receipt.result is result
    lines = wares.read(lambda s: crate_contents(s, crate_ids=[crate]))
    assert [(line.kind, line.quantity) for line in lines] == [("bowl", 40), ("cup-355", 3)]

    def places() -> dict[str, tuple[int, int, int]]:
        totals = wares.read(lambda s: place_totals(s, district_id=town.id))
        names = {id: name for name, id in town.sites.items()}
        return {
            names[total.site_id]: (total.loose, total.in_crates, total.coming) for total in totals
        }

    assert places() == {WASH: (0, 40, 0)}
    loop.ship(code)
    assert places() == {HARU: (0, 0, 40)}
    loop.stock(code)
    assert places() == {HARU: (0, 40, 0)}
    call = CrateCall(uuid.uuid4(), crate, town.sites[HARU], wares.now)
    wares.write(
        lambda s: unpack_counted(s, call, [Packing(wares.bowl, 15)], actor=town.mina, now=wares.now)
    )
    assert places() == {HARU: (15, 25, 0)}
    loop.collect(code)
    scan = uuid.uuid4()
    for soiled in (25, 0):
        done = wares.write(
            lambda s: soil_crates(s, {crate: scan}, at=wares.now, actor=town.courier, now=wares.now)
        )
        assert done == soiled
    assert wares.held(in_crate(crate, DIRTY)) == 25
    loop.receive(code)
    assert places() == {HARU: (15, 0, 0), WASH: (0, 25, 0)}
    wares.check()
    loop.check()


def test_one_kind_twice_in_one_packing_is_named(wares: Wares) -> None:
    call = CrateCall(uuid.uuid4(), wares.crate(), wares.loop.town.sites[WASH], wares.now)
    twice = [Packing(wares.bowl, 1), Packing(wares.bowl, 2)]
    with pytest.raises(LendingError) as caught:
        wares.write(
            lambda s: pack_counted(s, call, twice, actor=wares.loop.town.jun, now=wares.now)
        )
    assert caught.value.field == "kind"


def test_a_places_balance_adds_up(wares: Wares) -> None:
    at, start = wares.at, wares.now
    wares.buy(100, at(HARU))
    wares.loop.now += DAY
    wares.buy(10, at(HARU))
    wares.record(
        wares.move(30, at(HARU), at(HARU, DIRTY), Why.USED),
        wares.move(20, at(HARU, DIRTY), at(WASH, DIRTY), Why.MOVED),
        wares.move(3, at(HARU), beyond(Outside.BROKEN), Why.BROKEN),
        wares.move(1, at(HARU), beyond(Outside.RETIRED), Why.RETIRED),
    )
    wares.count(wares.figure(74, at(HARU)))
    until = wares.now + MINUTE
    site = wares.loop.town.sites[HARU]
    [line] = wares.read(
        lambda s: place_balances(s, site_id=site, since=start + MINUTE, until=until)
    )
    assert (line.opening, line.came, line.went, line.written_off) == (100, 10, 20, 4)
    assert (line.difference, line.closing) == (-2, 84)
    assert line.opening + line.came - line.went - line.written_off + line.difference == line.closing
    assert wares.read(lambda s: place_balances(s, site_id=site, since=start, until=start)) == []


def test_the_moves_of_a_place_page_by_page(wares: Wares) -> None:
    for number in range(5):
        wares.buy(number + 1, wares.at(HARU))
        wares.loop.now += MINUTE
    wares.buy(1, wares.at(NABI))
    site, seen, after = wares.loop.town.sites[HARU], [], None
    while True:
        page = wares.read(lambda s, key=after: list_moves(s, site_id=site, after=key, limit=2))
        seen += [move.quantity for move in page.items]
        if page.next is None:
            break
        after = [page.next[0].isoformat(), str(page.next[1])]
    assert seen == [5, 4, 3, 2, 1]


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
