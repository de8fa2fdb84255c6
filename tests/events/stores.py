"""The store of a funeral hall: crates packed for it, brought, found opened, fetched."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lending.db import reading, run_transaction
from lending.events.crates.opening import break_seal
from lending.events.crates.packing import pack_crate
from lending.events.values import (
    EventView,
    OpenedIn,
    PackIn,
    RoomView,
)
from lending.loop.steps import Action
from lending.people.actors import Actor
from tests.personas import MINUTE, WASH
from tests.wares.conftest import Wares

HALL = "HALL"


@dataclass
class HallStore:
    """The hall's store, which the washing centre fills; every call commits, what scans takes a minute."""

    wares: Wares
    hall: int  # the site's id
    haein: Actor  # manages the hall
    rooms: list[RoomView]
    seals: int = 0
    links: dict[uuid.UUID, str] = field(default_factory=dict)

    @property
    def loop(self) -> Any:
        return self.wares.loop

    @property
    def now(self) -> datetime:
        return self.wares.loop.now

    @property
    def code(self) -> str:
        return self.loop.site(HALL)

    def write(self, work: Callable[[Session], Any]) -> Any:
        return run_transaction(self.loop.engine, work)

    def read(self, work: Callable[[Session], Any]) -> Any:
        with reading(self.loop.engine) as session:
            return work(session)

    def pack_in(
        self, event: EventView | None = None, cups: int = 0, crate: str = "", **counted: int
    ) -> PackIn:
        """A crate, a new one unless it is named, packed and sealed; `counted`: pieces by kind."""
        self.seals += 1
        codes = tuple(self.loop.passed_cups(cups)) if cups else ()
        return PackIn(
            uuid.uuid4(), crate or self.loop.new_crate(), f"S-{self.seals}", self.now,
            event_id=event.id if event else None, codes=codes, counted=counted,
            site=self.loop.site(WASH), to=None if event else self.code,
        )  # fmt: skip

    def pack(
        self, event: EventView | None = None, cups: int = 0, crate: str = "", **counted: int
    ) -> PackIn:
        for kind, pieces in counted.items():
            here = self.wares.at(WASH)
            self.wares.buy(pieces, here, kind_id=getattr(self.wares, kind))
        packed = self.pack_in(event, cups, crate, **counted)
        jun, keys = self.loop.town.jun, self.loop.keys
        self.write(lambda s: pack_crate(s, packed, actor=jun, keys=keys, now=self.now))
        return packed

    def bring(self, crate: str) -> None:
        """The crate is driven to the hall and taken in."""
        self.loop.one(
            Action.SHIP, crate, by=self.loop.town.jun, ask=False, site=self.loop.site(WASH),
            to=self.code,
        )  # fmt: skip
        self.loop.one(Action.STOCK, crate, by=self.haein, ask=False)

    def crate(self, event: EventView | None = None, cups: int = 0, **counted: int) -> PackIn:
        """A packed crate in the hall's store."""
        packed = self.pack(event, cups, **counted)
        self.bring(packed.crate)
        return packed

    def fetch(self, crate: str) -> None:
        """The courier takes the crate along and the centre receives it."""
        self.loop.collect(crate, self.code, ask=False)
        self.loop.receive(crate, ask=False)

    def break_seal(self, packed: PackIn, *, by: Actor | None = None, **more: Any) -> dict[str, int]:
        """Somebody at the hall finds the seal of a crate in the store broken."""
        told = OpenedIn(**{"id": uuid.uuid4(), "crate": packed.crate, "at": self.now} | more)
        inside: dict[str, int] = self.write(
            lambda s: break_seal(s, told, actor=by or self.haein, keys=self.loop.keys, now=self.now)
        )
        self.loop.now += MINUTE
        return inside
