"""(7) The washing centre: pieces received by thousands, a batch finished, a crate moved; beside bare SQL."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, update_rows
from lending.db import table_of, transaction
from lending.loop.pieces.claims import register_items
from lending.loop.pieces.kinds import NewKind, Sort, add_kind
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.sites import find_site
from lending.washing.batches.lifecycle import BatchIn, Ending, begin_batch, finish_batch
from lending.washing.batches.pieces import PutIn, add_to_batch
from tests.bench.client import request, run_load
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import START, World, each, make_world, write_log

COLLECTED = 6  # scans: registered, washed, passed, lent, returned, collected
BEGIN = datetime.now(UTC) - timedelta(hours=5)


def measure_centre(
    setting: Setting, *, pieces: int, call: int, batch: int, crate: int, times: int
) -> dict[str, Any]:
    """Pieces a second and the slowest call of each; `times`: batches, and moves of a crate."""
    world = make_world(setting.engine)
    codes = write_log(setting.engine, world, items=pieces, scans=COLLECTED, lent=False)
    received = _receive(setting, world, list(each(codes, call)))
    washed = _wash(setting, world, list(each(codes, batch))[:times])
    moved = _move(setting, world, codes[:crate], times)
    return {
        **_figures(f"received, calls of {call:,}", call, received, _bare(setting, call, len(received))),
        **_figures(f"a batch of {batch:,} finished", batch, washed, _bare(setting, batch, times)),
        **_figures(f"a crate of {crate:,} moved", crate, moved, _bare(setting, crate + 1, times)),
    }  # fmt: skip


def _figures(what: str, count: int, ours: list[float], bare: list[float]) -> dict[str, Any]:
    return {
        f"{what}, pieces/s": round(count * len(ours) / sum(ours)),
        f"{what}, slowest ms": round(max(ours) * 1000),
        f"{what}, bare SQL rows/s": round(count * len(bare) / sum(bare)),
        f"{what}, times the bare SQL": round(sum(ours) / len(ours) / (sum(bare) / len(bare)), 1),
    }


def _receive(setting: Setting, world: World, calls: Sequence[list[str]]) -> list[float]:
    """Over HTTP, as a tablet or a machine sends a tray or a day."""
    with serving("lending.wsgi:make_server_application()", setting.environ) as port:
        run_load(port, [[request("/api/v1/sites", None, world.token)] * 20] * 2)  # warm
        return [
            _post(port, world, [(code, "receive", {"from": "CAFE"}) for code in codes], number)
            for number, codes in enumerate(calls)
        ]


def _wash(setting: Setting, world: World, loads: Sequence[list[str]]) -> list[float]:
    washer = Actor(ActorKind.SYSTEM, Role.OFFICER, world.district)
    seconds = []
    for number, codes in enumerate(loads):
        id, begun = uuid.uuid4(), BEGIN + timedelta(hours=1, minutes=number)
        with transaction(setting.engine) as session:
            site = find_site(session, code="WASH")
            begin_batch(session, BatchIn(id, begun), actor=washer, site=site, now=begun)
            put = PutIn(uuid.uuid4(), id, codes, begun)
            add_to_batch(session, put, actor=washer, keys=setting.keys, now=begun)
        end = Ending(uuid.uuid4(), id, begun + timedelta(hours=1))
        seconds.append(
            _timed(
                setting,
                lambda session, end=end: finish_batch(
                    session, end, actor=washer, keys=setting.keys, now=end.ended_at
                ),
            )
        )
    return seconds


def _move(setting: Setting, world: World, codes: list[str], times: int) -> list[float]:
    """Shipped and stocked in turn, over HTTP: one scan, and all that is in the crate goes along."""
    crate = _packed_crate(setting, world, codes)
    with serving("lending.wsgi:make_server_application()", setting.environ) as port:
        run_load(port, [[request("/api/v1/sites", None, world.token)] * 20] * 2)  # warm
        _post(port, world, [(crate, "ship", {"to": "CAFE"})], 120)  # the first of a process
        moves: list[tuple[str, dict[str, str]]] = [
            ("stock", {"site": "CAFE"}),
            ("ship", {"to": "CAFE"}),
        ]
        return [
            _post(port, world, [(crate, *moves[number % 2])], 121 + number)
            for number in range(times)
        ]  # fmt: skip


def _packed_crate(setting: Setting, world: World, codes: list[str]) -> str:
    with transaction(setting.engine) as session:
        kind = NewKind("crate", "상자", sort=Sort.CRATE)
        add_kind(session, district_id=world.district, new=kind, now=START)
        [crate] = register_items(
            session, kind="crate", count=1, site="WASH", actor=world.officer, now=START
        )
    for minute, action in ((200, Action.PASS), (201, Action.PACK)):
        at = BEGIN + timedelta(minutes=minute)
        more = {"crate": crate} if action is Action.PACK else {}
        scans = [ScanIn(uuid.uuid4(), action, code, at, site="WASH", **more) for code in codes]
        with transaction(setting.engine) as session:
            receipts = record_scans(session, scans, actor=world.officer, keys=setting.keys, now=at)
        assert all(one.result is Result.RECORDED for one in receipts)
    return crate


def _post(
    port: int, world: World, told: list[tuple[str, str, dict[str, str]]], minute: int
) -> float:
    """Seconds of one call; each piece is told of by (code, action, more fields)."""
    at = (BEGIN + timedelta(minutes=minute, hours=2 if minute > 100 else 0)).isoformat()
    rows = [
        {"id": str(uuid.uuid4()), "action": action, "code": code, "at": at, "intent": "fact",
         "site": "WASH"} | more
        for code, action, more in told
    ]  # fmt: skip
    body = orjson.dumps({"sent_at": datetime.now(UTC).isoformat(), "scans": rows})
    load = run_load(port, [[request("/api/v1/scans", body, world.token)]], expect=b'"recorded"')
    if load.bad or not load.seconds:
        raise RuntimeError(f"bad answers: {load.bad[:1]}")
    return load.elapsed


def _bare(setting: Setting, rows: int, times: int) -> list[float]:
    """Seconds for as many scans inserted and items updated in one transaction, nothing judged."""
    with setting.engine.connect() as connection:
        query = table_of(Item).select().order_by(sa.desc("id")).limit(rows)
        updates = [row._asdict() for row in connection.execute(query)]
        one = connection.execute(table_of(Scan).select().limit(1)).one()._asdict()
    seconds = []
    for _ in range(times):
        scans = [one | {"id": uuid.uuid4(), "item_id": row["id"]} for row in updates]

        def write(session: Session, scans: list[dict[str, Any]] = scans) -> None:
            insert_rows(session, table_of(Scan), scans)
            update_rows(session, table_of(Item), updates)

        seconds.append(_timed(setting, write))
        with transaction(setting.engine) as session:  # the log stays provable
            ids = [{"gone": scan["id"]} for scan in scans]
            session.connection().execute(
                sa.delete(table_of(Scan)).where(Scan.id == sa.bindparam("gone")), ids
            )
    return seconds


def _timed(setting: Setting, work: Callable[[Session], object]) -> float:
    """Seconds of a transaction with its commit."""
    start = time.perf_counter()
    with transaction(setting.engine) as session:
        work(session)
    return time.perf_counter() - start
