"""What is kept of an asker goes with the request, and an order's address with its last loan."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import Erasure
from lending.photos.keep import Snapshot, keep_photo, photos_about
from lending.requests.pickups.decide import (
    call_missing,
    forgive_pickup,
    refuse_pickup,
)
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.places import OrderSpot, keep_place, places_of
from lending.requests.pickups.tables import Ending, Where
from tests.pickups.conftest import HOME, SHOP, Deliveries


def photo(shop: Deliveries, about: uuid.UUID) -> None:
    snapshot = Snapshot(b"jpeg", shop.town.id, shop.town.sites[SHOP], about)
    shop.write(keep_photo, snapshot=snapshot)


def photos(shop: Deliveries, *about: uuid.UUID) -> int:
    given = {"district_id": shop.town.id, "about": about, "now": shop.now}
    return len(shop.read(photos_about, **given))


@pytest.mark.parametrize("how", ["came", "missing", "cancelled", "refused", "forgiven"])
def test_nothing_of_the_asker_is_kept(shop: Deliveries, how: str) -> None:
    """Note, address, photos (the asker's and the courier's) and the browser go with the request."""
    order, (lid, other) = shop.order(2)
    typed = OrderSpot("서곶로 3, 203호", "010-1234-5678로 전화 주세요")
    asked = shop.ask(lid, place=Where.ELSEWHERE, spot=typed)
    id, visit = asked.pickup.id, uuid.uuid4()
    photo(shop, id)
    photo(shop, visit)
    shop.miss(id, id=visit)
    assert typed.address.encode() not in (shop.row(id).sealed or b"")
    given = {"pickup_id": id, "actor": shop.town.officer, "keys": shop.loop.keys}
    if how in ("missing", "forgiven"):
        shop.take(id)
    match how:
        case "came":
            shop.loop.give_back(lid)
            shop.loop.give_back(other)
            shop.settle()
        case "missing":
            shop.write(call_missing, **given)
        case "cancelled":
            shop.write(cancel_pickup, secret=asked.code, keys=shop.loop.keys)
        case "refused":
            shop.write(refuse_pickup, reason="장난", **given)
        case "forgiven":
            shop.write(forgive_pickup, reason="분실", **given)
    row = shop.row(id)
    assert row.ending is Ending(how)
    assert (row.sealed, row.device_digest) == (None, None)
    assert photos(shop, id, visit) == 0
    with Session(shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Erasure)) >= 1
    kept = shop.read(places_of, occasion_ids=[order], keys=shop.loop.keys)
    shop.settle()
    left = shop.read(places_of, occasion_ids=[order], keys=shop.loop.keys)
    still_out = how in ("missing", "cancelled", "refused")
    assert (order in left) == still_out
    assert kept.get(order, HOME) == HOME


def test_an_orders_address_goes_with_its_last_loan(shop: Deliveries) -> None:
    order, lids = shop.order(2)
    never = uuid.uuid4()

    shop.write(
        keep_place, occasion_id=never, district_id=shop.town.id, spot=HOME, keys=shop.loop.keys
    )

    def known() -> set[uuid.UUID]:
        return set(shop.read(places_of, occasion_ids=[order, never], keys=shop.loop.keys))

    shop.loop.give_back(lids[0])
    shop.settle()
    assert known() == {order, never}
    shop.loop.give_back(lids[1])
    assert shop.settle().erased == 1
    assert known() == {never}
    shop.later(days=2)
    assert shop.settle().erased == 1
