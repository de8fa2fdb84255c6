"""A recall reaches ware that is out for an order, an event, a booking: held, and told to whom."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from lending.db import reading, transaction
from lending.delivery.tables import OrderStatus
from lending.errors import Code, LendingError
from lending.loop.codes import format_code
from lending.loop.steps import Action, State
from lending.washing.hygiene.aside import list_to_set_aside
from tests.callers import device_caller
from tests.delivery.shop import SHOP
from tests.personas import DANA, HARU, MINJI, OFFICE, Loop
from tests.washing.centre import told
from tests.whole.mixed import World, open_world


def stocked(world: World, site: str, *cups: str) -> None:
    for cup in cups:
        world.loop.ship(cup, to=world.loop.site(site))
        world.loop.one(Action.STOCK, cup, by=world.loop.town.officer, site=world.loop.site(site))


def test_a_recall_reaches_ware_wherever_it_went(world: World) -> None:
    """An attached order's person is told, once it is confirmed; of ware that nobody stands for the
    place is shown where it went, and every piece is held when it comes back."""
    loop, centre = world.loop, world.centre
    mine, nobodys, desk, shelf, event_cup, cafe = cups = loop.new_cups(6)
    batch = centre.passed(*cups)
    stocked(world, SHOP, mine, nobodys, shelf)
    stocked(world, OFFICE, desk)
    stocked(world, HARU, cafe)
    attached, alone = world.shop.packed(mine), world.shop.packed(nobodys)
    world.shop.contact(attached, MINJI)
    world.shop.contact(alone, "050-1234-5678")
    loop.lend(cafe, DANA)
    world.office.hand(desk, world.office.book())
    event = world.halls.plan()
    packed = world.halls.pack_in(event)
    loop.pack(packed.crate, event_cup)
    world.pack(packed)
    world.halls.bring(packed.crate)
    world.halls.hand(event, packed)
    sample = centre.sample(batch)
    recall = centre.result(sample, 2000).recall_id
    assert recall is not None
    loop.now += timedelta(minutes=1)
    world.work()
    assert centre.held(recall) == set(cups)
    assert world.texts() == []  # nobody is alarmed by one value
    centre.again(sample, 2000)
    assert centre.confirm(recall) == 2  # Minji and Dana; a safe number is never written to
    world.work()
    assert told(loop) == 2
    assert len(world.texts()) == 2
    assert all("위생" in text for text in world.texts())
    view = centre.recall(recall)
    assert (view.out, view.elsewhere) == (5, 1)
    out = {line.site: line.count for line in view.places if line.state is State.LENT}
    assert out == {SHOP: 2, OFFICE: 1, "HALL": 1, HARU: 1}  # whom the officer can call
    aside = {code: _aside(world, code) for code in (SHOP, "HALL", OFFICE, HARU)}
    assert aside == {SHOP: {shelf}, "HALL": set(), OFFICE: set(), HARU: set()}
    world.work()
    keepers = (world.halls.haein, world.shop.bora, world.office.hana, loop.town.mina)
    out = [world.alerts(who).get("wash_recall_out") for who in keepers]
    assert out == [1, 2, 1, None]  # Dana was told herself
    # What is asked for now is refused wherever it lies; what comes back is to be set aside there.
    assert world.shop.beep(shelf, uuid.uuid4()).error is Code.HELD
    for way, code in (("cafe", mine), ("hall", event_cup), ("desk", desk), ("cafe", nobodys)):
        getattr(world, way)(code)
    assert _aside(world, HARU) == {mine, nobodys}
    assert _aside(world, "HALL") == {event_cup}
    assert _aside(world, OFFICE) == {desk}
    world.work()
    assert (world.status(attached), world.status(alone)) == (OrderStatus.RETURNED,) * 2
    assert not any("wash_recall_out" in world.alerts(who) for who in keepers)
    world.is_true()


def _aside(world: World, site: str) -> set[str]:
    with reading(world.loop.engine) as session:
        lines = list_to_set_aside(session, site_id=world.loop.town.sites[site])
    return {line.code for line in lines}


def test_a_held_piece_keeps_its_crate_in_the_store(world: World) -> None:
    """A sealed crate with a recalled cup goes to no room, and back unopened it is still held."""
    loop, centre, halls = world.loop, world.centre, world.halls
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    event = halls.plan()
    packed = halls.pack_in(event)
    loop.pack(packed.crate, cup)
    world.pack(packed)
    halls.bring(packed.crate)
    halls.hand(event, packed)
    centre.fail(batch)
    halls.back(packed, sealed=True)
    assert loop.item(cup).hold is not None
    assert _aside(world, "HALL") == {cup}
    with pytest.raises(LendingError) as refused:
        halls.hand(halls.plan(), packed)
    assert refused.value.code is Code.HELD
    world.is_true()


def test_someone_who_attaches_after_the_recall_was_confirmed_is_told(world: World) -> None:
    """The order was nobody's when people were told; the worker's round tells whoever has it now."""
    loop, centre = world.loop, world.centre
    [lid] = loop.new_cups()
    batch = centre.passed(lid)
    stocked(world, SHOP, lid)
    order = world.shop.packed(lid)
    sample = centre.sample(batch)
    recall = centre.result(sample, 2000).recall_id
    assert recall is not None
    loop.now += timedelta(minutes=1)
    centre.again(sample, 2000)
    assert centre.confirm(recall) == 0
    world.shop.contact(order, MINJI)
    world.work()
    assert told(loop) == 1
    assert len(world.texts()) == 1
    world.is_true()


def test_every_page_of_the_place_that_lent_it_says_so(app: Flask, loop: Loop) -> None:
    """The shop, the hall and the office work on pages of their own: each tells what is out, by its
    number and nobody's name, and what comes back is asked for until it is set aside."""
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    world = open_world(loop)
    lid, other, cafe = cups = loop.new_cups(3)
    batch = world.centre.passed(*cups)
    stocked(world, SHOP, lid, other)
    stocked(world, HARU, cafe)
    world.shop.packed(lid)
    loop.lend(cafe, DANA)
    with transaction(loop.engine) as session:
        bora = device_caller(app, session, loop.town, SHOP)
        mina = device_caller(app, session, loop.town)
    words = ("여기서 내보낸 1개가", "여기 있는 1개를", format_code(lid))
    assert not any(one in bora.open("/delivery").text for one in words)
    world.centre.fail(batch)
    for path in ("/delivery", "/supply"):
        page = bora.open(path).text
        assert all(one in page for one in words), path
        assert format_code(other) not in page.split("keeper-notice")[1].split("</details>")[0]
    assert "내보낸" not in mina.open("/supply").text  # who has it is told, and is no place's
    world.cafe(lid)
    assert "내보낸" not in bora.open("/delivery").text
    assert "여기 있는 1개를" in mina.open("/supply").text
