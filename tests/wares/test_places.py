"""Counted ware at places, in crates and through wash batches, as pages read it."""

import uuid
from dataclasses import replace

import pytest

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.tables import WashBatch
from lending.places.tables import Site
from lending.wares.balances import crate_contents, place_totals
from lending.wares.crates import CrateCall, Packing, pack_counted, soil_crates, unpack_counted
from lending.wares.story import list_moves, place_balances
from lending.wares.ways import Outside, Why, beyond, in_crate
from tests.personas import DAY, HARU, MINUTE, NABI, WASH
from tests.wares.conftest import DIRTY, WASHED, Wares


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
