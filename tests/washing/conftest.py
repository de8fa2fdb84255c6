"""Jun's washing table: a lane that scans like an operator does, over HTTP."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.tables import Scan
from lending.people.keys import Keys
from tests.callers import Caller, device_caller
from tests.personas import DANA, HARU, NABI, WASH, Loop, Town, found_town
from tests.washing.centre import Centre, out_to


@dataclass
class Table:
    """One operator at one browser; `say` gives the whole answer."""

    caller: Caller
    lane: uuid.UUID = field(default_factory=uuid.uuid4)
    site: str | None = None

    def say(self, *, id: uuid.UUID | None = None, late: int = 0, **what: Any) -> dict[str, Any]:
        """One beep: code=…, command=… or take=…; `late` minutes ago."""
        now = datetime.now(UTC)
        body = {
            "id": str(id or uuid.uuid4()),
            "lane": str(self.lane),
            "at": (now - timedelta(minutes=late)).isoformat(),
            "sent_at": now.isoformat(),
            "site": self.site,
        } | what
        answer = self.caller.open("/wash/beep", "POST", json=body)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def beep(self, *codes: str, **more: Any) -> dict[str, Any]:
        """Scans pieces; the last one's answer."""
        return [self.say(code=code, **more) for code in codes][-1]

    def command(self, *commands: str, **more: Any) -> dict[str, Any]:
        """Scans wall codes; the last one's answer."""
        return [self.say(command=command, **more) for command in commands][-1]

    def board(self) -> dict[str, Any]:
        where = f"&site={self.site}" if self.site else ""
        answer = self.caller.open(f"/wash/table?lane={self.lane}{where}")
        assert answer.status_code == 200
        return answer.get_json()

    def set(self) -> dict[str, Any] | None:
        return self.board()["lane"]["set"]


@pytest.fixture
def town(engine: sa.Engine, keys: Keys) -> Town:
    with transaction(engine) as session:
        return found_town(session, keys)


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys, town: Town) -> Loop:
    return Loop(engine, keys, town)


@pytest.fixture
def make_table(app: Flask, engine: sa.Engine, town: Town) -> Callable[[], Table]:
    """A tablet of its own at the centre."""

    def make() -> Table:
        with transaction(engine) as session:
            return Table(device_caller(app, session, town, WASH))

    return make


@pytest.fixture
def table(make_table: Callable[[], Table]) -> Table:
    return make_table()


@pytest.fixture
def centre(loop: Loop) -> Centre:
    """The washing centre by its services."""
    return Centre(loop)


@pytest.fixture
def spread(centre: Centre) -> tuple[uuid.UUID, dict[str, str]]:
    """A batch whose pieces went everywhere, by what became of them."""
    loop = centre.loop
    names = (
        "here",
        "haru",
        "nabi",
        "lent",
        "returned",
        "crate",
        "shipped",
        "again",
        "lost",
        "retired",
        "voided",
    )
    cups = dict(zip(names, loop.new_cups(len(names)), strict=True))
    batch = centre.passed(*cups.values())
    crate = loop.new_crate()
    loop.pack(crate, cups["crate"])
    loop.ship(crate)
    loop.ship(cups["shipped"])
    for name, site in (
        ("haru", HARU),
        ("nabi", NABI),
        ("lent", HARU),
        ("returned", HARU),
        ("lost", HARU),
    ):
        out_to(loop, cups[name], site)
    loop.lend(cups["lent"])
    loop.lend(cups["returned"], DANA)
    loop.give_back(cups["returned"])
    loop.lose(cups["lost"])
    loop.retire(cups["retired"])
    centre.passed(cups["again"])
    with Session(loop.engine) as session:
        wash = session.scalars(
            sa.select(Scan.id).where(
                Scan.batch_id == batch, Scan.item_id == loop.item_id(cups["voided"])
            )
        ).one()
    loop.void(cups["voided"], wash, by=loop.town.jun)
    return batch, cups
