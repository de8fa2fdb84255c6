"""Machines that meet other loops: what they take, and what they refuse while a courier is asked for."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from lending.db import transaction
from lending.delivery.tables import OrderStatus
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Outcome, State
from lending.requests.pickups.tables import Ending
from tests.callers import device_caller
from tests.machines.conftest import ROBO, open_door
from tests.machines.test_api import put_in, send
from tests.machines.test_api_refusals import refusal
from tests.personas import DAY, MINJI, OFFICE, Loop
from tests.whole.mixed import World, open_world


def test_a_refused_container_has_its_clock_stopped_for_a_day(world: World) -> None:
    loop = world.loop
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    world.shop.contact(order, MINJI)
    due = loop.due(loop.loans(lid)[0].id)
    loop.now = due - timedelta(hours=2)
    world.machines.refuse(world.machines.refused(lid))
    assert world.stops(lid) == [StopWhy.REFUSED]
    loop.now = due + timedelta(hours=20)
    world.work()
    assert (world.texts(), world.stops(lid)) == ([], [StopWhy.REFUSED])
    loop.now = due + timedelta(hours=23)
    world.work()
    assert world.stops(lid) == []
    assert loop.due(loop.loans(lid)[0].id) > loop.now + 2 * DAY  # fresh days
    world.cafe(lid)
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()


def test_refused_while_a_pick_up_is_late_both_stop_the_clock(world: World) -> None:
    """The day is over and the courier still has not come: the clock stands on, till the end."""
    loop = world.loop
    lid, other = world.shop.containers(2)
    order = world.shop.packed(lid, other)
    world.shop.contact(order, MINJI)
    asked = world.ask(other)
    world.shop.later(hours=25)
    world.work()
    assert world.alerts() == {"pickup_late": 1}
    world.machines.refuse(world.machines.refused(lid))
    assert world.stops(lid) == [StopWhy.PICKUP_LATE, StopWhy.REFUSED]
    assert world.stops(other) == [StopWhy.PICKUP_LATE]
    world.shop.later(days=6)  # due long since
    world.work()
    assert world.stops(lid) == [StopWhy.PICKUP_LATE]
    assert world.texts() == []
    world.couriers.take(asked)
    assert StopWhy.PICKED_UP in world.stops(lid)
    world.shop.later(hours=5)
    for code in (lid, other):
        loop.receive(code, ask=False)
    world.work()
    assert (world.stops(lid), world.stops(other)) == ([], [])
    assert (world.texts(), world.alerts()) == ([], {})
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()


def test_refused_and_then_taken_by_the_courier_the_same_hour(world: World) -> None:
    """The refusal's day runs out while the bag is under way: no fresh days, nobody is told."""
    loop = world.loop
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    world.shop.contact(order, MINJI)
    due = loop.due(loop.loans(lid)[0].id)
    loop.now = due - timedelta(hours=1)
    world.machines.refuse(world.machines.refused(lid))
    asked = world.ask(lid)
    world.couriers.take(asked)
    world.shop.later(hours=30)
    world.work()
    assert world.stops(lid) == [StopWhy.PICKED_UP]
    assert loop.due(loop.loans(lid)[0].id) == due
    loop.receive(lid, ask=False)
    world.work()
    assert (world.texts(), world.stops(lid)) == ([], [])
    assert world.couriers.view(asked).ending is Ending.CAME
    world.is_true()


def test_refused_by_a_machine_while_the_bag_is_counted(world: World) -> None:
    """It was not in the bag: who has it tried a machine. Days and one message come all the same."""
    lid, lost = world.shop.containers(2)
    world.shop.contact(world.shop.packed(lid, lost), MINJI)
    asked = world.ask(lid)
    world.couriers.take(asked)
    world.loop.receive(lid, ask=False)
    world.work()
    world.shop.later(hours=23)
    world.machines.refuse(world.machines.refused(lost))
    world.shop.later(hours=2)
    world.work()
    assert world.couriers.view(asked).missing == 1
    assert world.stops(lost) == [StopWhy.REFUSED]
    assert world.texts() == []  # it waits with the clock
    for _ in range(2):
        world.shop.later(hours=23)
        world.work()
    assert world.stops(lost) == []
    [text] = world.texts()
    assert "수거한 가방에" in text
    world.is_true()


# -- at the door of the API --------------------------------------------------------------------------


@pytest.fixture
def today(loop: Loop) -> World:
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    return open_world(loop)


def test_a_machine_takes_whatever_it_reads(app: Flask, today: World) -> None:
    """An order's lid, an event's cup, a booking's, a bag and one of next door's, in one call."""
    world, loop, door = today, today.loop, today.next_door
    bag, (lid, other) = world.shop.bag(2)
    order = world.shop.packed(bag)
    packed = world.halls.out(world.halls.plan(), cups=1, bowl=5)
    (desk,) = loop.clean_cups(1, OFFICE)
    world.office.hand(desk, world.office.book())
    door.now = loop.now
    abroad = door.lent_cup()
    codes = (lid, bag, packed.codes[0], desk, abroad)
    machine = open_door(app, world.machines)
    receipts = send(machine, "returns", *(put_in(code) for code in codes))["receipts"]
    assert [one["result"] for one in receipts] == ["recorded"] * 5
    for code in codes:
        assert world.ended(code) == [Outcome.RETURNED]
        assert loop.item(code).site == world.machines.sites[ROBO].id
    told = machine.post("refusals", refusal(other)).get_json()
    assert (told["result"], len(told["places"])) == ("recorded", 3)
    assert world.stops(other) == [StopWhy.REFUSED]
    page = app.test_client().get(f"/i/{other}").text
    assert "refused-way" in page and f"/i/{other}/pickup" in page  # two ways out
    loop.now = max(loop.now, datetime.now(UTC))
    world.work()
    assert world.status(order) is OrderStatus.PART_RETURNED
    world.is_true()


def test_a_till_takes_back_whatever_is_brought(app: Flask, today: World) -> None:
    """Mina's beep needs no person and asks nothing; the answer names nobody."""
    world, loop = today, today.loop
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    world.shop.contact(order, MINJI)
    packed = world.halls.out(world.halls.plan(), cups=1, bowl=5)
    with transaction(loop.engine) as session:
        mina = device_caller(app, session, loop.town)
    for code in (lid, packed.codes[0], packed.crate):
        moment = datetime.now(UTC).isoformat()
        body = {"id": str(uuid.uuid4()), "code": code, "at": moment, "sent_at": moment, "seq": 1}
        answer = mina.open("/scan/beep", "POST", json=body | {"borrower": None})
        assert answer.status_code == 200, answer.text
        assert "6789" not in answer.text
        if code != packed.crate:  # a crate's beep at a till shows what is in it
            assert answer.get_json()["action"] == "return"
            assert loop.item(code).state is State.RETURNED
    loop.now = max(loop.now, datetime.now(UTC))
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()
