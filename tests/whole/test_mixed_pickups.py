"""Pick-ups that meet other loops: brought elsewhere before, a stranger's cup in the bag."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.tables import OrderStatus
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Outcome, State
from lending.notices.tables import Notice, NoticeKind
from lending.requests.pickups.tables import Ending
from lending.requests.pickups.views import PickupState, open_pickups
from tests.personas import DANA, DAY, MINJI
from tests.whole.mixed import World


def told(world: World, code: str) -> list[NoticeKind]:
    """What was noted to be said of the loans of a piece."""
    lends = [loan.id for loan in world.loop.loans(code)]
    with Session(world.loop.engine) as session:
        return list(session.scalars(sa.select(Notice.kind).where(Notice.lend_id.in_(lends))))


def waiting(world: World) -> list[uuid.UUID]:
    """The requests for which a round is to be planned."""
    district, today = world.loop.town.id, world.loop.now.date()
    found = world.couriers.read(open_pickups, district_id=district, today=today)
    return [one.id for one in found]


@pytest.mark.parametrize("swept", [False, True])
def test_brought_to_a_cafe_before_the_courier_comes(world: World, swept: bool) -> None:
    """The request is over; the courier at the door is told so, whether the worker came by or not."""
    bag, lids = world.shop.bag(2)
    order = world.shop.packed(bag)
    asked = world.ask(lids[0])
    world.work()
    assert world.status(order) is OrderStatus.PICKUP_REQUESTED
    for code in (*lids, bag):
        world.cafe(code)
    assert waiting(world) == []  # no round is planned for it any more
    if swept:
        world.work()
        assert world.couriers.view(asked).ending is Ending.CAME
    took = world.couriers.take(asked)
    world.work()
    view = world.couriers.view(asked)
    assert (view.state, view.ending, view.missing) == (PickupState.ENDED, Ending.CAME, 0)
    assert took.mine is (not swept)
    assert world.status(order) is OrderStatus.RETURNED
    assert [world.ended(lid) for lid in lids] == [[Outcome.RETURNED]] * 2
    assert (world.texts(), world.alerts(), world.reviews()) == ([], {}, [])
    world.is_true()


def test_lids_without_their_bag_at_a_cafe_end_the_request_as_well(world: World) -> None:
    """Who keeps the bag owes nothing: no courier comes for an empty one, unless it is asked for."""
    bag, lids = world.shop.bag(2)
    order = world.shop.packed(bag)
    asked = world.ask(bag)
    world.cafe(lids[0])
    assert waiting(world) == [asked]
    world.cafe(lids[1])
    assert waiting(world) == []
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    assert world.couriers.view(asked).ending is Ending.CAME
    assert waiting(world) == []
    empty = world.ask(bag)
    world.work()
    assert waiting(world) == [empty]
    world.couriers.take(empty, bag)
    world.work()
    assert world.couriers.view(empty).ending is Ending.CAME
    world.is_true()


def test_taken_without_its_code_the_bag_is_nobodys_to_look_for(world: World) -> None:
    """The centre counts the pieces and nobody scans the bag: all of it came."""
    bag, lids = world.shop.bag(2)
    world.shop.contact(world.shop.packed(bag), MINJI)
    asked = world.ask(lids[0])
    world.couriers.take(asked)
    for lid in lids:
        world.loop.receive(lid, ask=False)
    world.shop.later(days=2)
    world.work()
    view = world.couriers.view(asked)
    assert (view.ending, view.missing, world.texts()) == (Ending.CAME, 0, [])
    world.is_true()


def test_a_strangers_cafe_cup_in_the_bag(world: World) -> None:
    """Dana's cup from the café came along: her loan ends no later than the bag was taken, unharmed."""
    loop = world.loop
    cup = loop.clean_cup()
    loop.lend(cup, DANA)
    bag, lids = world.shop.bag(2)
    order = world.shop.packed(bag)
    world.shop.contact(order, MINJI)
    asked = world.ask(lids[1])
    took = world.couriers.take(asked, bag)
    world.shop.later(days=5)
    for code in (bag, *lids, cup):
        loop.receive(code, ask=False, **({} if code == bag else {"crate": bag}))
    world.work()
    for code in (*lids, cup):
        [loan] = loop.loans(code)
        assert loan.outcome in (Outcome.RETURNED, Outcome.IMPLIED)
        assert loan.closed_at is not None and loan.closed_at <= took.taken_at
        assert loop.item(code).state is State.DIRTY
    assert world.couriers.view(asked).ending is Ending.CAME
    assert world.status(order) is OrderStatus.RETURNED
    assert (world.texts(), world.reviews()) == ([], [])
    world.shop.later(days=40)
    world.work()
    assert world.texts() == []
    assert loop.lend(loop.clean_cup(), DANA).error is None  # nobody is paused
    world.is_true()


