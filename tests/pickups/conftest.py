"""Orders go out from Duri's shop, somebody asks for pick-up, couriers come by: one driver for all."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import open_occasion
from lending.loop.loans.standing_still import ClockStop, StopWhy
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.notices.tables import Alert, Notice, NoticeKind
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.tables import Site, SiteKind
from lending.requests.pickups.ask import Asked, NewPickup, ask_pickup
from lending.requests.pickups.miss import Miss, Missed, miss_pickup
from lending.requests.pickups.places import OrderSpot, keep_place
from lending.requests.pickups.settle import SettleCounts, settle_pickups
from lending.requests.pickups.tables import Pickup, Where
from lending.requests.pickups.take import Take, Took, plan_pickups, take_pickup
from lending.requests.pickups.views import PickupView, load_pickups, open_pickups
from lending.requests.round_tables import Round
from tests.personas import MINUTE, Loop

SHOP = "DURI"
HOME = OrderSpot("심곡로 12, 101동 1203호", "초인종 고장", 37.5451, 126.6763)


def add_round(loop: Loop) -> uuid.UUID:
    """A round of today, as rounds are opened."""
    id = uuid.uuid4()
    row = Round(
        id=id, district_id=loop.town.id, site_id=loop.town.sites["WASH"], day=loop.now.date(),
        van="1", crates=20, leaves_at=loop.now, back_at=loop.now + timedelta(hours=3), metres=0,
        planned_at=loop.now, planned_by="staff:1",
    )  # fmt: skip
    loop.write(lambda session: session.add(row))
    return id


def add_shop(session: Session, loop: Loop) -> Actor:
    """Duri's shop in the town; who works there."""
    site = Site(
        district_id=loop.town.id, code=loop.town.prefix + SHOP, kind=SiteKind.SHOP, name="두리분식",
        name_en="Duri Snacks", latitude=37.54, longitude=126.67, created_at=loop.now,
    )  # fmt: skip
    session.add(site)
    session.flush()
    loop.town.sites[SHOP] = site.id
    return Actor(ActorKind.DEVICE, Role.CAFE, loop.town.id, site.id, id=77)


