"""The driver's day with two orders to be fetched: one in its bag, one by its lids."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lending.db import transaction
from lending.moving.rounds.joining import join_pickup
from lending.moving.rounds.plans import RoundPlan
from lending.moving.rounds.views import StopView
from lending.photos.keep import Snapshot, keep_photo
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where
from lending.requests.pickups.windows import Window
from tests.moving.drivers_day import DriversDay, make_day, midnight
from tests.personas import Loop
from tests.pickups.conftest import SHOP, Deliveries

DOOR = OrderSpot("심곡로 12, 101동 1203호", "", 37.5452, 126.6803)
LATER = OrderSpot("서곶로 3, 2층", "", 37.5502, 126.6903)
NOTE = "신발장 옆 흰 가방"


@dataclass
class PickupDay:
    """`day`: the round, which calls at both after its places. `bag`, `lids`: of the first order,
    `loose`: of the second; `first`, `second`: the requests."""

    day: DriversDay
    shop: Deliveries
    bag: str
    lids: list[str]
    loose: list[str]
    first: uuid.UUID
    second: uuid.UUID

    def stop(self, pickup: uuid.UUID) -> StopView:
        """The last stop for a request."""
        stops = self.day.stored().stops
        return [one for one in stops if one.pickup and one.pickup.request.id == pickup][-1]

    def plan(self) -> RoundPlan:
        """What waits put on vans today, whatever the hour of it."""
        moving, today = self.day.moving, self.day.day
        now = max(moving.loop.now, midnight(today))
        return moving.plan(today, now=now, keys=moving.loop.keys)

    def join(self, pickup: uuid.UUID, round_id: uuid.UUID | None = None) -> None:
        moving = self.day.moving
        moving.write(
            join_pickup, round_id=round_id or self.day.round.id, pickup_id=pickup,
            actor=moving.town.officer, keys=moving.loop.keys,
        )  # fmt: skip


def make_pickup_day(loop: Loop, engine: sa.Engine, *, jpeg: bytes = b"") -> PickupDay:
    """`jpeg`: the photo that came with the first request."""
    loop.now = datetime.now(UTC) - timedelta(hours=6)
    day, shop = make_day(loop, engine), Deliveries(loop)
    order, lids = shop.order(2, home=DOOR)
    bag = loop.new_crate()
    shop.pack(order, bag)
    _, loose = shop.order(2, home=LATER)
    window = Window(
        "", datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=2)
    )
    first = shop.ask(lids[0], place=Where.NOTE, spot=OrderSpot(note=NOTE), window=window).pickup.id
    second = shop.ask(loose[0]).pickup.id
    if jpeg:
        with transaction(engine) as session:
            shot = Snapshot(jpeg, loop.town.id, loop.town.sites[SHOP], first)
            keep_photo(session, shot, now=datetime.now(UTC))
    made = PickupDay(day, shop, bag, lids, loose, first, second)
    for one in (first, second):
        made.join(one)
    assert loop.now < datetime.now(UTC) - timedelta(hours=1)
    return made
