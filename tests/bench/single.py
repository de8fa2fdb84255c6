"""(1) One scan per request from eight clients, beside an idle route, the bare route and the driver."""

import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.bench.bare import Bare
from tests.bench.client import Load, request, run_load
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import make_world, ready_cups

CLIENTS = 8


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    per_second: float
    p50: float
    p95: float
    p99: float


def measure_single(setting: Setting, *, each: int) -> dict[str, Any]:
    """`each` lend-and-return pairs per client and way; requests/s and milliseconds."""
    world = make_world(setting.engine)
    cups = ready_cups(setting.engine, setting.keys, world, CLIENTS * each * 3)
    thirds = [cups[start::3] for start in range(3)]
    rows = []
    with serving("tests.bench.bare:make_app()", setting.environ) as port:
        idle = [[request("/nothing", None)] * (2 * each)] * CLIENTS
        rows.append(_row("a Flask route that does nothing", run_load(port, idle)))
        rows.append(_row("the bare route", _load(port, "/bare", thirds[0], world.token, each)))
    rows.append(_row("the bare driver, no HTTP", _drive(setting, thirds[1], world.token, each)))
    with serving("lending.wsgi:make_server_application()", setting.environ) as port:
        run_load(port, [[request("/api/v1/sites", None, world.token)] * 20] * 2)  # warm
        rows.append(
            _row("POST /api/v1/scans", _load(port, "/api/v1/scans", thirds[2], world.token, each))
        )
    by_name = {row.what: row.per_second for row in rows}
    ratio = by_name["POST /api/v1/scans"] / by_name["the bare route"]
    return {"rows": [vars(row) for row in rows], "of the bare route": round(ratio, 2)}


def _row(what: str, load: Load) -> Row:
    if load.bad:
        raise RuntimeError(f"{what}: {len(load.bad)} bad answers, the first: {load.bad[0]}")
    return Row(
        what, round(load.per_second), *(round(load.percentile(p), 1) for p in (0.5, 0.95, 0.99))
    )


def _bodies(cups: list[str], each: int, client: int) -> list[bytes]:
    """A lend and then the return of each of a client's cups, to another person every time."""
    bodies = []
    for number, code in enumerate(cups[client * each : (client + 1) * each]):
        phone = f"010-{2000 + client:04}-{number:04}"
        for action, intent in (("lend", "ask"), ("return", "fact")):
            at = datetime.now(UTC).isoformat()
            scan = {
                "id": str(uuid.uuid4()), "action": action, "code": code, "at": at,
                "intent": intent, "site": "CAFE",
            }  # fmt: skip
            if action == "lend":
                scan["borrower"] = phone
            bodies.append(orjson.dumps({"sent_at": at, "scans": [scan]}))
    return bodies


def _load(port: int, path: str, cups: list[str], token: str, each: int) -> Load:
    clients = [
        [request(path, body, token) for body in _bodies(cups, each, client)]
        for client in range(CLIENTS)
    ]
    return run_load(port, clients, expect=b'"recorded"')


def _drive(setting: Setting, cups: list[str], token: str, each: int) -> Load:
    """The same rows by eight threads with the driver; one Python process."""
    load = Load()

    def work(client: int) -> None:
        bare = Bare(setting.url)
        for body in _bodies(cups, each, client):
            start = time.perf_counter()
            bare.record(orjson.loads(body)["scans"][0], token)
            load.seconds.append(time.perf_counter() - start)
        bare.connection.close()

    threads = [threading.Thread(target=work, args=(client,)) for client in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.elapsed = time.perf_counter() - start
    return load
