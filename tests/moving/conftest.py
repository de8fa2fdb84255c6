"""The town's places ask, pack and drive: one driver for the services of moving."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.errors import Code, LendingError
from lending.moving.packing.closing import ListAct, act_on_list
from lending.moving.packing.crates import contents_of
from lending.moving.packing.lists import PackingView, open_packing_list
from lending.moving.packing.pieces import PackAnswer, Packing, pack_pieces
from lending.moving.packing.sealing import seal_crate
from lending.moving.rounds.beeps import Beep, Move, MoveAnswer
from lending.moving.rounds.dispatch import move_crate
from lending.moving.rounds.lifecycle import RoundView, open_rounds
from lending.moving.rounds.plans import RoundPlan, plan_rounds
from lending.moving.rounds.vehicles import set_vehicle
from lending.moving.supply.proposals import Decision, Proposal, decide_supply
from lending.people.actors import Actor
from lending.people.keys import Keys
from tests.personas import HARU, MINUTE, WASH, Loop, found_town

if TYPE_CHECKING:
    from flask import Flask

    from tests.moving.drivers_day import DriversDay
    from tests.moving.kai import Kai

TODAY = date(2026, 3, 2)  # a Monday
TOMORROW = TODAY + timedelta(days=1)


class Moving:
    """What people do with ware on the move; every call commits and takes a minute."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.town = loop, loop.town

    def write(self, work, **more):
        """One call of a service with the loop's time."""
        done = self.loop.write(lambda session: work(session, now=self.loop.now, **more))
        self.loop.now += MINUTE
        return done

    def read(self, work, **more):
        with reading(self.loop.engine) as session:
            return work(session, **more)

    def decide(self, site: str, pieces: int | None, *, kind="cup-355", day=TODAY) -> list[Proposal]:
        one = Decision(self.loop.site(site), kind, pieces)
        return self.write(decide_supply, decisions=[one], day=day, actor=self.town.officer)

    def list_for(self, site: str = HARU, *, day: date = TODAY, **more) -> PackingView:
        given = {"list_id": uuid.uuid4(), "actor": self.town.jun} | more
        return self.write(open_packing_list, site=self.loop.site(site), day=day, **given)

    def pack(self, packing: PackingView, crate: str, *cups: str, **more) -> PackAnswer:
        id, at = more.pop("id", uuid.uuid4()), more.pop("at", self.loop.now)
        given = Packing(id, packing.id, crate, cups, at)
        actor = more.pop("by", self.town.jun)
        return self.write(pack_pieces, packing=given, actor=actor, keys=self.loop.keys)

    def act(self, act: ListAct, packing: PackingView, **more) -> PackingView:
        given = {"at": self.loop.now, "actor": self.town.jun} | more
        done = self.loop.write(lambda s: act_on_list(s, act, list_id=packing.id, **given))
        self.loop.now += MINUTE
        return done

    def seal(self, crate: str, by: Actor | None = None):
        return self.write(seal_crate, crate=crate, actor=by or self.town.jun)

    def beep(self, move: Move, crate: str, *, by: Actor | None = None, **more) -> MoveAnswer:
        given = {"id": uuid.uuid4(), "at": self.loop.now} | more
        actor = by or {Move.RECEIVE: self.town.mina, Move.BRING: self.town.jun}.get(
            move, self.town.courier
        )
        beep = Beep(move=move, crate=crate, **given)
        return self.write(move_crate, beep=beep, actor=actor, keys=self.loop.keys)

    def sealed_crate(self, site: str = HARU, count: int = 2) -> str:
        """A crate with clean cups, packed for a place today and sealed."""
        crate, cups = self.loop.new_crate(), self.loop.passed_cups(count)
        self.pack(self.list_for(site), crate, *cups)
        self.seal(crate)
        return crate

    def van(self, crates: int = 10, name: str = "van", **more) -> None:
        self.loop.write(
            lambda s: set_vehicle(s, district_id=self.town.id, name=name, crates=crates, **more)
        )

    def plan(self, day: date = TODAY, now: datetime | None = None, **more) -> RoundPlan:
        with reading(self.loop.engine) as session:
            return plan_rounds(
                session, district_id=self.town.id, depot=self.loop.site(WASH), day=day,
                now=now or self.loop.now, **more,
            )  # fmt: skip

    def drive(self, plan: RoundPlan | None = None, id: uuid.UUID | None = None) -> list[RoundView]:
        return self.write(
            open_rounds, plan=plan or self.plan(), request_id=id or uuid.uuid4(),
            actor=self.town.officer,
        )  # fmt: skip


@pytest.fixture
def moving(loop: Loop) -> Moving:
    """The town, with one van of ten crates that drives all day."""
    moving = Moving(loop)
    moving.van(leaves=time(0), back=time(23, 59))
    return moving


# -- a driver's day of today ----------------------------------------------------------------------


@pytest.fixture
def now_loop(engine: sa.Engine, keys: Keys) -> Loop:
    """The town of this very day."""
    with transaction(engine) as session:
        town = found_town(session, keys, now=datetime.now(UTC))
    return Loop(engine, keys, town, now=datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture
def day(now_loop: Loop, engine: sa.Engine) -> "DriversDay":
    """A round opened and given to kai."""
    from tests.moving.drivers_day import make_day  # which stands on this file

    return make_day(now_loop, engine)


@pytest.fixture
def kai(app: "Flask", now_loop: Loop, day: "DriversDay") -> "Kai":
    """The courier at the phone."""
    from tests.moving.kai import Kai, caller_for

    caller, owner = caller_for(app, now_loop, "kai")
    return Kai(caller, day, owner)


def code_of(work, *args, **more) -> tuple[Code, str | None]:
    """With which code, about which field, this is refused."""
    with pytest.raises(LendingError) as caught:
        work(*args, **more)
    return caught.value.code, caught.value.field


def inside(loop: Loop, crate: str):
    """The pieces in a crate now."""
    with Session(loop.engine) as session:
        return contents_of(session, crate_id=loop.item_id(crate))
