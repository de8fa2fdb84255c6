"""Loops that meet: café cups in orders, containers in cafés, ware of another district."""

import uuid

import pytest

from lending.db import transaction
from lending.delivery.tables import OrderStatus
from lending.errors import Code
from lending.loop.steps import Gap, Outcome, State
from tests.delivery.shop import SHOP, Shop
from tests.personas import HARU, MINJI, Loop, found_town


def test_a_cafes_cup_in_an_order(shop: Shop) -> None:
    """Nobody scanned how it came to the shop: it goes out, and the missed steps are counted."""
    cup = shop.loop.clean_cup(HARU)
    done = shop.beep(cup, order := uuid.uuid4())
    assert done.error is None
    assert shop.row(order).status is OrderStatus.PACKED
    assert shop.loop.gaps(cup) == [Gap.MISSED_SHIP, Gap.MISSED_STOCK]
    shop.is_true()


def test_a_container_brought_to_a_cafe_is_washed_before_it_goes_out_again(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    shop.loop.give_back(cup)
    assert shop.loop.lend(cup, MINJI).error is Code.NOT_CLEAN
    assert shop.beep(cup, uuid.uuid4()).error is Code.NOT_CLEAN
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED


def test_what_somebody_lends_meanwhile_ends_the_orders_loan(shop: Shop) -> None:
    """A café's tablet without a network lent it: two persons for one piece, and the order is over."""
    [cup] = shop.containers()
    order = shop.packed(cup)
    shop.loop.lend(cup, MINJI, ask=False)
    assert shop.loop.loans(cup)[0].outcome is Outcome.SUPERSEDED
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED
    shop.is_true()


def test_seen_at_the_centre_without_a_return(shop: Shop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    shop.loop.receive(cup, ask=False)
    assert shop.loop.loans(cup)[0].outcome is Outcome.IMPLIED
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED


@pytest.fixture
def abroad(shop: Shop) -> Loop:
    """The town next door."""
    with transaction(shop.loop.engine) as session:
        town = found_town(session, shop.loop.keys, prefix="NEXT")
    return Loop(shop.loop.engine, shop.loop.keys, town, now=shop.now)


def test_a_cup_of_another_district_in_an_order(shop: Shop, abroad: Loop) -> None:
    """Clean is clean, whoever's it is: it goes out, how it came here is missing, and it comes back."""
    cup = abroad.clean_cup(HARU)
    shop.loop.now = abroad.now
    order = uuid.uuid4()
    assert shop.beep(cup, order).error is None
    assert shop.beep(cup, order).packed.receipt is None  # type: ignore[union-attr]
    assert abroad.gaps(cup) == [Gap.MISSED_SHIP, Gap.MISSED_STOCK]
    assert abroad.item(cup).state is State.LENT
    shop.loop.give_back(cup)
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED
    shop.is_true()


def test_a_container_given_back_in_another_district(shop: Shop, abroad: Loop) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    abroad.now = shop.now
    assert abroad.give_back(cup).error is None
    shop.loop.now = abroad.now
    shop.sweep()
    assert shop.row(order).status is OrderStatus.RETURNED
    assert shop.loop.item(cup).site == abroad.town.sites[HARU]
    assert shop.row(order).site_id == shop.town.sites[SHOP]
