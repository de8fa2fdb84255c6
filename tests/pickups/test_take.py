"""The courier at the door: taken with or without a code, by one of two, in vain, or by mistake."""

import uuid
from functools import partial

import pytest

from lending.errors import Code, LendingError
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import State
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.sheet import load_sheets, positions_of
from lending.requests.pickups.tables import Ending, Where
from lending.requests.pickups.take import Take, plan_pickups, take_pickup
from lending.requests.pickups.untake import untake_pickup
from lending.requests.pickups.views import PickupState
from tests.personas import Loop
from tests.pickups.conftest import HOME, Deliveries, add_round
from tests.races import at_once


def test_taken_with_its_bag_every_clock_stands(shop: Deliveries) -> None:
    """Couriers open no bag: what is in it stays out until the centre counts it."""
    order, lids = shop.order(2)
    bag = shop.loop.new_crate()
    shop.pack(order, bag)
    asked = shop.ask(lids[0])
    id, at = uuid.uuid4(), shop.now
    took = shop.take(asked.pickup.id, bag, id=id, at=at)
    assert took.mine
    assert shop.loop.item(bag).state is State.COLLECTED
    assert [shop.whys(lid) for lid in lids] == [[StopWhy.PICKED_UP]] * 2
    assert all(shop.is_open(lid) for lid in lids)
    view = shop.view(asked.pickup.id)
    assert (view.state, view.taken_at, view.taken_by) == (
        PickupState.TAKEN, took.taken_at, "token:9"
    )  # fmt: skip
    assert shop.row(asked.pickup.id).bag_id == shop.loop.item_id(bag)
    assert shop.take(asked.pickup.id, bag, id=id, at=at) == took
    assert shop.waiting() == []
    shop.loop.check()


def test_taken_without_any_code(shop: Deliveries) -> None:
    _, lids = shop.order(2)
    asked = shop.ask(lids[1])
    assert shop.take(asked.pickup.id).mine
    assert [shop.whys(lid) for lid in lids] == [[StopWhy.PICKED_UP]] * 2


def test_a_lid_scanned_at_the_door_is_seen(shop: Deliveries) -> None:
    _, (one, other) = shop.order(2)
    asked = shop.ask(one)
    shop.take(asked.pickup.id, one)
    assert shop.loop.item(one).state is State.COLLECTED
    assert (shop.is_open(one), shop.is_open(other)) == (False, True)
    assert shop.whys(other) == [StopWhy.PICKED_UP]


def test_two_couriers_on_one_request_at_once(shop: Deliveries) -> None:
    order, (lid,) = shop.order(1)
    bag = shop.loop.new_crate()
    shop.pack(order, bag)
    asked = shop.ask(lid)
    works = [
        partial(
            take_pickup, take=Take(uuid.uuid4(), asked.pickup.id, shop.now, shop.now, codes=codes),
            actor=by, keys=shop.loop.keys, now=shop.now,
        )
        for by, codes in ((shop.kim, (bag,)), (shop.lee, (lid,)), (shop.kim, ()), (shop.lee, ()))
    ]  # fmt: skip
    done = at_once([partial(shop.loop.write, work) for work in works])
    assert len({(one.taken_by, one.taken_at) for one in done}) == 1
    first = done[0].taken_by
    assert [one.mine for one in done] == [by == first for by in ("token:8", "token:9") * 2]
    assert shop.view(asked.pickup.id).taken_by == first
    # What each of them held in hand was there, whoever has taken the request.
    assert {shop.loop.item(code).state for code in (bag, lid)} == {State.COLLECTED}


def test_cancelled_while_the_courier_was_offline(shop: Deliveries) -> None:
    """Word of the taking comes after the cancelling: it is with us all the same."""
    _, (lid, other) = shop.order()
    asked, at = shop.ask(lid), shop.now
    shop.later(minutes=5)
    shop.write(cancel_pickup, secret=asked.code, keys=shop.loop.keys)
    took = shop.take(asked.pickup.id, at=at, sent_at=shop.now, clock_error=0.0)
    assert (took.mine, took.taken_at) == (True, at)
    assert shop.view(asked.pickup.id).state is PickupState.TAKEN
    assert shop.whys(other) == [StopWhy.PICKED_UP]
    # Asked for anew in between, it is the new one that was taken.
    _, (lid, _) = shop.order()
    first = shop.ask(lid)
    shop.write(cancel_pickup, secret=first.code, keys=shop.loop.keys)
    anew = shop.ask(lid)
    assert shop.take(first.pickup.id).pickup_id == anew.pickup.id
    assert shop.view(first.pickup.id).ending is Ending.CANCELLED


