"""The room of a pick-up in a van: by what it is about, twelve containers or a bag to a bag."""

import uuid
from datetime import time

import pytest

from lending.moving.rounds.bag_room import set_bags_per_crate
from lending.moving.rounds.joining import join_waiting
from lending.moving.rounds.plans import LeftOutWhy
from lending.requests.pickups.bags import bags_for, load_bags
from tests.moving.conftest import Moving
from tests.moving.test_pickup_rounds import called, plan, shop
from tests.personas import Loop
from tests.pickups.conftest import Deliveries

__all__ = ["shop"]


@pytest.mark.parametrize(
    ("pieces", "bags", "room"),
    [(0, 0, 1), (1, 0, 1), (12, 0, 1), (13, 0, 2), (12, 1, 1), (13, 1, 2), (2, 3, 3), (120, 0, 10)],
)
def test_twelve_containers_fill_a_bag(pieces: int, bags: int, room: int) -> None:
    assert bags_for(pieces, bags) == room


def asked(shop: Deliveries, pieces: int) -> tuple[uuid.UUID, list[str]]:
    _, codes = shop.order(pieces)
    return shop.ask(codes[0]).pickup.id, codes


def small_van(moving: Moving, bags: int) -> None:
    """A van of one crate's room, which takes so many bags."""
    moving.van(1, leaves=time(0), back=time(23, 59))
    moving.write(set_bags_per_crate, bags=bags, actor=moving.town.officer)


def bags_of(moving: Moving, id: uuid.UUID) -> int:
    found: dict[uuid.UUID, int] = moving.read(load_bags, pickup_ids=[id])
    return found[id]


def test_a_large_order_needs_the_room_of_its_bags(moving: Moving, shop: Deliveries) -> None:
    small_van(moving, 3)
    large, small, late = asked(shop, 25)[0], asked(shop, 2)[0], asked(shop, 2)[0]
    assert [bags_of(moving, id) for id in (large, small, late)] == [3, 1, 1]
    one = plan(moving)
    assert called(one).keys() == {small, late}  # the two: three bags and one do not go together
    assert [left.why for left in one.left_out] == [LeftOutWhy.NO_ROOM]


def test_what_fills_more_than_a_van_has_one_to_itself(moving: Moving, shop: Deliveries) -> None:
    """It is left lying for ever otherwise."""
    small_van(moving, 2)
    large, _ = asked(shop, 30)
    assert called(plan(moving)).keys() == {large}
    [drive] = moving.drive(plan(moving))
    assert len(drive.stops) == 1
    asked(shop, 1)
    given = {"district_id": moving.town.id, "keys": moving.loop.keys}
    assert moving.write(join_waiting, **given) == 0


def test_a_round_is_joined_by_what_fits_yet(moving: Moving, shop: Deliveries) -> None:
    small_van(moving, 3)
    first, codes = asked(shop, 13)
    [drive] = moving.drive(plan(moving))
    large, _ = asked(shop, 13)
    given = {"district_id": moving.town.id, "keys": moving.loop.keys}
    assert moving.write(join_waiting, **given) == 0
    # It stays in the van once it is taken, lid by lid, and its loans are over.
    shop.take(first, *codes)
    assert bags_of(moving, first) == 2
    assert moving.write(join_waiting, **given) == 0
    small, _ = asked(shop, 12)
    assert moving.write(join_waiting, **given) == 1
    views = {view.id: view.round_id for view in (shop.view(small), shop.view(large))}
    assert views == {small: drive.id, large: None}


def test_what_came_back_by_itself_needs_no_room(
    loop: Loop, moving: Moving, shop: Deliveries
) -> None:
    id, codes = asked(shop, 13)
    assert bags_of(moving, id) == 2
    loop.give_back(codes[0])
    assert bags_of(moving, id) == 1


def test_a_bag_is_not_counted_among_what_is_in_it(
    loop: Loop, moving: Moving, shop: Deliveries
) -> None:
    order, codes = shop.order(12)
    bag = loop.new_crate()
    shop.pack(order, bag)
    assert bags_of(moving, shop.ask(codes[0]).pickup.id) == 1
