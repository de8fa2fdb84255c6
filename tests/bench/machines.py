"""(8) Ten thousand machines that tell how they are once a minute: the share of one core, and growth."""

import os
import secrets
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of, transaction
from lending.machines.tables import MachineChange
from lending.machines.watch import watch_machines
from lending.people.credentials import hash_credential
from lending.people.tables import ApiToken, Role
from lending.places.tables import Site, SiteKind
from lending.requests.tables import MachineStatus
from tests.bench.client import request, run_load
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import START, World, make_world
from tests.processes import descendants

CLIENTS = 8
A_CHANGE_IN = 500  # heartbeats: a machine fills up twice a day or so
TICKS = os.sysconf("SC_CLK_TCK")


def measure_machines(setting: Setting, *, machines: int, minutes: int) -> dict[str, Any]:
    """So many minutes of heartbeats as fast as they go; the processor's time they took, of the
    server and of the database, is held against the minutes they stand for."""
    world = make_world(setting.engine)
    tokens = _add_machines(setting, world, machines)
    with serving("lending.wsgi:make_server_application()", setting.environ) as port:
        warm = [[request("/api/v1/machines/heartbeat", b"{}", token)] for token in tokens[:50]]
        version = _version(port, tokens[0])
        run_load(port, warm)
        for minute in (-1, 0):  # every row is there, and the room in which it is written over
            _a_minute(setting, port, tokens, version, minute)
        size = _size(setting)
        before = _processor_seconds()
        elapsed, rounds = 0.0, []
        for minute in range(1, minutes + 1):
            load = _a_minute(setting, port, tokens, version, minute)
            elapsed += load.elapsed
            rounds += load.seconds
        used, grown = _processor_seconds() - before, _size(setting) - size
    rounds.sort()
    return {
        f"{machines:,} machines, % of one core": round(100 * used / (60 * minutes), 1),
        "heartbeats/s at most, on this machine": round(len(rounds) / elapsed),
        "p99 of an answer, ms": round(1000 * rounds[int(0.99 * len(rounds))], 1),
        "rows of status, of changes": f"{_count(setting, MachineStatus):,}, {_count(setting, MachineChange):,}",
        "growth of the database, bytes a heartbeat": round(grown / len(rounds), 2),
        "the worker's round over all of them, ms": _sweep(setting, world),
    }  # fmt: skip


def _add_machines(setting: Setting, world: World, count: int) -> list[str]:
    """Their places and tokens, written at once; the tokens."""
    tokens = [f"reuse_{secrets.token_urlsafe(32)}" for _ in range(count)]
    own = {"district_id": world.district, "created_at": START}
    with transaction(setting.engine) as session:
        first = (session.scalar(sa.select(sa.func.max(Site.id))) or 0) + 1
        sites = [
            own | {
                "id": first + n, "code": f"M{n}", "kind": SiteKind.MACHINE, "name": f"{n}",
                "name_en": "", "active": True, "clean_low": 0, "capacity": 0,
                "batch_required": False, "latitude": None, "longitude": None,
            }
            for n in range(count)
        ]  # fmt: skip
        insert_rows(session, table_of(Site), sites)
        rows = [
            own | {
                "site_id": first + n, "name": "", "role": Role.MACHINE,
                "token_hash": hash_credential(token), "last_used_at": None, "revoked_at": None,
            }
            for n, token in enumerate(tokens)
        ]  # fmt: skip
        session.execute(sa.insert(ApiToken), rows)
    return tokens


def _version(port: int, token: str) -> str:
    """The version of the settings that all of them work by."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/machines/heartbeat", data=b"{}",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=20) as answer:
        version: str = orjson.loads(answer.read())["version"]
    return version


def _a_minute(setting: Setting, port: int, tokens: list[str], version: str, minute: int) -> Any:
    """One heartbeat of each. The minute that has passed since the last is told to the database:
    what a machine changed is written once a minute, its token's last use once in ten."""
    _let_a_minute_pass(setting, minute)
    bodies = [
        orjson.dumps({
            "fullness": 95 if (n + minute) % A_CHANGE_IN == 0 else (n * 7 + minute) % 80,
            "temperature": 18 + (n + minute) % 9, "software": "1.4.2", "errors": [],
            "settings": version,
        })
        for n in range(len(tokens))
    ]  # fmt: skip
    asks = [
        request("/api/v1/machines/heartbeat", body, token)
        for body, token in zip(bodies, tokens, strict=True)
    ]
    load = run_load(port, [asks[client::CLIENTS] for client in range(CLIENTS)], expect=b'"version"')
    if load.bad:
        raise RuntimeError(f"{len(load.bad)} bad answers, the first: {load.bad[0]}")
    return load


def _let_a_minute_pass(setting: Setting, minute: int) -> None:
    earlier, long_ago = (datetime.now(UTC) - timedelta(minutes=m) for m in (2, 20))
    with transaction(setting.engine) as session:
        old = sa.update(ApiToken).where(ApiToken.id % 10 == minute % 10)
        session.execute(old.values(last_used_at=long_ago))
        session.execute(sa.update(MachineStatus).values(changed_at=earlier))


def _processor_seconds() -> float:
    """Of everything this process has started: the server and, where there is one, PostgreSQL."""
    used = 0
    for pid in descendants(os.getpid()):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        used += int(fields[11]) + int(fields[12])
    return used / TICKS


def _size(setting: Setting) -> int:
    """Bytes of the database, without what is free in it."""
    if setting.backend == "sqlite":
        path = Path(sa.make_url(setting.url).database or "")
        with setting.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.stat().st_size
    with setting.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        return int(
            connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar() or 0
        )


def _count(setting: Setting, table: type[Any]) -> int:
    with Session(setting.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _sweep(setting: Setting, world: World) -> float:
    start = time.perf_counter()
    with transaction(setting.engine) as session:
        watch_machines(session, district_id=world.district, now=datetime.now(UTC))
    return round(1000 * (time.perf_counter() - start), 1)
