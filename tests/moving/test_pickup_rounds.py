"""Pick-ups in rounds: planned where and when they may be fetched, opened once, joined under way."""

import uuid
from datetime import datetime, time, timedelta
from functools import partial

import pytest

from lending.errors import Code
from lending.moving.rounds.bag_room import set_bags_per_crate
from lending.moving.rounds.driving import StopTold, tell_stop
from lending.moving.rounds.joining import join_pickup, join_waiting
from lending.moving.rounds.lifecycle import begin_round, end_round, load_round
from lending.moving.rounds.plans import LeftOutWhy, RoundPlan
from lending.moving.rounds.views import RoundView, StopView
from lending.places.spots import Spot, place_site
from lending.requests.collections import CollectWhy, NewCollect, ask_collection, open_collections
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.views import PickupState
from lending.requests.pickups.windows import Window
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import TOMORROW, Moving, code_of
from tests.personas import HARU, NABI, WASH, Loop
from tests.pickups.conftest import SHOP, Deliveries
from tests.races import at_once

NEAR, FAR = OrderSpot("가까운 길 1", "", 37.541, 126.671), OrderSpot("먼 길 9", "", 37.6, 126.75)


@pytest.fixture
def shop(loop: Loop) -> Deliveries:
    spot = Spot(0, 37.54, 126.67)
    loop.write(
        lambda s: place_site(s, district_id=loop.town.id, site_id=loop.town.sites[WASH], spot=spot)
    )
    return Deliveries(loop)


def hours(loop: Loop, first: int, last: int, days: int = 0) -> Window:
    """Local hours of today or of some days later; it is 10 o'clock in Seoul as each test begins."""
    midnight = loop.now.replace(hour=15, minute=0) + timedelta(days=days - 1)
    return Window("", midnight + timedelta(hours=first), midnight + timedelta(hours=last))


def asked(shop: Deliveries, home: OrderSpot = NEAR, **more) -> uuid.UUID:
    _, (lid,) = shop.order(1, home=home)
    return shop.ask(lid, **more).pickup.id  # type: ignore[no-any-return]


def plan(moving: Moving, **more) -> RoundPlan:
    return moving.plan(keys=moving.loop.keys, **more)


def called(one: RoundPlan) -> dict[uuid.UUID, datetime]:
    stops = [stop for drive in one.rounds for stop in drive.stops]
    return {stop.wish.pickup.request.id: stop.planned_for for stop in stops if stop.wish.pickup}


def pickup_stop(drive: RoundView, id: uuid.UUID) -> StopView:
    return [stop for stop in drive.stops if stop.pickup and stop.pickup.request.id == id][-1]


def join(moving: Moving, drive: RoundView, id: uuid.UUID) -> RoundView:
    joined: RoundView = moving.write(
        join_pickup, round_id=drive.id, pickup_id=id, actor=moving.town.officer,
        keys=moving.loop.keys,
    )  # fmt: skip
    return joined


def ask_place(moving: Moving, site: str) -> None:
    new = NewCollect(uuid.uuid4(), CollectWhy.OTHER, moving.loop.site(site))
    moving.write(ask_collection, new=new, actor=moving.town.officer)


