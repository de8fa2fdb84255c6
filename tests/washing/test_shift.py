"""The shift's figures: what waits, runs, is to be inspected and ready, per hour and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code
from lending.washing.centre import load_plan, set_plan
from lending.washing.shift import Shift, load_shift
from tests.callers import device_caller
from tests.personas import HARU, WASH, Loop, Town
from tests.wares.conftest import CLEAN, DIRTY, WASHED, Wares
from tests.wares.conftest import wares as wares
from tests.washing.centre import Centre, refused
from tests.washing.test_batches_counted import put

HOUR = timedelta(hours=1)


@pytest.fixture
def at_noon(loop: Loop) -> None:
    loop.now = datetime(2026, 3, 3, 3, 10, tzinfo=UTC)


def look(centre: Centre) -> Shift:
    site = centre.site()
    with Session(centre.loop.engine) as session:
        return load_shift(session, site=site, now=centre.loop.now)


def plan(centre: Centre, per_hour: int) -> None:
    centre.write(set_plan, site=centre.site(), per_hour=per_hour, actor=centre.jun)


def test_every_piece_is_in_one_pile(at_noon: None, centre: Centre, wares: Wares) -> None:
    loop = centre.loop
    old = loop.new_cups(3)
    loop.now += HOUR
    loop.new_cups(2, "cup-473")
    crate, packed = loop.new_crate(), loop.new_cups(4)
    loop.pack(crate, *packed)
    washed = loop.new_cups(5)
    centre.washed(*washed)
    loop.pass_(washed[0])
    batch = centre.begin("A")
    centre.put(batch, crate, old[0])
    wares.buy(100, wares.at(WASH, DIRTY))
    wares.buy(30, wares.at(WASH, CLEAN))
    shift = look(centre)
    assert [(line.kind, line.count) for line in shift.waiting] == [
        ("cup-355", 2), ("cup-473", 2), ("bowl", 100),
    ]  # fmt: skip
    assert shift.waiting[0].since is not None
    assert shift.waiting[0].since < loop.now - HOUR
    assert [one.pieces for one in shift.machines] == [5]
    assert [(line.kind, line.count) for line in shift.to_inspect] == [("cup-355", 4)]
    assert [(line.kind, line.count) for line in shift.ready] == [("cup-355", 1), ("bowl", 30)]
    assert shift.backlog == 104 + 5 + 4


def test_an_hour_s_work_against_the_plan_and_the_end(at_noon: None, centre: Centre) -> None:
    loop = centre.loop
    centre.passed(*loop.new_cups(4))
    loop.now = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
    again = loop.new_cups(6)
    centre.passed(*again)
    loop.new_cups(12)
    shift = look(centre)
    assert [line.done for line in shift.hours][-2:] == [4, 6]
    assert shift.last_hour == 6
    assert shift.ends_at == loop.now + 2 * HOUR  # 12 pieces at 6 an hour
    loop.now += 3 * HOUR
    quiet = look(centre)
    assert (quiet.rate, quiet.ends_at) == (0, None)
    plan(centre, 24)
    planned = look(centre)
    assert (planned.per_hour, planned.ends_at) == (24, loop.now + HOUR / 2)


def test_a_pass_taken_back_is_none(at_noon: None, centre: Centre) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    loop.wash(cup)
    passed = loop.pass_(cup)
    assert look(centre).last_hour == 1
    loop.void(cup, passed.id, by=loop.town.jun)
    shift = look(centre)
    assert (shift.last_hour, shift.first_pass.inspected) == (0, 0)


def test_counted_ware_in_a_machine_waits_no_more(
    at_noon: None, centre: Centre, wares: Wares
) -> None:
    wares.buy(100, wares.at(WASH, DIRTY))
    batch = centre.begin("A")
    put(centre, batch, 60)
    shift = look(centre)
    assert [line.count for line in shift.waiting] == [40]
    assert shift.backlog == 100
    centre.finish(batch)
    shift = look(centre)
    assert [line.count for line in shift.to_inspect] == [60]
    assert wares.held(wares.at(WASH, WASHED)) == 60


def test_the_statements_do_not_grow_with_the_ware(at_noon: None, centre: Centre) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        sa.event.listen(centre.loop.engine, "before_cursor_execute", note)
        look(centre)
        sa.event.remove(centre.loop.engine, "before_cursor_execute", note)
        return len(seen)

    centre.put(centre.begin("A"), *centre.loop.new_cups(2))
    few = statements()
    for name in "BCD":
        centre.put(centre.begin(name), *centre.loop.new_cups(30, "cup-473"))
    centre.passed(*centre.loop.new_cups(20))
    assert statements() == few


def test_a_plan_is_a_centre_s_own_setting(at_noon: None, centre: Centre) -> None:
    plan(centre, 600)
    plan(centre, 500)
    with Session(centre.loop.engine) as session:
        assert load_plan(session, site_id=centre.loop.town.sites[WASH]) == 500
    site = centre.site()
    for per_hour in (-1, 100_001):
        error = refused(centre.write, set_plan, site=site, per_hour=per_hour, actor=centre.jun)
        assert (error.code, error.field) == (Code.INVALID, "per_hour")
    mina = centre.loop.town.mina
    error = refused(centre.write, set_plan, site=site, per_hour=1, actor=mina)
    assert error.code is Code.NOT_ALLOWED_HERE


def test_the_wall_is_of_the_own_centre(
    app: Flask, engine: sa.Engine, town: Town, loop: Loop
) -> None:
    loop.now = datetime.now(UTC)
    loop.new_cups(3)
    with transaction(engine) as session:
        tablet = device_caller(app, session, town, WASH)
        cafe = device_caller(app, session, town, HARU)
    told = tablet.open("/wash/board/now").get_json()
    assert told["waiting"]["count"] == 3
    assert told["backlog"] == 3
    assert cafe.open("/wash/board/now").status_code == 403
