"""A town with counted ware, and short words to move and count it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import reading, run_transaction, transaction
from lending.loop.tables import ItemKind
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.wares.balances import balances
from lending.wares.figures import count_wares
from lending.wares.ledger import record_moves
from lending.wares.values import FigureIn, FigureReceipt, MoveIn, MoveReceipt
from lending.wares.verify import verify_counts
from lending.wares.ways import Account, Condition, Outside, Why, at_place, beyond, in_crate
from tests.callers import Caller, device_caller, staff_caller
from tests.personas import DAY, HARU, WASH, Loop
from tests.wares.doors import Door

CLEAN, DIRTY, WASHED, HELD = Condition.CLEAN, Condition.DIRTY, Condition.WASHED, Condition.HELD


@dataclass
class Wares:
    """The ledger of a town's bowls and plates; every call commits."""

    loop: Loop
    bowl: int
    plate: int

    @property
    def now(self) -> datetime:
        return self.loop.now

    def at(self, site: str, condition: Condition = CLEAN) -> Account:
        return at_place(self.loop.town.sites[site], condition)

    def crate(self) -> int:
        """The id of a new, empty crate at the washing centre."""
        return self.loop.item_id(self.loop.new_crate())

    def move(
        self, quantity: int, source: Account, target: Account, why: Why, **more: Any
    ) -> MoveIn:
        more = {"id": uuid.uuid4(), "kind_id": self.bowl, "at": self.now} | more
        return MoveIn(quantity=quantity, source=source, target=target, why=why, **more)

    def figure(self, quantity: int, account: Account, **more: Any) -> FigureIn:
        more = {"id": uuid.uuid4(), "kind_id": self.bowl, "at": self.now} | more
        return FigureIn(account=account, quantity=quantity, **more)

    def record(self, *moves: MoveIn, by: Actor | None = None) -> list[MoveReceipt]:
        actor = by or self.loop.town.officer
        return self.write(lambda s: record_moves(s, moves, actor=actor, now=self.now))

    def count(self, *figures: FigureIn, by: Actor | None = None) -> list[FigureReceipt]:
        actor = by or self.loop.town.officer
        return self.write(lambda s: count_wares(s, figures, actor=actor, now=self.now))

    def buy(self, quantity: int, account: Account, **more: Any) -> None:
        """New ware in any condition."""
        self.record(self.move(quantity, beyond(Outside.BOUGHT), account, Why.BOUGHT, **more))

    def write(self, work: Any) -> Any:
        return run_transaction(self.loop.engine, work)

    def read(self, work: Any) -> Any:
        with reading(self.loop.engine) as session:
            return work(session)

    def held(self, account: Account, kind: int | None = None) -> int:
        """What one account holds."""
        rows = self.read(lambda s: balances(s, district_id=self.loop.town.id))
        wanted = (kind or self.bowl, account)
        return sum(row.quantity for row in rows if (row.kind_id, row.account) == wanted)

    def check(self) -> None:
        """Every balance is the sum of its moves, every figure holds at its moment."""
        assert self.read(lambda s: list(verify_counts(s))) == []


def add_counted(session: Session, loop: Loop, codes: Sequence[str]) -> list[int]:
    kinds = [
        ItemKind(
            district_id=loop.town.id, code=code, name=code, counted=True, created_at=loop.now - DAY
        )
        for code in codes
    ]
    session.add_all(kinds)
    session.flush()
    return [kind.id for kind in kinds]


@pytest.fixture
def wares(loop: Loop) -> Wares:
    with transaction(loop.engine) as session:
        bowl, plate = add_counted(session, loop, ["bowl", "plate"])
    return Wares(loop, bowl, plate)


@pytest.fixture
def doors(app: Flask, wares: Wares) -> dict[str, Caller]:
    """Mina's and Jun's tablets, an officer and a café's staff at the pages."""
    town = wares.loop.town
    with transaction(wares.loop.engine) as session:
        return {
            "mina": device_caller(app, session, town),
            "jun": device_caller(app, session, town, WASH),
            "olga": staff_caller(app, session, town, Role.OFFICER),
            "cafe": staff_caller(app, session, town, Role.CAFE),
            "driver": staff_caller(app, session, town, Role.COURIER),
        }


@pytest.fixture
def mina(doors: dict[str, Caller], wares: Wares) -> Door:
    return Door(doors["mina"], wares)


@pytest.fixture
def jun(doors: dict[str, Caller], wares: Wares) -> Door:
    return Door(doors["jun"], wares)


@pytest.fixture
def olga(doors: dict[str, Caller], wares: Wares) -> Door:
    return Door(doors["olga"], wares, HARU)


__all__ = [
    "CLEAN",
    "DIRTY",
    "HARU",
    "HELD",
    "WASH",
    "WASHED",
    "Wares",
    "add_counted",
    "in_crate",
    "sa",
]