def test_a_taking_by_mistake_is_taken_back(shop: Deliveries) -> None:
    _, lids = shop.order()
    asked, id, second = shop.ask(lids[0]), uuid.uuid4(), uuid.uuid4()
    shop.take(asked.pickup.id, id=id)
    shop.take(asked.pickup.id, id=second, by=shop.kim)
    untake = partial(untake_pickup, keys=shop.loop.keys)
    with pytest.raises(LendingError) as refused:
        shop.write(untake, take_id=id, actor=shop.kim)
    assert refused.value.code is Code.NOT_ALLOWED_HERE
    for _ in range(2):
        shop.write(untake, take_id=id, actor=shop.lee)
    assert shop.view(asked.pickup.id).taken_by == "token:8"  # who had it as well
    assert [shop.whys(lid) for lid in lids] == [[StopWhy.PICKED_UP]] * 2
    shop.write(untake, take_id=second, actor=shop.kim)
    assert shop.view(asked.pickup.id).state is PickupState.WAITING
    assert [shop.whys(lid) for lid in lids] == [[], []]
    shop.take(asked.pickup.id, id=id)  # sent again after it was taken back: nothing
    assert shop.view(asked.pickup.id).state is PickupState.WAITING
    shop.take(asked.pickup.id)
    assert [shop.whys(lid) for lid in lids] == [[StopWhy.PICKED_UP]] * 2


def test_another_districts_courier_finds_nothing(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    stranger = type(shop.lee)(shop.lee.kind, shop.lee.role, shop.town.id + 1)
    for work in (
        partial(shop.take, asked.pickup.id, by=stranger),
        partial(shop.take, uuid.uuid4()),
        partial(shop.miss, uuid.uuid4()),
    ):
        with pytest.raises(LendingError) as refused:
            work()
        assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "pickup")


def test_what_the_courier_reads(shop: Deliveries) -> None:
    """The order's address, unless it stands elsewhere; nothing of it once the request has ended."""
    _, (door, _) = shop.order()
    elsewhere = shop.order(1)[1][0]
    nowhere = shop.order(1, home=None)[1][0]
    asked = [
        shop.ask(door, place=Where.NOTE, spot=OrderSpot(note="경비실 앞")).pickup.id,
        shop.ask(elsewhere, place=Where.ELSEWHERE, spot=OrderSpot("서곶로 3, 2층")).pickup.id,
        shop.ask(nowhere, spot=OrderSpot("심곡로 9", "", 37.55, 126.68)).pickup.id,
    ]
    given = {"pickup_ids": asked, "keys": shop.loop.keys}
    assert shop.read(positions_of, **given) == {
        asked[0]: (HOME.latitude, HOME.longitude), asked[2]: (37.55, 126.68)
    }  # fmt: skip
    sheets = shop.read(load_sheets, **given, now=shop.now)
    assert [sheets[id].address for id in asked] == [HOME.address, "서곶로 3, 2층", "심곡로 9"]
    assert [sheets[id].note for id in asked] == [f"경비실 앞 · {HOME.note}", "", ""]
    assert sheets[asked[0]].kinds == (("컵 355 mL", "", 2),)
    assert door in sheets[asked[0]].codes
    shop.loop.give_back(elsewhere)
    shop.settle()
    assert asked[1] not in shop.read(load_sheets, **given, now=shop.now)


def test_planned_on_one_round_only(shop: Deliveries, loop: Loop) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid).pickup.id
    one, other = (add_round(loop) for _ in range(2))
    plan = partial(plan_pickups, pickup_ids=[asked], today=shop.now.date())
    assert loop.write(partial(plan, round_id=one)) == [asked]
    assert loop.write(partial(plan, round_id=other)) == []
    assert shop.view(asked).state is PickupState.PLANNED
    assert shop.waiting() == []
    shop.later(days=3)  # nobody drove it
    assert shop.waiting() == [asked]
    shop.settle()
    assert shop.view(asked).round_id is None


def test_a_bag_moved_by_the_caller_is_noted(shop: Deliveries) -> None:
    _, lids = shop.order()
    bag = shop.loop.new_crate()
    asked = shop.ask(lids[0]).pickup.id
    shop.take(asked, bag=bag)
    assert shop.row(asked).bag_id == shop.loop.item_id(bag)
    assert shop.loop.item(bag).state is State.DIRTY  # nothing scanned here
