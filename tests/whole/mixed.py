"""The whole town at once: cafés, a box, a shop, a hall, an office, machines, the centre, next door."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.cli.verify import verify_all
from lending.db import transaction
from lending.delivery.tables import OrderStatus
from lending.delivery.worker import send_back_old_ware, sweep_delivery
from lending.events.crates.packing import pack_crate
from lending.events.values import PackIn
from lending.events.worker import sweep_events
from lending.loop.loans.standing_still import ClockStop, StopWhy
from lending.loop.scans import Receipt
from lending.loop.steps import Action, Outcome
from lending.loop.tables import Review
from lending.machines.watch import sweep_machines
from lending.notices.alerts import open_alerts
from lending.offices.worker import sweep_offices
from lending.people.actors import Actor
from lending.reminders.rounds import sweep_all_alerts
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where
from lending.requests.pickups.worker import sweep_all_pickups
from lending.washing.rounds import sweep_washing
from tests.delivery.shop import Shop
from tests.events.halls import Halls, open_hall
from tests.machines.conftest import Machines, add_machines
from tests.mail import Mail, make_demo
from tests.offices.office import Office, open_office
from tests.personas import BOX, MINUTE, Loop, found_town
from tests.pickups.conftest import Deliveries
from tests.wares.conftest import Wares, add_counted
from tests.washing.centre import Centre


@dataclass
class World:
    """Everybody of a town, and of the town next door; each call commits."""

    loop: Loop
    shop: Shop
    couriers: Deliveries
    halls: Halls
    office: Office
    machines: Machines
    centre: Centre
    mail: Mail
    next_door: Loop

    # -- ways home -------------------------------------------------------------------------------

    def box(self, code: str) -> Receipt:
        """Somebody drops it into the return box."""
        loop = self.loop
        return loop.one(Action.RETURN, code, by=loop.town.machine, site=loop.site(BOX), ask=False)

    def machine(self, code: str) -> Receipt:
        """Somebody puts it into the return machine."""
        return self.loop.one(Action.RETURN, code, by=self.machines.actor(), ask=False)

    def cafe(self, code: str) -> Receipt:
        """Somebody gives it to Mina at the till."""
        return self.loop.give_back(code, ask=False)

    def hall(self, code: str) -> Receipt:
        """Somebody leaves it with Hae-in."""
        return self.loop.one(Action.RETURN, code, by=self.halls.haein, ask=False)

    def desk(self, code: str) -> Any:
        """Somebody brings it to the office."""
        return self.office.back(code)

    def next_cafe(self, code: str) -> Receipt:
        """Somebody gives it back in the next district."""
        self.next_door.now = self.loop.now
        receipt = self.next_door.give_back(code, ask=False)
        self.loop.now = self.next_door.now
        return receipt

    def come_home(self, code: str, **more: Any) -> None:
        """The courier takes it along, the centre receives it."""
        self.loop.collect(code, ask=False)
        self.loop.receive(code, ask=False, **more)

    def pack(self, packed: PackIn) -> None:
        """Jun packs and seals a crate for an event."""
        loop = self.loop
        loop.write(
            lambda s: pack_crate(s, packed, actor=loop.town.jun, keys=loop.keys, now=loop.now)
        )

    def ask(self, code: str) -> uuid.UUID:
        """Somebody asks for pick-up at an address they type."""
        asked = self.couriers.ask(code, place=Where.ELSEWHERE, spot=OrderSpot("서곶로 3, 203호"))
        return asked.pickup.id

    # -- the worker ------------------------------------------------------------------------------

    def work(self) -> None:
        """One round of everything the worker does, and what it sends."""
        loop, engine, keys = self.loop, self.loop.engine, self.loop.keys
        clock = {"clock": lambda: loop.now}
        sweep_delivery(engine, **clock)
        send_back_old_ware(engine, **clock)
        sweep_events(engine, **clock)
        sweep_offices(engine, **clock)
        sweep_machines(engine, **clock)
        sweep_all_pickups(engine, keys=keys, **clock)
        self.mail.upkeep()
        sweep_washing(engine, keys=keys, **clock)
        sweep_all_alerts(engine, **clock)
        self.mail.sweep()
        self.mail.send()
        loop.now += MINUTE

    def texts(self) -> list[str]:
        """Every message that was sent."""
        return [one.text for one in self.mail.inbox()]

    # -- what is stored --------------------------------------------------------------------------

    def ended(self, code: str) -> list[Outcome | None]:
        """How each loan of a piece ended, the earliest first; None: still open."""
        return [loan.outcome for loan in self.loop.loans(code)]

    def status(self, order: uuid.UUID) -> OrderStatus:
        return self.shop.row(order).status

    def stops(self, code: str) -> list[StopWhy]:
        """Why the clock of a piece's loan stands still."""
        query = sa.select(ClockStop.why).where(
            ClockStop.item_id == self.loop.item_id(code), ClockStop.ended_at.is_(None)
        )
        with Session(self.loop.engine) as session:
            return sorted(session.scalars(query))

    def reviews(self) -> list[str]:
        """What waits for a head, by subject."""
        query = sa.select(Review.subject).where(Review.settled_at.is_(None))
        with Session(self.loop.engine) as session:
            return sorted(str(one) for one in session.scalars(query))

    def alerts(self, who: Actor | None = None) -> dict[str, int]:
        """What somebody is alerted of (the officer by default), but for shelves that run low."""
        with Session(self.loop.engine) as session:
            seen = open_alerts(session, actor=who or self.loop.town.officer)
        return {one.kind: one.count for one in seen if one.kind != "clean_low"}

    def is_true(self) -> None:
        """`lending verify`, all of it, finds nothing."""
        self.loop.check()
        self.next_door.check()
        verify_all(self.loop.engine)


def open_world(loop: Loop) -> World:
    """Everybody's doors open."""
    make_demo(loop)
    with transaction(loop.engine) as session:
        next_town = found_town(session, loop.keys, prefix="NEXT-", now=loop.now)
        bowl, plate = add_counted(session, loop, ["bowl", "plate"])
    return World(
        loop, Shop(loop), Deliveries(loop), open_hall(Wares(loop, bowl, plate)), open_office(loop),
        add_machines(loop), Centre(loop), Mail(loop),
        Loop(loop.engine, loop.keys, next_town, now=loop.now),
    )  # fmt: skip


__all__ = ["World", "open_world"]
