"""Bora's shop: what happens at its pass, and what becomes of its orders; one driver for the tests."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.delivery.orders.book import Pass
from lending.delivery.orders.records import Record, Recorded, What, record_all
from lending.delivery.tables import Order, OrderChange
from lending.delivery.worker import sweep_delivery
from lending.loop.steps import Action
from lending.loop.verify import verify
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.places.tables import Site, SiteKind
from tests.personas import CRATE, MINUTE, Loop

SHOP, NOODLES = "SHOP", "NOODLE"


class Shop:
    """Every call commits and takes a minute, as the loop's do."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.town = loop, loop.town
        self.bora = self._open(SHOP, "보라분식", 77)
        self.other = self._open(NOODLES, "국수집", 78)

    def _open(self, code: str, name: str, id: int) -> Actor:
        with transaction(self.loop.engine) as session:
            site = Site(
                district_id=self.town.id, code=self.town.prefix + code, kind=SiteKind.SHOP,
                name=name, created_at=self.loop.now - timedelta(days=400),
            )  # fmt: skip
            session.add(site)
            session.flush()
            self.town.sites[code] = site.id
        return Actor(ActorKind.DEVICE, Role.CAFE, self.town.id, self.town.sites[code], id=id)

    # -- ware ------------------------------------------------------------------------------------

    def containers(self, count: int = 1) -> list[str]:
        """Clean ones on the shop's shelf."""
        return self.loop.clean_cups(count, SHOP)

    def bag(self, count: int = 2) -> tuple[str, list[str]]:
        """A bag with clean containers in it, at the shop."""
        bag, cups = self.loop.new_crate(), self.loop.passed_cups(count)
        self.loop.pack(bag, *cups)
        self.loop.ship(bag, to=self.loop.site(SHOP))
        self.loop.one(Action.STOCK, bag, site=self.loop.site(SHOP), ask=False)
        return bag, cups

    def empty_bag(self) -> str:
        return self.loop.clean_cup(SHOP, CRATE)

    # -- the pass --------------------------------------------------------------------------------

    def tell(self, *records: Record, by: Actor | None = None) -> list[Recorded]:
        """One call of a tablet."""
        actor = by or self.bora

        def work(session: Session) -> list[Recorded]:
            assert actor.site_id is not None
            site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
            return record_all(session, records, here=Pass(site, actor, self.loop.keys, self.now))

        done: list[Recorded] = self.loop.write(work)
        self.loop.now += MINUTE
        return done

    def record(self, what: What, order: uuid.UUID, **more: Any) -> Record:
        """A record made and sent now."""
        given: dict[str, Any] = {"id": uuid.uuid4(), "at": self.now, "sent_at": self.now} | more
        return Record(what=what, order=order, **given)

    def beep(
        self, code: str, order: uuid.UUID, *, by: Actor | None = None, **more: Any
    ) -> Recorded:
        return self.tell(self.record(What.BEEP, order, code=code, **more), by=by)[0]

    def number(self, order: uuid.UUID, text: str, **more: Any) -> Recorded:
        return self.tell(self.record(What.NUMBER, order, text=text, **more))[0]

    def contact(self, order: uuid.UUID, text: str, **more: Any) -> Recorded:
        return self.tell(self.record(What.CONTACT, order, text=text, **more))[0]

    def packed(self, *codes: str) -> uuid.UUID:
        """An order with these in it."""
        order = uuid.uuid4()
        done = self.tell(*(self.record(What.BEEP, order, code=code) for code in codes))
        assert not [one.error for one in done if one.error], done
        return order

    # -- time and what is stored -----------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.loop.now

    def later(self, **more: float) -> None:
        self.loop.now += timedelta(**more)

    def sweep(self) -> None:
        """One round of the worker."""
        sweep_delivery(self.loop.engine, clock=lambda: self.now)
        self.loop.now += MINUTE

    def row(self, occasion: uuid.UUID) -> Order:
        with Session(self.loop.engine) as session:
            return session.scalars(sa.select(Order).where(Order.occasion_id == occasion)).one()

    def orders(self) -> list[Order]:
        with Session(self.loop.engine) as session:
            return list(session.scalars(sa.select(Order).order_by(Order.made_at)))

    def history(self, occasion: uuid.UUID) -> list[str]:
        """Every status the order came to."""
        query = sa.select(OrderChange.status).where(OrderChange.order_id == self.row(occasion).id)
        with Session(self.loop.engine) as session:
            return [status.value for status in session.scalars(query.order_by(OrderChange.seq))]

    def read(self, work: Any, **more: Any) -> Any:
        with reading(self.loop.engine) as session:
            return work(session, **more)

    def is_true(self) -> None:
        """What is stored is what the log says."""
        self.loop.check()
        assert list(verify(self.loop.engine)) == []