def test_each_is_planned_at_its_hours(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    evening = asked(shop, window=hours(loop, 18, 21))
    anytime = asked(shop)
    tomorrow = asked(shop, window=hours(loop, 9, 12, days=1))
    times = called(plan(moving))
    assert times.keys() == {evening, anytime}
    window = hours(loop, 18, 21)
    assert window.from_at <= times[evening] <= window.to_at
    # Today's hours are today's round's; once they are over any round will do.
    assert called(plan(moving, day=TOMORROW)).keys() == {anytime, tomorrow}
    loop.now += timedelta(days=1)
    late = called(plan(moving, day=TOMORROW))
    assert late.keys() == {evening, anytime, tomorrow}
    assert late[evening] < hours(loop, 18, 21).from_at


def test_each_is_called_at_where_it_is(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    """With the keys a round is as long as the way to the doors, without them as to the shop."""
    asked(shop, home=FAR)
    [far] = plan(moving).rounds
    [shops] = moving.plan().rounds
    assert far.metres > 10_000 > shops.metres


def test_four_bags_take_the_room_of_a_crate(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    moving.van(1, leaves=time(0), back=time(23, 59))
    ids = {asked(shop) for _ in range(5)}
    one = plan(moving)
    assert len(called(one)) == 4
    [left] = one.left_out
    assert left.why is LeftOutWhy.NO_ROOM
    assert left.wish.pickup is not None
    assert called(one).keys() | {left.wish.pickup.request.id} == ids


def test_how_many_bags_that_are_is_the_districts_own(
    loop: Loop, moving: Moving, shop: Deliveries
) -> None:
    moving.van(1, leaves=time(0), back=time(23, 59))
    ids = [asked(shop) for _ in range(5)]
    for bags in (2, 5):
        moving.write(set_bags_per_crate, bags=bags, actor=moving.town.officer)
        assert len(called(plan(moving))) == bags
    for wrong in (0, -1, 101):
        refused = code_of(moving.write, set_bags_per_crate, bags=wrong, actor=moving.town.officer)
        assert refused == (Code.INVALID, "bags")
    [drive] = moving.drive(plan(moving))
    assert {stop.pickup.request.id for stop in drive.stops if stop.pickup} == set(ids)
    asked(shop)
    given = {"district_id": moving.town.id, "keys": loop.keys}
    assert moving.write(join_waiting, **given) == 0  # the van is full
    moving.write(set_bags_per_crate, bags=6, actor=moving.town.officer)
    assert moving.write(join_waiting, **given) == 1


def test_an_opened_plan_has_them_and_a_stale_one_is_refused(
    moving: Moving, shop: Deliveries
) -> None:
    id, other = asked(shop), asked(shop, home=FAR)
    stale = plan(moving)
    shop.take(other)
    assert code_of(moving.drive, stale) == (Code.CONFLICT, "pickup")
    assert shop.view(id).state is PickupState.WAITING  # nothing of it was opened
    [drive] = moving.drive(plan(moving))
    stop = pickup_stop(drive, id)
    assert (stop.leave, stop.take, stop.crates, stop.requests) == (0, 0, (), ())
    assert shop.view(id).state is PickupState.PLANNED
    assert called(plan(moving)) == {}


def test_the_places_own_stop_is_another(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    """Who fetches an order has not been at the shop: what it asked for stays asked."""
    id = asked(shop)
    crate = moving.sealed_crate(SHOP)
    [drive] = moving.drive(plan(moving))
    assert len(drive.stops) == 2
    ask_place(moving, SHOP)
    own = next(stop for stop in drive.stops if stop.pickup is None)
    assert [one.code for one in own.crates] == [crate]
    told = StopTold(uuid.uuid4(), pickup_stop(drive, id).id, StopOutcome.DONE, loop.now)
    shown = moving.write(tell_stop, told=told, actor=moving.town.courier)
    assert pickup_stop(shown, id).crates == ()
    waiting = moving.read(open_collections, district_id=moving.town.id)
    assert [one.site for one in waiting] == [SHOP]


def test_one_joins_a_round_under_way(loop: Loop, moving: Moving, shop: Deliveries) -> None:
    for site, at in ((HARU, (37.541, 126.672)), (NABI, (37.55, 126.69))):
        spot = Spot(0, *at)
        loop.write(
            lambda s, site=site, spot=spot: place_site(
                s, district_id=loop.town.id, site_id=loop.town.sites[site], spot=spot
            )
        )
        ask_place(moving, site)
    [drive] = moving.drive(plan(moving))
    loop.write(partial(begin_round, round_id=drive.id, at=loop.now, actor=moving.town.courier))
    first, second = drive.stops
    told = StopTold(uuid.uuid4(), first.id, StopOutcome.DONE, loop.now)
    moving.write(tell_stop, told=told, actor=moving.town.courier)
    id = asked(shop, home=OrderSpot("가는 길 5", "", 37.545, 126.68))
    joined = join(moving, drive, id)
    new = pickup_stop(joined, id)
    assert [stop.id for stop in joined.stops] == [first.id, new.id, second.id]
    assert [stop.position for stop in joined.stops] == [1, 2, 3]
    times = [stop.planned_for for stop in joined.stops]
    assert times == sorted(times)
    assert joined.stops[2].planned_for > second.planned_for
    assert (joined.metres >= drive.metres, joined.back_at > drive.back_at) == (True, True)
    assert join(moving, drive, id) == joined  # a second tap
    assert shop.view(id).state is PickupState.PLANNED


def test_what_waits_for_no_round_joins_none(moving: Moving, shop: Deliveries) -> None:
    ask_place(moving, HARU)
    [drive] = moving.drive(plan(moving))
    taken, id = asked(shop), asked(shop)
    shop.take(taken)
    assert code_of(join, moving, drive, taken) == (Code.CONFLICT, "pickup")
    assert code_of(join, moving, drive, uuid.uuid4()) == (Code.NOT_FOUND, "pickup")
    moving.loop.write(
        partial(end_round, round_id=drive.id, at=moving.loop.now, actor=moving.town.officer)
    )
    assert code_of(join, moving, drive, id) == (Code.CONFLICT, "round")
    shown = moving.read(load_round, round_id=drive.id, district_id=moving.town.id)
    assert len(shown.stops) == 1


def test_two_dispatchers_and_one_request(moving: Moving, shop: Deliveries) -> None:
    moving.van(10, "second", leaves=time(0), back=time(23, 59))
    for site in (HARU, NABI):
        new = NewCollect(uuid.uuid4(), CollectWhy.OTHER, moving.loop.site(site), 9)
        moving.write(ask_collection, new=new, actor=moving.town.officer)
    drives = moving.drive(plan(moving))
    assert len(drives) == 2
    id = asked(shop)

    def work(drive: RoundView) -> Code | None:
        try:
            join(moving, drive, id)
        except Exception as error:
            return getattr(error, "code", error)  # type: ignore[return-value]
        return None

    done = at_once([partial(work, drive) for drive in drives])
    assert sorted(map(str, done)) == sorted(map(str, [None, Code.CONFLICT]))
    shown = [moving.read(load_round, round_id=d.id, district_id=moving.town.id) for d in drives]
    assert sum(len(one.stops) for one in shown) == 3