class Deliveries:
    """What happens around orders; every call commits and takes a minute."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.town = loop, loop.town
        with transaction(loop.engine) as session:
            self.duri = add_shop(session, loop)
        self.kim = Actor(ActorKind.TOKEN, Role.COURIER, loop.town.id, None, id=8)
        self.lee = Actor(ActorKind.TOKEN, Role.COURIER, loop.town.id, None, id=9)

    @property
    def now(self):
        return self.loop.now

    def later(self, **more: float) -> None:
        self.loop.now += timedelta(**more)

    def write(self, work: Any, **more: Any) -> Any:
        done = self.loop.write(lambda session: work(session, now=self.loop.now, **more))
        self.loop.now += MINUTE
        return done

    def order(
        self, pieces: int = 2, *, home: OrderSpot | None = HOME, to: str | None = None
    ) -> tuple[uuid.UUID, list[str]]:
        """An order that left the shop: its occasion and its pieces' codes."""
        codes, id = self.loop.clean_cups(pieces, SHOP), uuid.uuid4()
        self.write(
            open_occasion, id=id, kind=OccasionKind.ORDER, site_id=self.town.sites[SHOP],
            district_id=self.town.id,
        )  # fmt: skip
        if home is not None:
            self.write(
                keep_place, occasion_id=id, district_id=self.town.id, spot=home, keys=self.loop.keys
            )
        self.pack(id, *codes, to=to)
        return id, codes

    def pack(self, order: uuid.UUID, *codes: str, to: str | None = None) -> None:
        """Lends pieces to an order."""
        scans = [
            ScanIn(
                uuid.uuid4(), Action.LEND, code, self.now, True, self.loop.site(SHOP), borrower=to,
                occasion=order,
            )
            for code in codes
        ]  # fmt: skip
        receipts = self.loop.go(*scans, by=self.duri)
        assert {one.result for one in receipts} == {Result.RECORDED}, receipts

    def ask(self, code: str, **more: Any) -> Asked:
        given: dict[str, Any] = {
            "id": uuid.uuid4(), "place": Where.DOOR, "browser": "phone-1"
        } | more  # fmt: skip
        asked: Asked = self.write(
            ask_pickup, new=NewPickup(code=code, **given), keys=self.loop.keys
        )
        return asked

    def take(self, pickup: uuid.UUID, *codes: str, by: Actor | None = None, **more: Any) -> Took:
        given = {"id": uuid.uuid4(), "at": self.now, "sent_at": self.now} | more
        took: Took = self.write(
            take_pickup, take=Take(pickup_id=pickup, codes=codes, **given), actor=by or self.lee,
            keys=self.loop.keys,
        )  # fmt: skip
        return took

    def miss(self, pickup: uuid.UUID, **more: Any) -> Missed:
        given = {"id": uuid.uuid4(), "at": self.now, "round_id": None} | more
        missed: Missed = self.write(
            miss_pickup, miss=Miss(pickup_id=pickup, **given), actor=self.lee
        )
        return missed

    def plan(self, pickup: uuid.UUID, round_id: uuid.UUID) -> None:
        """Puts a request onto a round."""
        given = {"pickup_ids": [pickup], "round_id": round_id, "today": self.now.date()}
        self.loop.write(lambda session: plan_pickups(session, **given))

    def waiting(self) -> list[uuid.UUID]:
        """The requests that wait for a round."""
        found = self.read(open_pickups, district_id=self.town.id, today=self.now.date())
        return [one.id for one in found]

    def settle(self) -> SettleCounts:
        done: SettleCounts = self.write(
            settle_pickups, district_id=self.town.id, keys=self.loop.keys
        )
        return done

    def view(self, pickup: uuid.UUID) -> PickupView:
        return self.read(load_pickups, pickup_ids=[pickup])[pickup]

    def read(self, work: Any, **more: Any) -> Any:
        with reading(self.loop.engine) as session:
            return work(session, **more)

    def row(self, pickup: uuid.UUID) -> Pickup:
        with Session(self.loop.engine) as session:
            return session.scalars(sa.select(Pickup).where(Pickup.id == pickup)).one()

    def stops(self, code: str) -> list[ClockStop]:
        """The clock stops of a piece that still go on."""
        query = sa.select(ClockStop).where(
            ClockStop.item_id == self.loop.item_id(code), ClockStop.ended_at.is_(None)
        )
        with Session(self.loop.engine) as session:
            return list(session.scalars(query))

    def whys(self, code: str) -> list[StopWhy]:
        """Why the clock of a piece stands."""
        return sorted(stop.why for stop in self.stops(code))

    def alerts(self) -> dict[str, int]:
        """The open alerts about pick-ups: how many requests, by kind."""
        query = sa.select(Alert.kind, Alert.count).where(
            Alert.closed_at.is_(None), Alert.kind.startswith("pickup_")
        )
        with Session(self.loop.engine) as session:
            return {row.kind: row[1] for row in session.execute(query)}

    def notices(self, code: str) -> list[NoticeKind]:
        """What was said of the loans of a piece."""
        lends = [loan.id for loan in self.loop.loans(code)]
        with Session(self.loop.engine) as session:
            return list(session.scalars(sa.select(Notice.kind).where(Notice.lend_id.in_(lends))))

    def receive(self, code: str, bag: str | None = None) -> None:
        """Jun finds a piece in the bag."""
        self.loop.receive(code, **({"crate": bag} if bag else {}))

    def is_open(self, code: str) -> bool:
        return self.loop.loans(code)[-1].closed_at is None


@pytest.fixture
def shop(loop: Loop) -> Deliveries:
    return Deliveries(loop)
