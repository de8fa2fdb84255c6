"""Several tablets at one pass: a bag is in one order, an order is one, whoever is first."""

import uuid
from functools import partial

from lending.delivery.orders.records import Recorded, What
from lending.errors import Code
from lending.loop.loans.occasions import loans_of
from tests.delivery.shop import Shop
from tests.personas import MINJI, SORA
from tests.races import at_once


def test_one_bag_beeped_into_four_orders_at_once(shop: Shop) -> None:
    bag, cups = shop.bag(2)
    tried = [shop.record(What.BEEP, uuid.uuid4(), code=bag) for _ in range(4)]
    done: list[list[Recorded]] = at_once([partial(shop.tell, one) for one in tried])
    errors = sorted(str(one[0].error) for one in done)
    assert errors == sorted(["None", *[str(Code.ALREADY_LENT)] * 3])
    [order] = shop.orders()
    assert order.occasion_id is not None
    assert len(shop.read(loans_of, occasions=[order.occasion_id])[order.occasion_id]) == 3
    assert {len(shop.loop.loans(code)) for code in (bag, *cups)} == {1}
    shop.is_true()


def test_one_order_from_two_tablets_at_once_is_one(shop: Shop) -> None:
    cups, order = shop.containers(4), uuid.uuid4()
    tried = [shop.record(What.BEEP, order, code=cup) for cup in cups]
    done = at_once([partial(shop.tell, one) for one in tried])
    assert [one[0].error for one in done] == [None] * 4
    assert len(shop.orders()) == 1 and shop.history(order) == ["packed"]
    assert len(shop.read(loans_of, occasions=[order])[order]) == 4


def test_the_same_record_from_all_sides_at_once_counts_once(shop: Shop) -> None:
    [cup], order = shop.containers(), uuid.uuid4()
    record = shop.record(What.BEEP, order, code=cup)
    done = at_once([partial(shop.tell, record)] * 4)
    assert [one[0].error for one in done] == [None] * 4
    assert len(shop.loop.loans(cup)) == 1 and len(shop.orders()) == 1


def test_two_orderers_at_once_one_has_it_all(shop: Shop) -> None:
    order = shop.packed(*shop.containers(3))
    tried = [shop.record(What.CONTACT, order, text=text) for text in (MINJI, SORA)]
    at_once([partial(shop.tell, one) for one in tried])
    loans = shop.read(loans_of, occasions=[order])[order]
    assert [one.borrower for one in loans] == [True] * 3
    shop.is_true()


def test_a_beep_beside_a_contact_and_a_number(shop: Shop) -> None:
    for _ in range(3):
        first, second, third = shop.containers(3)
        order = shop.packed(first)
        tried = [
            shop.record(What.BEEP, order, code=second),
            shop.record(What.CONTACT, order, text=MINJI),
            shop.record(What.NUMBER, order, text="N-1"),
            shop.record(What.BEEP, order, code=third),
        ]
        done = at_once([partial(shop.tell, one) for one in tried])
        assert [one[0].error for one in done] == [None] * 4
        loans = shop.read(loans_of, occasions=[order])[order]
        assert [one.borrower for one in loans] == [True] * 3 and shop.row(order).number == "N-1"


def test_packing_beside_the_workers_round(shop: Shop) -> None:
    orders = [shop.packed(cup) for cup in shop.containers(3)]
    [more] = shop.containers()
    at_once(
        [
            shop.sweep,
            partial(shop.tell, shop.record(What.BEEP, orders[0], code=more)),
            partial(shop.tell, shop.record(What.CANCEL, orders[1])),
            shop.sweep,
        ]  # type: ignore[list-item]
    )
    shop.sweep()
    assert [shop.history(order)[-1] for order in orders] == ["packed", "cancelled", "packed"]
