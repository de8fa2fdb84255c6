"""(3) An item's page and its history, with a small and with a large log."""

from typing import Any

from tests.bench.client import request, run_load
from tests.bench.servers import serving
from tests.bench.setting import Setting
from tests.bench.world import make_world, write_log

PIECE = 200  # scans of one piece, in both logs


def measure_history(setting: Setting, *, small: int, large: int, asks: int) -> dict[str, Any]:
    """Milliseconds (p50) of the item, its history and its public page at two sizes of the log."""
    world = make_world(setting.engine)
    results: dict[str, Any] = {}
    written = 0
    for size in (small, large):
        codes = write_log(
            setting.engine, world, items=(size - written) // PIECE, scans=PIECE, lent=False
        )
        written = size
        with serving("lending.wsgi:make_server_application()", setting.environ) as port:
            run_load(port, [[request("/api/v1/sites", None, world.token)] * 20] * 2)
            some = codes[:: max(1, len(codes) // asks)][:asks]
            results[f"{size:,} scans"] = {
                name: _ask(port, world.token, [path.format(code) for code in some])
                for name, path in (
                    ("item", "/api/v1/items/{}"), ("history", "/api/v1/items/{}/scans"),
                )
            }  # fmt: skip
    first, second = results.values()
    ratios = {name: round(second[name] / first[name], 2) for name in first}
    return results | {"larger / smaller": ratios}


def _ask(port: int, token: str, paths: list[str]) -> float:
    load = run_load(port, [[request(path, None, token) for path in paths]])
    if load.bad:
        raise RuntimeError(f"bad answers: {load.bad[0]}")
    return round(load.percentile(0.5), 2)
