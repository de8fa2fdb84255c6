"""An order packed by mistake is called off from its page, as long as nothing of it is back; a crate
of stock is no order's bag."""

import uuid
from datetime import timedelta

from lending.delivery.orders.records import What
from lending.delivery.tables import OrderStatus
from lending.errors import Code
from lending.loop.steps import State
from lending.requests.pickups.ask import NewPickup, ask_pickup
from lending.requests.pickups.bags import MOST_IN_A_BAG
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where
from tests.callers import Caller
from tests.delivery.shop import SHOP, Shop
from tests.delivery.test_http import bora as bora
from tests.delivery.test_http import others as others
from tests.delivery.test_http import shop as shop


def ask(shop: Shop, code: str) -> None:
    spot = OrderSpot("심곡로 12", "")
    new = NewPickup(uuid.uuid4(), code, Where.ELSEWHERE, uuid.uuid4().hex, spot=spot)
    shop.loop.write(lambda session: ask_pickup(session, new=new, keys=shop.loop.keys, now=shop.now))


def offered(caller: Caller, order: uuid.UUID) -> bool:
    page = caller.open(f"/delivery/orders/{order}")
    assert page.status_code == 200
    return f"/delivery/orders/{order}/cancel" in page.text


def cancel(caller: Caller, order: uuid.UUID) -> int:
    return int(caller.open(f"/delivery/orders/{order}/cancel", method="POST").status_code)


def test_called_off_from_its_page_even_after_somebody_asked_for_pickup(
    bora: Caller, shop: Shop
) -> None:
    """The label on what never left the shop opens a page where anybody may ask."""
    bag, cups = shop.bag(3)
    order = shop.packed(bag)
    assert offered(bora, order)
    ask(shop, cups[0])
    shop.sweep()
    assert shop.row(order).status is OrderStatus.PICKUP_REQUESTED
    assert offered(bora, order) and cancel(bora, order) == 302
    assert shop.row(order).status is OrderStatus.CANCELLED and not offered(bora, order)
    assert {(shop.loop.item(cup).state, shop.loop.item(cup).clean) for cup in cups} == {
        (State.READY, True)
    }
    assert shop.loop.item(bag).state is State.READY
    shop.is_true()


def test_what_is_partly_back_is_not_called_off(bora: Caller, shop: Shop) -> None:
    bag, cups = shop.bag(3)
    order = shop.packed(bag)
    shop.loop.give_back(cups[0])
    assert not offered(bora, order)
    assert cancel(bora, order) == 422
    assert shop.row(order).cancelled_at is None
    assert shop.loop.item(cups[1]).state is State.LENT


def test_a_shop_calls_off_for_a_day_an_officer_longer(
    bora: Caller, others: dict[str, Caller], shop: Shop
) -> None:
    shop.loop.now -= timedelta(days=2)
    order = shop.packed(*shop.containers())
    shop.loop.now += timedelta(days=2)
    assert not offered(bora, order) and offered(others["officer"], order)


def test_a_crate_of_stock_is_no_orders_bag(bora: Caller, shop: Shop) -> None:
    crate, cups = shop.bag(MOST_IN_A_BAG + 1)
    for ago in (0, 5):  # at once, and told later
        at = shop.now - timedelta(minutes=ago)
        assert shop.beep(crate, uuid.uuid4(), at=at).error is Code.CONFLICT
    sent = {
        "id": str(uuid.uuid4()), "what": "beep", "order": str(uuid.uuid4()), "code": crate,
        "at": shop.now.isoformat(),
    }  # fmt: skip
    call = {"sent_at": shop.now.isoformat(), "site": SHOP, "records": [sent]}
    [told] = bora.open("/delivery/records", "POST", json=call).get_json()["receipts"]
    assert (told["result"], told["answer"]["word"]) == ("refused", "가게에 온 보관 상자예요")
    assert shop.orders() == []
    assert {shop.loop.item(cup).state for cup in cups} == {State.READY}
    order = shop.packed(*cups[:2])  # what is in it goes out piece by piece
    assert shop.row(order).status is OrderStatus.PACKED
    shop.is_true()


def test_the_tablet_is_told_which_crates_are_stock(bora: Caller, shop: Shop) -> None:
    """As long as they are, under every code on them, those on their way to the shop among them."""
    (crate, cups), (bag, _) = shop.bag(MOST_IN_A_BAG + 1), shop.bag(MOST_IN_A_BAG)
    coming, inside = shop.loop.new_crate(), shop.loop.passed_cups(MOST_IN_A_BAG + 1)
    shop.loop.pack(coming, *inside)
    shop.loop.ship(coming, to=shop.loop.site(SHOP))

    def told() -> set[str]:
        state = bora.open("/delivery/state").get_json()
        assert {bag, crate} <= set(state["bags"])
        return set(state["stock"])

    assert told() == {crate, coming}
    shop.packed(cups[0])
    assert told() == {coming}


def test_a_full_bag_is_one_and_its_beep_stays_taken(shop: Shop) -> None:
    bag, cups = shop.bag(MOST_IN_A_BAG)
    beep = shop.record(What.BEEP, order := uuid.uuid4(), code=bag)
    [done] = shop.tell(beep)
    assert done.packed and done.packed.receipt and done.packed.receipt.carried == len(cups)
    assert shop.row(order).status is OrderStatus.PACKED
