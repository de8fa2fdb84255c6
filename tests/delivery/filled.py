"""A shop with something in every list, for tests that look at every page."""

import uuid
from datetime import timedelta

from lending.delivery.orders.records import What
from lending.requests.pickups.places import OrderSpot, keep_place
from tests.delivery.shop import Shop
from tests.personas import Loop


def fill_delivery(loop: Loop) -> str:
    """Bora's day; the id of an order with all that may be kept of it."""
    shop, now = Shop(loop), loop.now
    loop.now = now - timedelta(days=40)
    shop.containers(2)  # too old by now
    loop.now = now - timedelta(hours=1)
    bag, _ = shop.bag(2)
    whole = shop.packed(bag, *shop.containers(1))
    shop.number(whole, "A-12")
    shop.contact(whole, "0507-1234-9876")
    spot = OrderSpot("심곡로 12", "")
    loop.write(
        lambda session: keep_place(
            session, occasion_id=whole, district_id=loop.town.id, spot=spot, keys=loop.keys,
            now=loop.now,
        )
    )  # fmt: skip
    shop.packed(*shop.containers(2))
    shop.tell(shop.record(What.SINGLE_USE, uuid.uuid4()))
    loop.now = now
    return str(shop.row(whole).id)
