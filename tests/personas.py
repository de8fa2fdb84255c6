"""The town's people at work: a driver whose methods read like the loop itself."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.loop.pieces.claims import register_items
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.people.actors import Actor
from lending.people.keys import Keys
from tests.reading import Reading
from tests.stored import Stored as Stored
from tests.stored import check_items as check_items
from tests.stored import events_of as events_of
from tests.stored import stored_of as stored_of
from tests.town import BOX as BOX
from tests.town import CRATE as CRATE
from tests.town import DANA as DANA
from tests.town import DAY as DAY
from tests.town import HARU as HARU
from tests.town import KINDS as KINDS
from tests.town import MINJI as MINJI
from tests.town import MINUTE as MINUTE
from tests.town import MONDAY as MONDAY
from tests.town import NABI as NABI
from tests.town import OFFICE as OFFICE
from tests.town import RESIDENTS as RESIDENTS
from tests.town import SITES as SITES
from tests.town import SORA as SORA
from tests.town import TOMAS as TOMAS
from tests.town import WASH as WASH
from tests.town import Town as Town
from tests.town import add_resident as add_resident
from tests.town import add_terms as add_terms
from tests.town import found_town as found_town


class Loop(Reading):
    """Drives the loop through the writer; every call commits and takes one minute.

    Questions are asked unless `ask=False`; `at` is when it happened (now by default), `by` who
    scans. Facts from the past: `loop.give_back(cup, at=loop.now - DAY)`.
    """

    def __init__(self, engine: sa.Engine, keys: Keys, town: Town, *, now: datetime = MONDAY):
        self.engine, self.keys, self.town, self.now = engine, keys, town, now

    # -- the writer ---------------------------------------------------------------------------

    def go(
        self, *scans: ScanIn, by: Actor | None = None, sent_at: datetime | None = None
    ) -> list[Receipt]:
        """One call of the writer with these scans; then a minute passes."""
        actor, now = by or self.town.officer, self.now
        receipts = self.write(
            lambda session: record_scans(
                session, scans, actor=actor, keys=self.keys, now=now, sent_at=sent_at
            )
        )
        self.now += MINUTE
        return receipts

    def write(self, work: Callable[[Session], Any]) -> Any:
        """`work` in a transaction of its own, committed."""
        return run_transaction(self.engine, work)

    def one(
        self,
        action: Action,
        cup: str,
        *,
        by: Actor | None = None,
        ask: bool = True,
        sent_at: datetime | None = None,
        **more: Any,
    ) -> Receipt:
        """One scan in a call of its own."""
        return self.go(self.scan(action, cup, ask=ask, **more), by=by, sent_at=sent_at)[0]

    def scan(
        self,
        action: Action,
        cup: str,
        *,
        id: uuid.UUID | None = None,
        at: datetime | None = None,
        ask: bool = False,
        **more: Any,
    ) -> ScanIn:
        """A scan with a fresh id, made now; a fact unless asked."""
        return ScanIn(id or uuid.uuid4(), action, cup, at or self.now, ask, **more)

    # -- what people do -----------------------------------------------------------------------

    def lend(self, cup: str, to: str | None = MINJI, *, by: Actor | None = None, **more: Any):
        """Mina lends a cup to a resident (`to`: what the till reads)."""
        return self.one(Action.LEND, cup, by=by or self.town.mina, borrower=to, **more)

    def give_back(self, cup: str, *, by: Actor | None = None, **more: Any):
        """Somebody brings a cup back to Mina's café."""
        return self.one(Action.RETURN, cup, by=by or self.town.mina, **more)

    def collect(self, cup: str, site: str = HARU, **more: Any):
        """The courier takes a used cup along."""
        return self.one(Action.COLLECT, cup, by=self.town.courier, site=site, **more)

    def receive(self, cup: str, **more: Any):
        return self.one(Action.RECEIVE, cup, by=self.town.jun, **more)

    def wash(self, cup: str, **more: Any):
        return self.one(Action.WASH, cup, by=self.town.jun, **more)

    def pass_(self, cup: str, **more: Any):
        return self.one(Action.PASS, cup, by=self.town.jun, **more)

    def rewash(self, cup: str, **more: Any):
        return self.one(Action.REWASH, cup, by=self.town.jun, **more)

    def ship(self, cup: str, to: str = HARU, **more: Any):
        return self.one(Action.SHIP, cup, by=self.town.jun, to=to, **more)

    def stock(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.STOCK, cup, by=by or self.town.mina, **more)

    def hold(self, cup: str, reason: str = "crack?", *, by: Actor | None = None, **more: Any):
        return self.one(Action.HOLD, cup, by=by or self.town.mina, reason=reason, **more)

    def release(self, cup: str, **more: Any):
        return self.one(Action.RELEASE, cup, by=self.town.jun, **more)

    def retire(self, cup: str, reason: str = "break", *, by: Actor | None = None, **more: Any):
        return self.one(Action.RETIRE, cup, by=by or self.town.jun, reason=reason, **more)

    def lose(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.LOSE, cup, by=by or self.town.mina, **more)

    def void(self, cup: str, of: uuid.UUID, *, by: Actor | None = None, **more: Any):
        return self.one(Action.VOID, cup, by=by or self.town.mina, of=of, **more)

    def extend(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.EXTEND, cup, by=by or self.town.mina, **more)

    def relabel(self, cup: str, to: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.RELABEL, cup, by=by or self.town.jun, to=to, **more)

    def claim(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.CLAIM, cup, by=by or self.town.mina, **more)

    def see(self, action: Action, cup: str, **more: Any) -> Receipt:
        """A sighting of any kind, as a fact; what is packed goes into a new crate."""
        crate = {"crate": self.new_crate()} if action is Action.PACK else {}
        return self.one(action, cup, ask=False, **crate, **more)

    def pack(self, crate: str, *cups: str, by: Actor | None = None, **more: Any) -> list[Receipt]:
        """Jun packs pieces into a crate, in one call."""
        scans = [self.scan(Action.PACK, cup, crate=crate, **more) for cup in cups]
        return self.go(*scans, by=by or self.town.jun)

    def unpack(self, cup: str, *, by: Actor | None = None, **more: Any) -> Receipt:
        return self.one(Action.UNPACK, cup, by=by or self.town.jun, **more)

    # -- cups in a given state ----------------------------------------------------------------

    def new_cups(self, count: int = 1, kind: str = "cup-355") -> list[str]:
        """Registered pieces: dirty at the washing centre."""
        codes: list[str] = self.write(
            lambda session: register_items(
                session, kind=kind, count=count, site=self.site(WASH), actor=self.town.officer,
                now=self.now,
            )
        )  # fmt: skip
        self.now += MINUTE
        return codes

    def new_crate(self) -> str:
        """An empty crate at the washing centre."""
        return self.new_cups(1, CRATE)[0]

    def passed_cups(self, count: int = 1) -> list[str]:
        """Washed and passed pieces, ready at the washing centre."""
        cups = self.new_cups(count)
        wash = [self.scan(Action.WASH, cup, ask=True) for cup in cups]
        self.go(*wash, *(self.scan(Action.PASS, cup, ask=True) for cup in cups), by=self.town.jun)
        return cups

    def clean_cups(self, count: int = 1, at: str = HARU, kind: str = "cup-355") -> list[str]:
        """Washed, passed and stocked pieces, ready at a café, in three calls."""
        cups = self.new_cups(count, kind)
        wash = [self.scan(Action.WASH, cup, ask=True) for cup in cups]
        check = [self.scan(Action.PASS, cup, ask=True) for cup in cups]
        ship = [self.scan(Action.SHIP, cup, ask=True, to=self.site(at)) for cup in cups]
        receipts = self.go(*wash, *check, *ship, by=self.town.jun)
        stock = [self.scan(Action.STOCK, cup, site=self.site(at)) for cup in cups]
        receipts += self.go(*stock, by=self.town.courier)
        assert {receipt.result for receipt in receipts} == {Result.RECORDED}
        assert not any(receipt.gaps for receipt in receipts)
        return cups

    def clean_cup(self, at: str = HARU, kind: str = "cup-355") -> str:
        return self.clean_cups(1, at, kind)[0]

    def lent_cup(self, to: str | None = MINJI) -> str:
        """A cup that Mina has just lent."""
        cup = self.clean_cup()
        assert self.lend(cup, to).result is Result.RECORDED
        return cup

    def site(self, code: str) -> str:
        """The full code of one of this town's sites."""
        return self.town.prefix + code
