"""The shop's figures: clean, out, coming back, short of; and which orders chose reusable."""

import uuid
from datetime import timedelta

import pytest

from lending.delivery.orders.board import KindHere, ShopBoard, bag_codes, load_board
from lending.delivery.orders.records import What
from lending.delivery.orders.shops import load_shops
from lending.delivery.tables import OrderStatus
from lending.places.sites import SiteView, load_sites
from lending.requests.pickups.ask import NewPickup, ask_pickup
from lending.requests.pickups.decide import refuse_pickup
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where
from lending.requests.pickups.take import Take, take_pickup
from lending.requests.pickups.worker import sweep_all_pickups
from tests.delivery.shop import SHOP, Shop


def site(shop: Shop) -> SiteView:
    id = shop.town.sites[SHOP]
    found: SiteView = shop.read(load_sites, site_ids=[id])[id]
    return found


def board(shop: Shop) -> ShopBoard:
    found: ShopBoard = shop.read(load_board, site=site(shop), now=shop.now)
    return found


def kind(shop: Shop) -> KindHere:
    [one] = board(shop).kinds
    return one


def ask(shop: Shop, code: str) -> uuid.UUID:
    new = NewPickup(
        id=uuid.uuid4(),
        code=code,
        place=Where.ELSEWHERE,
        browser="phone",
        spot=OrderSpot("심곡로 1"),
    )
    done = shop.loop.write(lambda s: ask_pickup(s, new=new, keys=shop.loop.keys, now=shop.now))
    found: uuid.UUID = done.pickup.id
    return found


def take(shop: Shop, pickup: uuid.UUID, *codes: str) -> None:
    told = Take(uuid.uuid4(), pickup, shop.now, shop.now, codes=codes)
    shop.loop.write(
        lambda s: take_pickup(
            s, take=told, actor=shop.town.courier, keys=shop.loop.keys, now=shop.now
        )
    )


def test_clean_out_coming_and_back(shop: Shop) -> None:
    one, two, three, _ = shop.containers(4)
    assert (kind(shop).clean, kind(shop).out) == (4, 0)
    order = shop.packed(one, two)
    shop.packed(three)
    assert (kind(shop).clean, kind(shop).out, kind(shop).coming) == (1, 3, 0)
    ask(shop, one)
    assert (kind(shop).out, kind(shop).coming) == (3, 2)
    shop.sweep()
    assert shop.row(order).status is OrderStatus.PICKUP_REQUESTED
    shop.loop.give_back(three, by=shop.bora)
    assert (kind(shop).clean, kind(shop).out, kind(shop).back) == (1, 2, 1)


def test_a_bag_is_no_container(shop: Shop) -> None:
    bag, _ = shop.bag(3)
    assert kind(shop).clean == 3
    shop.packed(bag)
    [line] = board(shop).lines
    assert (line.pieces, line.bags, line.back) == (3, 1, 0) and kind(shop).out == 3
    assert shop.read(bag_codes, site=site(shop)) == [bag]


def test_short_is_less_than_a_day_needs(shop: Shop) -> None:
    cups = shop.containers(15)
    shop.packed(*cups[:14])
    assert (kind(shop).a_day, kind(shop).fit, kind(shop).short) == (2.0, 1, 1)
    shop.later(days=7, minutes=1)
    assert (kind(shop).a_day, kind(shop).short) == (0.0, 0)
    shop.later(days=31)
    assert (kind(shop).clean, kind(shop).old, kind(shop).fit) == (1, 1, 0)


def test_the_share_of_orders_that_chose_reusable(shop: Shop) -> None:
    shop.packed(*shop.containers(2))
    for _ in range(3):
        shop.tell(shop.record(What.SINGLE_USE, uuid.uuid4()))
    cancelled = shop.packed(*shop.containers(1))
    shop.tell(shop.record(What.CANCEL, cancelled))
    day = board(shop).days[-1]
    assert (day.orders, day.reusable, day.percent) == (4, 1, 25)
    shop.later(days=1)
    assert [one.orders for one in board(shop).days] == [0, 0, 0, 0, 0, 4, 0]
    assert board(shop).week.percent == 25
    shops = shop.read(load_shops, district_id=shop.town.id, now=shop.now)
    assert (shops.together.orders, shops.together.percent) == (4, 25)
    assert {line.site.code: line.out for line in shops.lines} == {"SHOP": 2, "NOODLE": 0}


def test_the_day_of_an_order_is_the_districts(shop: Shop) -> None:
    """An order told on Tuesday for Monday 23:50 in Seoul is Monday's."""
    midnight = shop.now.replace(hour=15, minute=0)  # 00:00 in Seoul
    [cup] = shop.containers()
    shop.loop.now = midnight + timedelta(minutes=20)
    shop.beep(cup, order := uuid.uuid4(), at=midnight - timedelta(minutes=10))
    assert shop.row(order).day == midnight.date()
    shop.beep(shop.containers()[0], later := uuid.uuid4())
    assert shop.row(later).day == midnight.date() + timedelta(days=1)


def test_orders_to_number_and_those_still_out(shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    assert [line.order.occasion_id for line in board(shop).unnumbered] == [order]
    shop.number(order, "A-1")
    assert board(shop).unnumbered == []
    shop.later(days=2)
    assert [line.order.number for line in board(shop).lines] == ["A-1"]


def test_picked_up_and_counted_at_the_centre(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    order = shop.packed(bag)
    pickup = ask(shop, cups[0])
    take(shop, pickup, bag)
    shop.sweep()
    assert shop.row(order).status is OrderStatus.PICKED_UP
    for cup in cups:
        shop.loop.receive(cup, crate=bag, ask=False)
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED
    assert shop.history(order) == ["packed", "pickup_requested", "picked_up", "returned"]
    shop.is_true()


@pytest.mark.parametrize(
    ("taken", "between"), [(True, ["pickup_requested", "picked_up"]), (False, ["pickup_requested"])]
)
@pytest.mark.parametrize("settled", [False, True])
def test_what_came_and_went_between_two_rounds_is_noted(
    shop: Shop, taken: bool, between: list[str], settled: bool
) -> None:
    order = shop.packed(cup := shop.containers()[0])
    pickup = ask(shop, cup)
    if taken:
        take(shop, pickup)
    shop.loop.give_back(cup)
    if settled:
        sweep_all_pickups(shop.loop.engine, keys=shop.loop.keys, clock=lambda: shop.now)
    shop.sweep()
    assert shop.history(order) == ["packed", *between, "returned"]
    shop.sweep()
    assert shop.history(order) == ["packed", *between, "returned"]


def test_a_request_taken_back_between_two_rounds_is_none(shop: Shop) -> None:
    order = shop.packed(cup := shop.containers()[0])
    id = ask(shop, cup)
    reason = {"pickup_id": id, "reason": "장난", "actor": shop.town.officer, "keys": shop.loop.keys}
    shop.loop.write(lambda s: refuse_pickup(s, now=shop.now, **reason))
    shop.loop.give_back(cup)
    shop.sweep()
    assert shop.history(order) == ["packed", "returned"]


def test_of_an_order_packed_again_an_old_request_is_not_noted_anew(shop: Shop) -> None:
    order = shop.packed(cup := shop.containers()[0])
    take(shop, ask(shop, cup))
    shop.loop.give_back(cup)
    sweep_all_pickups(shop.loop.engine, keys=shop.loop.keys, clock=lambda: shop.now)
    shop.sweep()
    again = shop.containers()[0]
    assert shop.beep(again, order).error is None
    known = shop.history(order)
    shop.loop.give_back(again)
    shop.sweep()
    assert shop.history(order) == [*known, "returned"]
