"""Two tablets at one pass: what was said last counts, whichever word arrives last."""

import uuid
from datetime import timedelta
from functools import partial

from lending.delivery.orders.book import Pass, give_number
from lending.delivery.orders.page import give_contact
from lending.delivery.orders.records import What
from lending.delivery.orders.sealed import load_contact
from lending.places.sites import load_sites
from tests.delivery.shop import SHOP, Shop
from tests.personas import SORA

HOUR = timedelta(hours=1)


def desk(shop: Shop) -> Pass:
    """The shop's page, in whose words no clock errs."""
    site_id = shop.town.sites[SHOP]
    site = shop.read(load_sites, site_ids=[site_id])[site_id]
    return Pass(site, shop.bora, shop.loop.keys, shop.now)


def packed_an_hour_ago(shop: Shop) -> uuid.UUID:
    order = shop.packed(*shop.containers())
    shop.later(hours=1)
    return order


def contact(shop: Shop, order: uuid.UUID) -> str | None:
    return load_contact(shop.row(order), keys=shop.loop.keys, now=shop.now)


def test_a_number_told_late_does_not_undo_a_later_one(shop: Shop) -> None:
    order, said = packed_an_hour_ago(shop), shop.now - HOUR / 2
    give = partial(give_number, occasion_id=order, number="71", here=desk(shop))
    shop.loop.write(give)
    done = shop.number(order, "17", at=said)
    assert (done.error, done.order and done.order.number) == (None, "71")
    assert shop.row(order).number == "71"
    shop.number(order, "18")
    assert shop.row(order).number == "18"


def test_a_number_given_with_an_order_of_throwaway_ware_is_corrected_as_well(shop: Shop) -> None:
    order, said = uuid.uuid4(), shop.now - HOUR / 2
    shop.tell(shop.record(What.SINGLE_USE, order, text="17", at=said))
    shop.number(order, "18", at=said + HOUR / 4)
    shop.number(order, "16", at=said - HOUR / 4)
    assert shop.row(order).number == "18"


def test_a_contact_told_late_does_not_undo_a_later_one(shop: Shop) -> None:
    order, said = packed_an_hour_ago(shop), shop.now - HOUR / 2
    shop.loop.write(partial(give_contact, occasion_id=order, text="tok_later", here=desk(shop)))
    for earlier in ("tok_earlier", "0507-1234-9876", SORA):
        assert shop.contact(order, earlier, at=said).error is None
        assert contact(shop, order) == "tok_later"
    shop.contact(order, "tok_last")
    assert contact(shop, order) == "tok_last"
