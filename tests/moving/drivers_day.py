"""A driver's day of today: a round planned, opened and given to a courier, and what waits at its stops."""

import io
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from PIL import Image

from lending.db import transaction
from lending.loop.steps import Action
from lending.moving.rounds.drivers import assign_driver
from lending.moving.rounds.driving import move_stop
from lending.moving.rounds.views import RoundView, StopView, view_rounds
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.places.opening import Hours, set_opening
from lending.places.spots import Spot, place_site
from lending.requests.collections import CollectWhy, NewCollect, ask_collection
from lending.requests.round_tables import Round
from tests.callers import PASSWORD
from tests.moving.conftest import Moving
from tests.personas import BOX, HARU, NABI, WASH, Loop

SEOUL = ZoneInfo("Asia/Seoul")
NOTE = "뒷문으로 오세요"
# Around the town: the order of the round is that of the way.
SPOTS = {
    WASH: (37.54, 126.67),
    HARU: (37.541, 126.672),
    NABI: (37.545, 126.68),
    BOX: (37.55, 126.69),
}


@dataclass
class DriversDay:
    """A round with three stops, for the courier `kai`: two crates for Haru, an asked collection at
    Nabi where a crate with used cups stands, and the box with three cups in it."""

    moving: Moving
    day: date
    round: RoundView
    clean: list[str]  # crates for Haru
    crate: str  # at Nabi
    bag: str
    lying: list[str]  # cups in the box
    loose: str  # a used cup at Nabi

    def stop(self, site: str) -> StopView:
        return next(stop for stop in self.stored().stops if stop.site.code == site)

    def stored(self) -> RoundView:
        """The round as the server has it now."""
        loop = self.moving.loop
        [found] = self.moving.read(view_rounds_of(self.round.id), district_id=loop.town.id)
        return found  # type: ignore[no-any-return]


def view_rounds_of(round_id):
    return lambda session, *, district_id: view_rounds(session, district_id, Round.id == round_id)


def make_day(loop: Loop, engine: sa.Engine, *, driver: str = "kai") -> DriversDay:
    """The day of today, planned, opened and given to a new courier."""
    moving, day = Moving(loop), datetime.now(UTC).astimezone(SEOUL).date()
    for site, (latitude, longitude) in SPOTS.items():
        place(loop, site, latitude, longitude)
    loop.write(
        lambda s: set_opening(
            s, site_id=loop.town.sites[NABI],
            hours=Hours(loop.now, 127, opens=time(0), closes=time(23, 30)), now=loop.now,
        )
    )  # fmt: skip
    moving.van(10, "1호차", leaves=time(0), back=time(23, 59))
    packing = moving.list_for(HARU, day=day)
    clean = [loop.new_crate(), loop.new_crate()]
    for crate in clean:
        moving.pack(packing, crate, *loop.passed_cups(2))
        moving.seal(crate)
    crate, bag = used_crate(loop), loop.new_crate()
    lying = [loop.lent_cup() for _ in range(3)]
    for cup in lying:
        loop.give_back(cup, by=loop.town.machine)
    loose = loop.lent_cup()
    loop.one(Action.RETURN, loose, by=loop.town.yuna)
    for site, why in ((NABI, CollectWhy.OTHER), (BOX, CollectWhy.FULL)):
        new = NewCollect(uuid.uuid4(), why, loop.site(site), 1, NOTE if site == NABI else "")
        moving.write(ask_collection, new=new, actor=loop.town.officer)
    [opened] = moving.drive(moving.plan(day, now=midnight(day)))
    opened = in_order(loop, opened)
    give_to(loop, engine, opened, driver)
    return DriversDay(moving, day, opened, clean, crate, bag, lying, loose)


def in_order(loop: Loop, opened: RoundView) -> RoundView:
    """The round the other way about is as short: this way it is driven here."""
    for position, site in enumerate((HARU, NABI, BOX), 1):
        stop = next(one for one in opened.stops if one.site.code == site)
        opened = loop.write(
            lambda s, id=stop.id, to=position: move_stop(
                s, stop_id=id, position=to, actor=loop.town.officer
            )
        )
    return opened


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL).astimezone(UTC)


def place(loop: Loop, site: str, latitude: float, longitude: float) -> None:
    where = {"district_id": loop.town.id, "site_id": loop.town.sites[site]}
    loop.write(lambda s: place_site(s, **where, spot=Spot(5, latitude, longitude)))


def used_crate(loop: Loop) -> str:
    """A crate that brought cups to Nabi; they were lent there and are back in it."""
    crate, [cup] = loop.new_crate(), loop.passed_cups(1)
    loop.pack(crate, cup)
    loop.ship(crate, to=loop.site(NABI))
    loop.stock(crate, by=loop.town.yuna)
    return crate


def add_courier(loop: Loop, engine: sa.Engine, name: str) -> int:
    with transaction(engine) as session:
        new = NewStaff(name, PASSWORD, Role.COURIER)
        return add_staff(session, district_id=loop.town.id, new=new, now=datetime.now(UTC))


def give_to(loop: Loop, engine: sa.Engine, one: RoundView, name: str) -> int:
    """A new courier who is to drive this round."""
    staff_id = add_courier(loop, engine, name)
    loop.write(
        lambda s: assign_driver(
            s, round_id=one.id, staff_id=staff_id, actor=loop.town.officer, now=datetime.now(UTC)
        )
    )
    return staff_id


def picture() -> bytes:
    """A photo of a closed door, larger than what is kept."""
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), (90, 120, 90)).save(out, "JPEG")
    return out.getvalue()
