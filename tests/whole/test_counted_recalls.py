"""A recall reaches counted ware that is out: whose crate, room or shelf it went to is told how much."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.events.values import EventView, PackIn
from lending.loop.codes import format_code
from lending.wares.ways import Account, Condition, Outside, Why, beyond
from lending.washing.hygiene.out import load_keeper_view
from tests.callers import device_caller
from tests.delivery.shop import SHOP
from tests.events.test_undoing_back import undo
from tests.personas import OFFICE, WASH, Loop
from tests.washing.test_batches_counted import batch_of
from tests.whole.mixed import World, open_world

CLEAN, WASHED, HELD = Condition.CLEAN, Condition.WASHED, Condition.HELD


def washed(world: World, bowls: int) -> uuid.UUID:
    """A batch of so many bowls that were passed at the centre."""
    wares = world.halls.wares
    wares.buy(bowls, wares.at(WASH, Condition.DIRTY))
    batch = batch_of(world.centre, bowls)
    wares.record(wares.move(bowls, wares.at(WASH, WASHED), wares.at(WASH), Why.PASSED))
    return batch


def in_room(world: World, bowls: int) -> tuple[EventView, PackIn]:
    """A crate of such bowls in one of Hae-in's rooms."""
    event = world.halls.plan()
    packed = world.halls.pack_in(event, bowl=bowls)
    world.pack(packed)
    world.halls.bring(packed.crate)
    world.halls.hand(event, packed)
    return event, packed


def inside(world: World, crate: str, condition: Condition) -> int:
    account = Account(crate_id=world.loop.item_id(crate), condition=condition)
    return world.halls.wares.held(account)


def out_at(world: World) -> int | None:
    world.work()
    return world.alerts(world.halls.haein).get("wash_recall_out")


def test_the_hall_is_told_how_much_of_it_is_in_its_rooms(world: World) -> None:
    batch = washed(world, 100)
    _, packed = in_room(world, 60)
    assert out_at(world) is None
    world.centre.fail(batch)
    assert out_at(world) == 60  # the other 40 are held at the centre
    assert world.alerts(world.shop.bora).get("wash_recall_out") is None
    world.halls.back(packed)
    assert out_at(world) is None  # used, and washed before anybody has it again
    world.is_true()


def test_never_more_than_the_recall_still_looks_for(world: World) -> None:
    """Nobody can tell whose bowls are in which crate: each may hold them, both together no more."""
    world.halls.wares.buy(500, world.halls.wares.at(WASH))
    batch = washed(world, 100)
    world.halls.wares.record(
        world.halls.wares.move(
            30, world.halls.wares.at(WASH), world.halls.wares.at(SHOP), Why.MOVED
        )
    )
    in_room(world, 400)
    in_room(world, 150)
    world.centre.fail(batch)
    assert out_at(world) == 80  # 20 were left at the centre
    world.is_true()


def test_what_went_out_before_it_was_washed_is_not_concerned(world: World) -> None:
    wares, here = world.halls.wares, world.halls.wares.at(WASH)
    washed(world, 80)
    in_room(world, 60)
    wares.record(wares.move(20, here, wares.at(SHOP), Why.MOVED))
    world.loop.now += timedelta(minutes=1)
    batch = washed(world, 40)
    wares.record(wares.move(40, here, beyond(Outside.RETIRED), Why.RETIRED))
    world.centre.fail(batch)
    assert out_at(world) is None
    shop = world.loop.town.sites[SHOP]
    assert wares.read(lambda s: load_keeper_view(s, site_id=shop)) is None


def test_back_unopened_it_is_held_in_its_crate(world: World) -> None:
    batch = washed(world, 100)
    _, packed = in_room(world, 60)
    recall = world.centre.fail(batch)
    world.halls.back(packed, sealed=True)
    assert inside(world, packed.crate, CLEAN) == 60
    assert out_at(world) is None
    assert (inside(world, packed.crate, CLEAN), inside(world, packed.crate, HELD)) == (0, 60)
    [counted] = world.centre.recall(recall).counted
    assert (counted.wanted, counted.held) == (100, 100)
    world.work()
    assert inside(world, packed.crate, HELD) == 60
    with pytest.raises(LendingError) as refused:
        world.halls.hand(world.halls.plan(), packed)
    assert refused.value.code is Code.NOT_CLEAN
    world.is_true()


def test_unopened_undone_and_unopened_again_is_held_once(world: World) -> None:
    batch = washed(world, 120)
    _, packed = in_room(world, 60)
    in_room(world, 60)
    recall = world.centre.fail(batch)
    undo(world.halls, world.halls.back(packed, sealed=True))
    world.halls.back(packed, sealed=True)
    assert out_at(world) == 60  # what is in the other room
    assert (inside(world, packed.crate, CLEAN), inside(world, packed.crate, HELD)) == (0, 60)
    [counted] = world.centre.recall(recall).counted
    assert (counted.wanted, counted.held) == (120, 60)
    world.is_true()


def test_every_page_of_the_place_says_what_to_set_aside(app: Flask, loop: Loop) -> None:
    """In a room: by crate, for that is what the hall knows it by. On a shelf: by kind. What the place
    noted as set aside is asked for no more."""
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    world = open_world(loop)
    wares, here = world.halls.wares, world.halls.wares.at(WASH)
    batch = washed(world, 100)
    _, packed = in_room(world, 60)
    wares.buy(50, wares.at(SHOP))  # others of hers
    wares.record(wares.move(25, here, wares.at(SHOP), Why.MOVED))
    stored = world.halls.pack_in(bowl=10)
    world.pack(stored)
    world.halls.bring(stored.crate)
    with transaction(loop.engine) as session:
        haein = device_caller(app, session, loop.town, "HALL")
        bora = device_caller(app, session, loop.town, SHOP)
        hana = device_caller(app, session, loop.town, OFFICE)
    assert "keeper-notice" not in haein.open("/events/rooms").text
    world.centre.fail(batch)
    for path in ("/events/rooms", "/supply"):
        notice = haein.open(path).text.split("keeper-notice")[1].split("</details>")[0]
        assert "여기서 내보낸 것 가운데 최대 60개" in notice, path
        assert "여기 있는 것 가운데 최대 10개" in notice, path
        assert format_code(packed.crate) in notice, path
        assert format_code(stored.crate) in notice, path
        assert "bowl" in notice, path
    notice = bora.open("/delivery").text.split("keeper-notice")[1].split("</details>")[0]
    assert "여기 있는 것 가운데 최대 25개" in notice
    assert "keeper-notice" not in hana.open("/offices").text
    wares.record(wares.move(25, wares.at(SHOP), wares.at(SHOP, HELD), Why.HELD), by=world.shop.bora)
    assert "keeper-notice" not in bora.open("/delivery").text
