"""A town in which all ware goes round at random: how it is told, and what always holds."""

import uuid
from datetime import date
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
)
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.people.keys import Keys
from lending.wares.crates import soil_crates
from tests.loop.occasions import new_occasion
from tests.personas import BOX, CRATE, HARU, MINUTE, NABI, WASH, Loop, found_town
from tests.wares.conftest import Wares
from tests.wares.conftest import add_counted as add_kinds
from tests.washing.centre import Centre
from tests.whole.bare_log import BareLog, read_log, wrong_balances, wrong_lends, wrong_stays

CUPS, CRATES = 5, 2
USED = (Action.COLLECT, Action.RECEIVE)  # what a crate holds was used when it comes back
cups, crates = st.integers(0, CUPS - 1), st.integers(0, CRATES - 1)
anything = st.integers(0, CUPS + CRATES - 1)
ages = st.sampled_from([0, 0, 0, 1, 3, 10, 40])  # minutes ago, mostly now
places = st.sampled_from([WASH, HARU, NABI, BOX])
quantities = st.integers(1, 30)


class Town(RuleBasedStateMachine):
    """One town per run, its centre asking for batches; everything goes through the services."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_town(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=uuid.uuid4().hex)
            self.loop = loop = Loop(self.engine, self.keys, town)
            (bowl,) = add_kinds(session, loop, ["bowl"])
        self.centre, self.wares = Centre(loop), Wares(loop, bowl, bowl)
        self.centre.require_batch()
        self.crates = [loop.new_cups(1, CRATE)[0] for _ in range(CRATES)]
        self.codes = [*loop.new_cups(CUPS), *self.crates]
        self.open: list[uuid.UUID] = []
        self.over: list[tuple[uuid.UUID, str]] = []
        self.reached: dict[uuid.UUID, list[uuid.UUID]] = {}  # batches by open recall
        self.sent: list[ScanIn] = []
        self.occasions = [new_occasion(loop, ends_on=date(2026, 3, day)) for day in (3, 9)]
        loop.now += 60 * MINUTE

    # -- what always holds --------------------------------------------------------------------

    @invariant()
    def everything_adds_up(self) -> None:
        if not hasattr(self, "sent"):
            return
        with reading(self.engine) as session:
            assert wrong_stays(session, self.loop.town.id) == []
            assert wrong_balances(session, self.loop.town.id) == []
        log = self.log()
        assert wrong_lends(log) == []
        for code in self.codes[:CUPS]:
            assert not self.loop.item(code).clean or log.is_clean(code), code
        self.loop.check()

    # -- by hand ------------------------------------------------------------------------------

    def scan(self, action: Action, some: int, place: str, ago: int, **more: Any) -> ScanIn:
        """A fact at a place, `ago` minutes before now."""
        site, at = self.loop.site(place), self.loop.now - ago * MINUTE
        return self.loop.scan(action, self.codes[some], at=at, site=site, **more)

    def send(self, *scans: ScanIn) -> list[Receipt]:
        """One call by an officer; counted ware in a crate that comes back is soiled with it."""
        loop, now = self.loop, self.loop.now

        def work(session: Session) -> list[Receipt]:
            receipts = record_scans(
                session, scans, actor=loop.town.officer, keys=self.keys, now=now
            )
            back = {
                self.item_id(scan.code): scan.id
                for scan, receipt in zip(scans, receipts, strict=True)
                if scan.action in USED and scan.code in self.crates
                and receipt.result is Result.RECORDED
            }  # fmt: skip
            soil_crates(session, back, at=now, actor=loop.town.officer, now=now)
            return receipts

        self.ids = {code: loop.item_id(code) for code in self.crates}
        receipts: list[Receipt] = loop.write(work)
        loop.now += MINUTE
        self.sent += [
            scan
            for scan, receipt in zip(scans, receipts, strict=True)
            if receipt.result is Result.RECORDED
        ]
        return receipts

    def item_id(self, code: str) -> int:
        return self.ids[code]

    def item(self, some: int) -> Any:
        return self.loop.item(self.codes[some])

    def log(self) -> BareLog:
        with reading(self.engine) as session:
            return read_log(session, self.loop.town.id)
