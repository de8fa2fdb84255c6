"""Clean ware that stood too long on a shop's shelf is sent back, not lent."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.records import What
from lending.delivery.orders.shelf import list_old_ware
from lending.delivery.worker import send_back_old_ware
from lending.errors import Code, LendingError
from lending.loop.policy.shelf import load_shelf_days, set_shelf_days
from lending.loop.steps import Action, State
from lending.loop.tables import Review
from lending.places.sites import load_sites
from lending.requests.collections import open_collections
from lending.requests.round_tables import CollectWhy
from tests.delivery.shop import NOODLES, SHOP, Shop
from tests.personas import HARU, MINJI


def old(shop: Shop) -> list[str]:
    site = shop.read(load_sites, site_ids=[shop.town.sites[SHOP]])[shop.town.sites[SHOP]]
    return [one.code for one in shop.read(list_old_ware, site=site, now=shop.now)]


def reviews(shop: Shop) -> list[Review]:
    with Session(shop.loop.engine) as session:
        return list(session.scalars(sa.select(Review).where(Review.subject == "shelf_old")))


def test_after_thirty_days_it_is_not_lent(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=30, minutes=-10)
    other = uuid.uuid4()
    beep = shop.record(What.BEEP, other, code=cup)
    assert shop.tell(beep)[0].error is None
    shop.tell(shop.record(What.OUT, other, code=cup, of=beep.id))
    assert old(shop) == []
    shop.later(minutes=20)
    assert shop.beep(cup, uuid.uuid4()).error is Code.SHELF_OLD
    assert shop.loop.item(cup).state is State.READY and old(shop) == [cup]


def test_the_till_of_a_shop_refuses_it_too(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=31)
    assert shop.loop.lend(cup, MINJI, by=shop.bora).error is Code.SHELF_OLD


def test_a_bag_with_one_old_piece_stays(shop: Shop) -> None:
    bag, _ = shop.bag(2)
    shop.later(days=31)
    assert shop.beep(bag, uuid.uuid4()).error is Code.SHELF_OLD


def test_a_cafe_lends_as_before(shop: Shop) -> None:
    cup = shop.loop.clean_cup(HARU)
    shop.later(days=40)
    assert shop.loop.lend(cup).error is None


def test_ware_that_comes_anew_is_young(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=31)
    shop.loop.collect(cup, site=shop.loop.site(SHOP))
    shop.loop.receive(cup)
    shop.loop.wash(cup)
    shop.loop.pass_(cup)
    shop.loop.ship(cup, to=shop.loop.site(SHOP))
    shop.loop.one(Action.STOCK, cup, by=shop.bora, ask=False)
    assert old(shop) == [] and shop.beep(cup, uuid.uuid4()).error is None


def test_the_number_of_days_is_the_districts(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=8)
    shop.loop.write(lambda s: set_shelf_days(s, actor=shop.town.officer, days=7, now=shop.now))
    assert shop.read(load_shelf_days, district_id=shop.town.id) == 7
    assert shop.beep(cup, uuid.uuid4()).error is Code.SHELF_OLD
    for days in (0, 366):
        with pytest.raises(LendingError) as refused:
            shop.loop.write(
                lambda s, n=days: set_shelf_days(s, actor=shop.town.officer, days=n, now=shop.now)
            )
        assert refused.value.field == "shelf_days"


def test_what_left_all_the_same_is_recorded_and_looked_at(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=31)
    record = shop.record(What.BEEP, uuid.uuid4(), code=cup, at=shop.now - timedelta(minutes=9))
    for _ in range(2):
        [done] = shop.tell(record)
        assert done.error is None and done.packed
    assert shop.loop.item(cup).state is State.LENT
    [review] = reviews(shop)
    assert (review.scan_id, review.site_id) == (record.id, shop.town.sites[SHOP])
    shop.is_true()


def test_young_ware_that_is_told_late_is_no_doubt(shop: Shop) -> None:
    [cup] = shop.containers()
    shop.later(days=29)
    shop.beep(cup, uuid.uuid4(), at=shop.now - timedelta(minutes=9))
    assert reviews(shop) == []


def test_collection_is_asked_for_once(shop: Shop) -> None:
    shop.containers(2)
    shop.loop.clean_cup(HARU)
    send_back_old_ware(shop.loop.engine, clock=lambda: shop.now)
    assert shop.read(open_collections, district_id=shop.town.id) == []
    shop.later(days=31)
    for _ in range(2):
        send_back_old_ware(shop.loop.engine, clock=lambda: shop.now)
    [asked] = shop.read(open_collections, district_id=shop.town.id)
    assert (asked.site_id, asked.why, asked.asked_by) == (
        shop.town.sites[SHOP], CollectWhy.SURPLUS, "system:0",
    )  # fmt: skip
    assert asked.site_id != shop.town.sites[NOODLES]
