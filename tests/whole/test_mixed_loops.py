"""Ware that comes home by another way than it went: the right state, the right word, nothing lost."""

import uuid
from dataclasses import replace

import pytest

from lending.delivery.tables import OrderStatus
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.offices.values import Stage
from tests.delivery.shop import SHOP
from tests.personas import BOX, HARU, MINJI, OFFICE
from tests.whole.mixed import World

WAYS = ["box", "cafe", "machine", "hall", "desk", "next_cafe"]


@pytest.mark.parametrize("way", WAYS)
def test_a_delivery_container_comes_home_by_any_way(world: World, way: str) -> None:
    """From anyone, anywhere: its loan is returned, its order over, and nobody is asked anything."""
    bag, lids = world.shop.bag(2)
    order = world.shop.packed(bag)
    world.shop.contact(order, MINJI)
    getattr(world, way)(lids[0])
    world.work()
    assert world.status(order) is OrderStatus.PART_RETURNED
    getattr(world, way)(lids[1])
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    for lid in lids:
        assert world.ended(lid) == [Outcome.RETURNED]
        assert world.loop.item(lid).state is State.RETURNED
        assert not world.loop.gaps(lid)
    assert (world.texts(), world.reviews()) == ([], [])
    # The empty bag is nobody's debt, and the next sighting ends its loan.
    assert world.ended(bag) == [None]
    getattr(world, way)(bag)
    assert world.ended(bag) == [Outcome.RETURNED]
    world.is_true()


@pytest.mark.parametrize("way", WAYS)
def test_a_cup_of_the_next_district_is_taken_anywhere(world: World, way: str) -> None:
    """A cup that was lent next door: its loan there ends, and it may be washed here."""
    door = world.next_door
    cup = door.lent_cup()
    world.loop.now = door.now
    getattr(world, way)(cup)
    [loan] = door.loans(cup)
    assert loan.outcome is Outcome.RETURNED
    door.now = world.loop.now
    world.come_home(cup)
    world.loop.wash(cup)
    assert world.loop.pass_(cup).result is Result.RECORDED
    world.work()
    assert door.item(cup).clean
    assert (world.texts(), world.reviews()) == ([], [])
    world.is_true()


def test_ware_of_the_next_district_goes_out_here_and_its_clock_is_ours(world: World) -> None:
    """At the pass, in a crate for a hall and over the office's desk: lent, due, and written off by
    the district that lent it."""
    door, loop = world.next_door, world.loop
    door.now = loop.now
    order_cup, desk_cup = door.clean_cup(HARU), door.clean_cup(HARU)
    [hall_cup] = door.passed_cups(1)
    loop.now = door.now
    order = world.shop.packed(order_cup)
    booking = world.office.book()
    world.office.hand(desk_cup, booking)
    event = world.halls.plan()
    packed = world.halls.pack_in(event)
    with pytest.raises(LendingError) as refused:  # nobody plans with ware that is not ours,
        world.pack(replace(packed, codes=(hall_cup,)))
    assert (refused.value.code, refused.value.detail) == (Code.UNKNOWN_CODE, hall_cup)
    loop.pack(packed.crate, hall_cup)  # but what lies in a crate goes along
    world.pack(packed)
    world.halls.bring(packed.crate)
    view = world.halls.hand(event, packed)
    assert sum(view.pieces.values()) == 1
    assert {door.item(cup).state for cup in (order_cup, desk_cup, hall_cup)} == {State.LENT}
    world.is_true()
    world.shop.later(days=60)
    world.work()
    for cup in (order_cup, desk_cup, hall_cup):
        assert door.item(cup).state is State.LOST, cup
        assert door.loans(cup)[-1].outcome is None  # till it is seen again
    world.work()
    assert world.status(order) is OrderStatus.LOST
    world.box(order_cup)  # found after all
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()


def test_a_bookings_cup_borrowed_by_card_and_returned_by_a_machine(world: World) -> None:
    """Two persons for one cup: somebody looks at it; whoever brings it back, both loans are over."""
    loop, office = world.loop, world.office
    (cup,) = loop.clean_cups(1, OFFICE)
    booking, card = office.book(), office.new_card(office.culture)
    office.hand(cup, booking)
    with pytest.raises(LendingError) as refused:
        office.hand(cup, card=card)
    assert refused.value.code is Code.ALREADY_LENT
    office.hand(cup, card=card, ask=False)  # the tablet had no network: it did go by card
    assert world.ended(cup) == [Outcome.SUPERSEDED, None]
    assert world.reviews() == ["superseded"]
    world.machine(cup)
    assert world.ended(cup) == [Outcome.SUPERSEDED, Outcome.RETURNED]
    assert office.look(booking).stage is Stage.BACK
    world.work()
    assert world.texts() == []
    lines = office.month()
    assert lines["문화과", "cup-355"].returned == 1
    world.is_true()


def test_a_bag_lent_twice_takes_nothing_of_the_first_order_along(world: World) -> None:
    """It came back unseen and was packed again: its first loan ends, what was in it stays out."""
    bag, lids = world.shop.bag(2)
    first = world.shop.packed(bag)
    again = uuid.uuid4()
    assert world.shop.beep(bag, again).error is Code.ALREADY_LENT
    world.loop.go(
        world.loop.scan(Action.RETURN, bag, site=world.loop.site(SHOP)), by=world.shop.bora
    )
    [fresh] = world.shop.containers()
    second = world.shop.packed(bag, fresh)
    world.work()
    assert world.ended(bag) == [Outcome.RETURNED, None]
    assert (world.status(first), world.status(second)) == (OrderStatus.PACKED,) * 2
    for lid in lids:
        world.box(lid)
    world.work()
    assert (world.status(first), world.status(second)) == (
        OrderStatus.RETURNED, OrderStatus.PACKED,
    )  # fmt: skip
    world.is_true()


def test_a_bag_beeped_into_two_orders_without_a_network(world: World) -> None:
    """Of two facts the later holds the bag; the pieces went with the first, nobody owes them twice."""
    bag, lids = world.shop.bag(2)
    first = world.shop.packed(bag)
    second = uuid.uuid4()
    late = world.shop.now
    world.shop.later(hours=1)
    done = world.shop.beep(bag, second, at=late)
    assert done.error is None
    world.work()
    assert world.ended(bag) == [Outcome.SUPERSEDED, None]
    assert [world.ended(lid) for lid in lids] == [[None], [None]]
    for lid in lids:
        world.box(lid)
    world.box(bag)
    world.work()
    assert (world.status(first), world.status(second)) == (OrderStatus.RETURNED,) * 2
    world.is_true()


def test_what_lies_in_the_box_is_told_there(world: World) -> None:
    """A container, a bag and an office's cup in one return box: all are the box's to be emptied."""
    bag, (lid, _) = world.shop.bag(2)
    world.shop.packed(bag)
    (cup,) = world.loop.clean_cups(1, OFFICE)
    world.office.hand(cup, world.office.book())
    for code in (bag, lid, cup):
        assert world.box(code).result is Result.RECORDED
        assert world.loop.item(code).site == world.loop.town.sites[BOX]
        world.loop.collect(code, BOX, ask=False)
        world.loop.receive(code, ask=False)
        assert world.loop.item(code).state is State.DIRTY
    world.is_true()
