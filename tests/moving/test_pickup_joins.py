"""Pick-ups join the rounds of today by themselves: in time, with room, not where they failed before."""

import uuid
from datetime import time
from functools import partial

import pytest

from lending.moving.rounds.driving import StopTold, tell_stop
from lending.moving.rounds.joining import join_waiting
from lending.moving.rounds.lifecycle import begin_round, end_round, load_round
from lending.moving.rounds.views import RoundView
from lending.moving.worker import join_all_waiting
from lending.places.spots import Spot, place_site
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.views import PickupState
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import Moving
from tests.moving.test_pickup_rounds import FAR, ask_place, asked, hours, plan
from tests.moving.test_pickup_rounds import shop as shop
from tests.personas import HARU, NABI, Loop
from tests.pickups.conftest import Deliveries
from tests.races import at_once


@pytest.fixture
def drive(moving: Moving, shop: Deliveries) -> RoundView:
    """A round of today with a place to call at, under way."""
    ask_place(moving, HARU)
    [drive] = moving.drive(plan(moving))
    moving.loop.write(
        partial(begin_round, round_id=drive.id, at=moving.loop.now, actor=moving.town.courier)
    )
    return drive


def sweep(moving: Moving) -> int:
    joined: int = moving.write(join_waiting, district_id=moving.town.id, keys=moving.loop.keys)
    return joined


def now(moving: Moving, drive: RoundView) -> RoundView:
    shown: RoundView = moving.read(load_round, round_id=drive.id, district_id=moving.town.id)
    return shown


def requests(drive: RoundView) -> list[uuid.UUID]:
    return [stop.pickup.request.id for stop in drive.stops if stop.pickup]


def test_what_is_asked_joins_the_round_by_itself(
    moving: Moving, shop: Deliveries, drive: RoundView
) -> None:
    id = asked(shop)
    evening = asked(shop, window=hours(moving.loop, 18, 21))  # the van is home by then
    tomorrow = asked(shop, window=hours(moving.loop, 9, 12, days=1))
    clock = {"keys": moving.loop.keys, "clock": lambda: moving.loop.now}
    assert join_all_waiting(moving.loop.engine, **clock) == {"joined": 1}
    assert join_all_waiting(moving.loop.engine, **clock) == {}
    shown = now(moving, drive)
    assert requests(shown) == [id]
    assert shop.view(id).state is PickupState.PLANNED
    assert {shop.view(one).state for one in (evening, tomorrow)} == {PickupState.WAITING}
    assert shown.back_at > drive.back_at


def test_in_the_hours_asked_for_it_joins(
    moving: Moving, shop: Deliveries, drive: RoundView
) -> None:
    window = hours(moving.loop, 10, 12)  # it is ten
    id = asked(shop, window=window)
    assert sweep(moving) == 1
    [stop] = [stop for stop in now(moving, drive).stops if stop.pickup]
    assert window.from_at <= stop.planned_for <= window.to_at
    assert shop.view(id).round_id == drive.id


def test_a_full_van_or_one_due_home_takes_no_more(
    moving: Moving, shop: Deliveries, drive: RoundView
) -> None:
    moving.van(10, leaves=time(0), back=time(10, 30))  # Seoul
    far = asked(shop, home=FAR)
    assert sweep(moving) == 0
    assert shop.view(far).state is PickupState.WAITING
    moving.van(10, leaves=time(0), back=time(23, 59))
    for _ in range(40):
        asked(shop)
    moving.loop.now = drive.leaves_at
    assert sweep(moving) == 36  # the place's own crate takes the room of four
    stops = now(moving, drive).stops
    assert len([stop for stop in stops if stop.pickup]) == 36
    assert sweep(moving) == 0
    for stop in [stop for stop in stops if stop.pickup][:2]:  # nothing was there: there is room
        told = StopTold(uuid.uuid4(), stop.id, StopOutcome.NOBODY, moving.loop.now)
        moving.write(tell_stop, told=told, actor=moving.town.courier)
    assert sweep(moving) == 2


def test_where_nothing_was_found_only_the_next_round_looks_again(
    moving: Moving, shop: Deliveries, drive: RoundView
) -> None:
    id = asked(shop)
    assert sweep(moving) == 1
    shop.miss(id, round_id=drive.id)
    [stop] = [stop for stop in now(moving, drive).stops if stop.pickup]
    told = StopTold(uuid.uuid4(), stop.id, StopOutcome.NOBODY, moving.loop.now)
    moving.write(tell_stop, told=told, actor=moving.town.courier)
    assert sweep(moving) == 0
    assert shop.view(id).state is PickupState.WAITING
    ask_place(moving, NABI)
    [again] = moving.drive(moving.plan())
    assert id in requests(again)
    shop.miss(id, round_id=again.id)
    assert shop.view(id).tries == 2


def test_a_van_on_its_way_home_or_at_home_is_not_called_back(
    moving: Moving, shop: Deliveries, drive: RoundView
) -> None:
    told = StopTold(uuid.uuid4(), drive.stops[0].id, StopOutcome.DONE, moving.loop.now)
    moving.write(tell_stop, told=told, actor=moving.town.courier)
    asked(shop)
    assert sweep(moving) == 0
    moving.loop.write(
        partial(end_round, round_id=drive.id, at=moving.loop.now, actor=moving.town.courier)
    )
    assert sweep(moving) == 0


def test_several_workers_at_once(moving: Moving, shop: Deliveries, drive: RoundView) -> None:
    ids = {asked(shop) for _ in range(3)}
    given = {"district_id": moving.town.id, "keys": moving.loop.keys, "now": moving.loop.now}
    work = partial(moving.loop.write, partial(join_waiting, **given))
    assert sum(at_once([work] * 4)) == 3
    shown = now(moving, drive)
    assert set(requests(shown)) == ids
    assert [stop.position for stop in shown.stops] == [1, 2, 3, 4]


def test_of_two_rounds_the_nearer_one(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    for site, at in ((HARU, (37.52, 126.64)), (NABI, (37.6, 126.75))):
        loop.write(
            partial(
                place_site, district_id=loop.town.id, site_id=loop.town.sites[site],
                spot=Spot(0, *at),
            )
        )  # fmt: skip
    drives = {}
    for site in (HARU, NABI):
        ask_place(moving, site)
        [one] = moving.drive(plan(moving))
        drives[site] = one
    far = asked(shop, home=FAR)
    near = asked(shop, home=OrderSpot("다른 쪽 2", "", 37.519, 126.639))
    assert sweep(moving) == 2
    assert requests(now(moving, drives[NABI])) == [far]
    assert requests(now(moving, drives[HARU])) == [near]