def test_a_cup_lent_after_the_bag_was_taken_ends_where_it_is_found(world: World) -> None:
    """What went into the bag later than the scan cannot have come back before it was lent."""
    loop = world.loop
    bag, (lid, other) = world.shop.bag(2)
    world.shop.packed(bag)
    asked = world.ask(lid)
    world.couriers.take(asked, bag)
    cup = loop.clean_cup()
    lent = loop.now
    loop.lend(cup, DANA)
    world.shop.later(hours=3)
    for code in (bag, lid, other, cup):
        loop.receive(code, ask=False, **({} if code == bag else {"crate": bag}))
    [loan] = loop.loans(cup)
    assert loan.closed_at is not None and loan.closed_at >= lent
    assert loan.outcome is Outcome.IMPLIED
    world.work()
    assert world.couriers.view(asked).ending is Ending.CAME
    world.is_true()


def test_the_bag_came_with_one_lid_of_two_and_the_other_was_at_the_box(world: World) -> None:
    """What came by another way after the taking is not missing."""
    bag, (lid, other) = world.shop.bag(2)
    order = world.shop.packed(bag)
    world.shop.contact(order, MINJI)
    asked = world.ask(lid)
    world.couriers.take(asked, bag)
    world.box(other)
    world.loop.receive(bag, ask=False)
    world.loop.receive(lid, ask=False, crate=bag)
    world.work()
    world.shop.later(days=3)
    world.work()
    view = world.couriers.view(asked)
    assert (view.ending, view.missing) == (Ending.CAME, 0)
    assert (world.texts(), told(world, other)) == ([], [])
    world.is_true()


def test_lids_the_bag_lacked_are_found_at_a_hall_after_the_message(world: World) -> None:
    """Three days and one message for both; then they turn up elsewhere, and nothing more is said."""
    bag, (lid, *others) = world.shop.bag(3)
    order = world.shop.packed(bag)
    world.shop.contact(order, MINJI)
    asked = world.ask(lid)
    world.couriers.take(asked, bag)
    world.loop.receive(bag, ask=False)
    world.loop.receive(lid, ask=False, crate=bag)
    world.work()
    world.shop.later(hours=25)
    world.work()
    assert world.couriers.view(asked).missing == 2
    assert [told(world, one) for one in others] == [[NoticeKind.NOT_IN_BAG]] * 2
    assert len(world.texts()) == 1
    for one in others:
        world.hall(one)
    world.shop.later(days=20)
    world.work()
    assert [world.ended(one) for one in others] == [[Outcome.RETURNED]] * 2
    assert len(world.texts()) == 1
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()


def test_a_container_of_the_next_district_is_picked_up_here(world: World) -> None:
    """Whose it is does not matter: the request, the stop and the fresh days are the lender's."""
    door, loop = world.next_door, world.loop
    door.now = loop.now
    lid, lost = door.clean_cups(2)
    loop.now = door.now
    order = world.shop.packed(lid, lost)
    world.shop.contact(order, MINJI)
    asked = world.ask(lid)
    world.couriers.take(asked, lid)
    assert loop.item(lid).state is State.COLLECTED
    loop.receive(lid, ask=False)
    world.work()
    world.shop.later(days=10)  # due long since
    world.work()
    assert world.couriers.view(asked).missing == 1
    assert loop.due(loop.loans(lost)[0].id) > loop.now + 2 * DAY
    assert len(world.texts()) == 1
    world.next_cafe(lost)
    world.work()
    assert world.status(order) is OrderStatus.RETURNED
    world.is_true()


def test_two_ask_and_one_brings_it(world: World) -> None:
    """The second asker has the first one's request; brought to the office, both see that it is over."""
    [lid, other] = world.shop.containers(2)
    world.shop.packed(lid, other)
    first, second = world.ask(lid), world.ask(other)
    assert first == second
    for code in (lid, other):
        world.desk(code)
    world.work()
    assert world.couriers.view(first).ending is Ending.CAME
    anew = world.couriers.loop.item(lid)
    assert anew.state is State.RETURNED
    world.is_true()


def test_a_request_for_one_order_stops_no_clock_of_another(world: World) -> None:
    """Lids of two orders in one bag: each order's own request closes by its own pieces."""
    [mine, theirs] = world.shop.containers(2)
    one, other = world.shop.packed(mine), world.shop.packed(theirs)
    asked = world.ask(mine)
    bag = world.loop.new_crate()
    world.couriers.take(asked, bag, id=uuid.uuid4())
    assert (world.stops(mine), world.stops(theirs)) == ([StopWhy.PICKED_UP], [])
    for code in (bag, mine, theirs):
        world.loop.receive(code, ask=False, **({} if code == bag else {"crate": bag}))
    world.work()
    assert (world.status(one), world.status(other)) == (OrderStatus.RETURNED,) * 2
    assert world.couriers.view(asked).ending is Ending.CAME
    world.is_true()
