"""Counted ware in a batch and under a recall: quantities that add up, each under its batch."""

import uuid
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.wares.tables import CountedMove
from lending.wares.ways import Outside, Why, beyond
from lending.washing.batches.counts import CountIn, add_counted
from lending.washing.hygiene.counted_reach import CountedReach
from lending.washing.hygiene.tables import Scope
from tests.loop.test_races import at_once
from tests.personas import MINUTE, Loop
from tests.wares.conftest import CLEAN, DIRTY, HELD, WASH, WASHED, Wares
from tests.wares.conftest import wares as wares
from tests.washing.centre import Centre, refused, sweep


def put(centre: Centre, batch: uuid.UUID, quantity: int, **more: Any) -> uuid.UUID:
    more = {"id": uuid.uuid4(), "kind": "bowl", "at": centre.loop.now} | more
    count = CountIn(batch_id=batch, quantity=quantity, **more)
    centre.write(add_counted, count, actor=centre.jun)
    return count.id


def batch_of(centre: Centre, loose: int, *crates: str) -> uuid.UUID:
    """A finished batch of so many bowls and these crates."""
    batch = centre.begin("A")
    if loose:
        put(centre, batch, loose)
    centre.put(batch, *crates)
    centre.finish(batch)
    return batch


def crate_with(loop: Loop, wares: Wares, quantity: int) -> tuple[str, Any]:
    """A crate with dirty bowls: its code and account."""
    code = loop.new_crate()
    account = wares.at(WASH, DIRTY)
    inside = type(account)(crate_id=loop.item_id(code), condition=DIRTY)
    wares.record(wares.move(quantity, account, inside, Why.PACKED))
    return code, inside


def test_a_finished_batch_washes_what_was_put_in_loose_and_in_crates(
    centre: Centre, wares: Wares
) -> None:
    wares.buy(500, wares.at(WASH, DIRTY))
    crate, inside = crate_with(centre.loop, wares, 60)
    batch = batch_of(centre, 300, crate)
    assert wares.held(wares.at(WASH, DIRTY)) == 140
    assert wares.held(wares.at(WASH, WASHED)) == 300
    assert wares.held(inside) == 0
    assert wares.held(type(inside)(crate_id=inside.crate_id, condition=WASHED)) == 60
    assert centre.look(batch).counted == {"bowl": 360}
    query = sa.select(sa.func.sum(CountedMove.quantity)).where(CountedMove.batch_id == batch)
    with Session(centre.loop.engine) as session:
        assert session.scalar(query) == 360
    wares.check()


def test_a_quantity_is_put_in_once(centre: Centre, wares: Wares) -> None:
    wares.buy(500, wares.at(WASH, DIRTY))
    batch = centre.begin()
    moment = centre.loop.now
    request = put(centre, batch, 100)
    put(centre, batch, 100, id=request)
    assert centre.look(batch).counted == {"bowl": 100}
    assert refused(put, centre, batch, 90, id=request).code is Code.ID_REUSED
    centre.finish(batch)
    late = put(centre, batch, 20, at=moment)
    put(centre, batch, 20, at=moment, id=late)
    assert wares.held(wares.at(WASH, WASHED)) == 120
    assert refused(put, centre, batch, 5).code is Code.CONFLICT
    wares.check()


@pytest.mark.parametrize("quantity", [0, -5, 10**9])
def test_quantities_that_cannot_be(centre: Centre, wares: Wares, quantity: int) -> None:
    assert refused(put, centre, centre.begin(), quantity).field == "quantity"


def test_a_tracked_kind_is_not_counted(centre: Centre, wares: Wares) -> None:
    assert refused(put, centre, centre.begin(), 5, kind="cup-355").field == "kind"


def test_a_recall_holds_counted_ware_by_quantity(centre: Centre, wares: Wares) -> None:
    wares.buy(500, wares.at(WASH, DIRTY))
    wares.buy(40, wares.at(WASH, CLEAN))  # of an earlier day, and nobody can tell
    crate, inside = crate_with(centre.loop, wares, 60)
    batch = batch_of(centre, 100, crate)
    wares.record(wares.move(70, wares.at(WASH, WASHED), wares.at(WASH, CLEAN), Why.PASSED))
    wares.record(wares.move(90, wares.at(WASH, CLEAN), wares.at("HARU", CLEAN), Why.MOVED))
    recall = centre.fail(batch)
    assert centre.recall(recall).counted == [CountedReach("bowl", 160, 110)]
    assert wares.held(type(inside)(crate_id=inside.crate_id, condition=HELD)) == 60
    assert wares.held(wares.at(WASH, HELD)) == 50
    assert wares.held(wares.at(WASH, WASHED)) == wares.held(wares.at(WASH, CLEAN)) == 0
    wares.check()
    [test] = [centre.recall(recall).line]
    assert test.value == 2000


def test_what_the_machine_washes_while_it_is_recalled_is_held_by_quantity(
    centre: Centre, wares: Wares
) -> None:
    wares.buy(500, wares.at(WASH, DIRTY))
    recall = centre.fail(batch_of(centre, 100), Scope.MACHINE)
    assert centre.recall(recall).counted == [CountedReach("bowl", 100, 100)]
    crate, inside = crate_with(centre.loop, wares, 60)
    later = centre.begin("A")
    put(centre, later, 40)
    centre.put(later, crate)
    moment = centre.loop.now
    centre.finish(later)
    put(centre, later, 5, at=moment)  # told late
    sweep(centre)
    assert centre.recall(recall).counted == [CountedReach("bowl", 205, 205)]
    assert wares.held(wares.at(WASH, HELD)) == 145
    assert wares.held(type(inside)(crate_id=inside.crate_id, condition=HELD)) == 60
    wares.check()


def test_what_broke_while_it_was_held_is_not_let_go(centre: Centre, wares: Wares) -> None:
    wares.buy(100, wares.at(WASH, DIRTY))
    test = centre.sample(batch_of(centre, 100))
    centre.result(test, 2000)
    broken = wares.move(30, wares.at(WASH, HELD), beyond(Outside.BROKEN), Why.BROKEN)
    wares.record(broken)
    centre.loop.now += MINUTE
    centre.again(test, 20)
    assert wares.held(wares.at(WASH, DIRTY)) == 70
    assert wares.held(wares.at(WASH, HELD)) == 0
    wares.check()


def test_what_was_held_by_quantity_is_washed_again(centre: Centre, wares: Wares) -> None:
    wares.buy(100, wares.at(WASH, DIRTY))
    batch = batch_of(centre, 100)
    test = centre.sample(batch)
    assert centre.result(test, 2000).recall_id is not None
    assert wares.held(wares.at(WASH, HELD)) == 100
    centre.loop.now += MINUTE
    centre.again(test, 20)
    assert wares.held(wares.at(WASH, DIRTY)) == 100
    assert wares.held(wares.at(WASH, HELD)) == 0
    wares.check()


def test_two_who_finish_a_counted_batch_wash_it_once(centre: Centre, wares: Wares) -> None:
    wares.buy(100, wares.at(WASH, DIRTY))
    batch = centre.begin("A")
    put(centre, batch, 100)
    request = uuid.uuid4()
    now = centre.loop.now
    at_once([partial(centre.finish, batch, id=request, at=now) for _ in range(4)])
    assert wares.held(wares.at(WASH, WASHED)) == 100
    wares.check()
