"""(2) A thousand facts a call, on time and late, beside bare bulk statements."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from lending.bulk import insert_rows, update_rows
from lending.db import table_of, transaction
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from tests.bench.client import request, run_load
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import START, World, each, make_world, ready_cups, write_log

CALL = 1_000


def measure_bulk(setting: Setting, *, calls: int, late_calls: int, story: int) -> dict[str, Any]:
    """Scans/s of calls of 1,000: on time, and late on pieces with `story` scans each."""
    world = make_world(setting.engine)
    on_time = ready_cups(setting.engine, setting.keys, world, CALL * 2)
    told = write_log(setting.engine, world, items=CALL, scans=story, lent=False)
    with serving("lending.wsgi:make_server_application()", setting.environ) as port:
        run_load(port, [[request("/api/v1/sites", None, world.token)] * 20] * 2)
        fresh = _post(port, world, _on_time(on_time, calls))
        late = _post(port, world, [_late(told, number) for number in range(late_calls)])
    return {
        "facts on time, scans/s": round(fresh),
        f"late facts on pieces of {story} scans, scans/s": round(late),
    }


def _post(port: int, world: World, bodies: list[bytes]) -> float:
    load = run_load(port, [[request("/api/v1/scans", body, world.token) for body in bodies]])
    if load.bad or not load.seconds:
        raise RuntimeError(f"bad answers: {load.bad[:1]}")
    return CALL * len(bodies) / load.elapsed


def _body(scans: list[tuple[str, str, datetime]]) -> bytes:
    rows = [
        {"id": str(uuid.uuid4()), "action": action, "code": code, "at": at.isoformat(),
         "intent": "fact", "site": "WASH"}
        for code, action, at in scans
    ]  # fmt: skip
    return orjson.dumps({"sent_at": datetime.now(UTC).isoformat(), "scans": rows})


def _on_time(codes: list[str], calls: int) -> list[bytes]:
    """Pieces go round and round: receive, wash, pass, each call 1,000 of them, each call later."""
    actions = ("collect", "receive", "wash", "pass")
    some = list(each(codes, CALL))
    begin = datetime.now(UTC) - timedelta(hours=6)
    return [
        _body([
            (code, actions[number // len(some) % 4], begin + timedelta(seconds=number))
            for code in some[number % len(some)]
        ])
        for number in range(calls)
    ]  # fmt: skip


def _late(codes: list[str], number: int) -> bytes:
    """One fact per piece in the middle of its story."""
    return _body(
        [(code, "return", START + timedelta(hours=90, minutes=1 + number)) for code in codes]
    )


def measure_bare_bulk(setting: Setting, *, calls: int) -> dict[str, Any]:
    """A thousand scans inserted and a thousand items updated per transaction, nothing judged."""
    world = make_world(setting.engine)
    codes = ready_cups(setting.engine, setting.keys, world, CALL)
    with setting.engine.connect() as connection:
        items = connection.execute(
            table_of(Item).select().where(table_of(Item).c.code.in_(codes))
        ).all()
        one = connection.execute(table_of(Scan).select().limit(1)).one()._asdict()
    updates = [row._asdict() for row in items]
    prepared = [
        [one | {"id": uuid.uuid4(), "item_id": row["id"], "action": Action.WASH} for row in updates]
        for _ in range(calls)
    ]
    start = time.perf_counter()
    for scans in prepared:
        with transaction(setting.engine) as session:
            insert_rows(session, table_of(Scan), scans)
            update_rows(session, table_of(Item), updates)
    return {"bare bulk statements, rows/s": round(CALL * calls / (time.perf_counter() - start))}
