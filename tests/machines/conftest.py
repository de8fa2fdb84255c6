"""Two machines of a town, their keeper, and what all of them send."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lending.db import run_transaction, transaction
from lending.machines.beats import Beat
from lending.machines.bottles import Deposit, DepositReceipt, take_deposits
from lending.machines.heartbeat import Answer, take_heartbeat
from lending.machines.refusals import Refused, Told, tell_refusal
from lending.machines.setting import SetUp, set_machine
from lending.machines.tables import Why
from lending.machines.watch import watch_machines
from lending.notices.alerts import AlertView, open_alerts
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.places.sites import SiteView, load_sites
from lending.places.tables import Site, SiteKind
from tests.personas import BOX, HARU, Loop

T = TypeVar("T")
ROBO, GLAS = "ROBO", "GLAS"
NAMES = {ROBO: ("회수기 로보", "Robo machine"), GLAS: ("병 회수기", "Bottle machine")}


@dataclass
class Machines:
    """The town with two machines; every call commits."""

    loop: Loop
    sites: dict[str, SiteView]

    def write(self, work: Callable[[Session], T]) -> T:
        return run_transaction(self.loop.engine, work)

    def actor(self, code: str = ROBO) -> Actor:
        return Actor(ActorKind.TOKEN, Role.MACHINE, self.loop.town.id, self.sites[code].id, id=7)

    def beat(self, code: str = ROBO, *, now: datetime | None = None, **told: Any) -> Answer:
        """One heartbeat; then a minute passes."""
        moment = now or self.loop.now
        answer = self.write(
            lambda s: take_heartbeat(s, Beat(**told), actor=self.actor(code), now=moment)
        )
        if now is None:
            self.loop.now += timedelta(minutes=1)
        return answer

    def watch(self) -> int:
        return self.write(
            lambda s: watch_machines(s, district_id=self.loop.town.id, now=self.loop.now)
        )

    def refused(self, code: str = "", why: Why = Why.FULL, **more: Any) -> Refused:
        times = {"at": self.loop.now, "sent_at": self.loop.now} | more
        return Refused(times.pop("id", uuid.uuid4()), why, code=code, **times)

    def refuse(self, told: Refused, *, at: str = ROBO, jpeg: bytes | None = None) -> Told:
        site, now = self.sites[at], self.loop.now
        return self.write(lambda s: tell_refusal(s, told, jpeg=jpeg, site=site, now=now))

    def deposit(self, offered: int, person: str | None = None, **more: Any) -> Deposit:
        times = {"at": self.loop.now, "sent_at": self.loop.now} | more
        return Deposit(times.pop("id", uuid.uuid4()), offered, person=person, **times)

    def take(self, *deposits: Deposit, at: str = GLAS) -> list[DepositReceipt]:
        return self.taking(*deposits, at=at)()

    def taking(self, *deposits: Deposit, at: str = GLAS) -> Callable[[], list[DepositReceipt]]:
        """A call to be made, perhaps beside others."""
        site, now, keys = self.sites[at], self.loop.now, self.loop.keys
        return lambda: self.write(
            lambda s: take_deposits(s, list(deposits), site=site, keys=keys, now=now)
        )

    def set_up(self, code: str = ROBO, **more: Any) -> None:
        site, officer, now = self.sites[code].id, self.loop.town.officer, self.loop.now
        self.write(lambda s: set_machine(s, SetUp(**more), site_id=site, actor=officer, now=now))

    def alerts(self, who: Actor | None = None) -> list[AlertView]:
        """Those of machines that somebody sees (the officer by default)."""
        with Session(self.loop.engine) as session:
            seen = open_alerts(session, actor=who or self.loop.town.officer)
        return [one for one in seen if one.kind.startswith("machine_")]

    def all(self, table: type[T]) -> list[T]:
        with Session(self.loop.engine) as session:
            return list(session.scalars(sa.select(table)))


@pytest.fixture
def machines(loop: Loop) -> Machines:
    return add_machines(loop)


@pytest.fixture
def today(loop: Loop) -> Machines:
    """The same of today, for what goes through HTTP."""
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    return add_machines(loop)


def add_machines(loop: Loop) -> Machines:
    with transaction(loop.engine) as session:
        rows = {
            code: Site(
                district_id=loop.town.id, code=loop.site(code), kind=SiteKind.MACHINE, name=name,
                name_en=name_en, created_at=loop.now,
            )
            for code, (name, name_en) in NAMES.items()
        }  # fmt: skip
        session.add_all(rows.values())
        session.flush()
        ids = {code: row.id for code, row in rows.items()} | {
            code: loop.town.sites[code] for code in (BOX, HARU)
        }
        found = load_sites(session, site_ids=ids.values())
    return Machines(loop, {code: found[id] for code, id in ids.items()})


@dataclass
class Door:
    """A machine with its token at the door of the API."""

    client: FlaskClient
    headers: dict[str, str]

    def post(self, path: str, body: Any, **more: Any) -> Any:
        how = {"data": body} if isinstance(body, bytes) else {"json": body}
        return self.client.post(f"/api/v1/machines/{path}", headers=self.headers, **how, **more)


def open_door(app: Flask, machines: Machines, code: str = ROBO, role: Role = Role.MACHINE) -> Door:
    with transaction(machines.loop.engine) as session:
        made = create_token(
            session, site=machines.loop.site(code), role=role, now=datetime.now(UTC)
        )
    return Door(app.test_client(), {"Authorization": f"Bearer {made.token}"})


@pytest.fixture
def door(app: Flask, today: Machines) -> Door:
    """The machine Robo."""
    return open_door(app, today)
