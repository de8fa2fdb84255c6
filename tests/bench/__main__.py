"""Runs the measurements, prints a table and writes JSON; scripts/bench calls it."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lending.loop.verify import verify
from tests.bench.bulk import measure_bare_bulk, measure_bulk
from tests.bench.camera import measure_camera, show_camera
from tests.bench.centre import measure_centre
from tests.bench.history import measure_history
from tests.bench.machines import measure_machines
from tests.bench.setting import Setting, Settings
from tests.bench.single import measure_single
from tests.bench.station import measure_station
from tests.bench.sweep import measure_sweep

Measure = Callable[[Setting], dict[str, Any]]

FULL: dict[str, Measure] = {
    "single": partial(measure_single, each=400),
    "bare-bulk": partial(measure_bare_bulk, calls=20),
    "bulk": partial(measure_bulk, calls=20, late_calls=5, story=200),
    "history": partial(measure_history, small=10_000, large=1_000_000, asks=300),
    "sweep": partial(measure_sweep, small=10_000, large=1_000_000),
    "station": partial(measure_station, beeps=200),
    "centre": partial(measure_centre, pieces=20_000, call=5_000, batch=2_000, crate=200, times=8),
    "machines": partial(measure_machines, machines=10_000, minutes=3),
}
UNPROVEN = ("single", "bare-bulk")  # rows written past the writer, without its caches

QUICK: dict[str, Measure] = {
    "single": partial(measure_single, each=60),
    "bare-bulk": partial(measure_bare_bulk, calls=4),
    "bulk": partial(measure_bulk, calls=4, late_calls=1, story=50),
    "history": partial(measure_history, small=2_000, large=20_000, asks=50),
    "sweep": partial(measure_sweep, small=1_000, large=10_000),
    "station": partial(measure_station, beeps=20),
    "centre": partial(measure_centre, pieces=2_000, call=500, batch=200, crate=50, times=3),
    "machines": partial(measure_machines, machines=500, minutes=2),
}

# In a browser, without a database: (measurement, the same quickly, how it is shown).
BROWSER = {
    "camera": (partial(measure_camera, each=40), partial(measure_camera, each=4), show_camera)
}


def main() -> int:
    """Exit code 1 when a log written for a measurement does not verify."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="|".join([*FULL, *BROWSER]), help="default: all"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), help="default: both")
    parser.add_argument("--json", type=Path, default=Path("instance/bench.json"))
    parser.add_argument("--no-verify", action="store_true", help="leave out proving the logs")
    chosen = parser.parse_args()
    measures = QUICK if chosen.quick else FULL
    results: dict[str, Any] = {"machine": f"{os.cpu_count()} cores, {platform.platform()}"}
    settings, wrong = Settings(), 0
    for name in [name for name in chosen.names or BROWSER if name in BROWSER]:
        measure, quickly, show = BROWSER[name]
        results[name] = (quickly if chosen.quick else measure)()
        show(results[name])
    try:
        for backend in (chosen.database,) if chosen.database else ("postgresql", "sqlite"):
            for name in [name for name in chosen.names or measures if name not in BROWSER]:
                with settings.make(backend) as setting:
                    result = measures[name](setting)
                    wrong += 0 if chosen.no_verify or name in UNPROVEN else _count_wrong(setting)
                results.setdefault(backend, {})[name] = result
                _show(backend, name, result)
    finally:
        settings.close()
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    print(f"\n{chosen.json} written; differences found by verify: {wrong}")
    return 1 if wrong else 0


def _count_wrong(setting: Setting) -> int:
    differences = 0
    for difference in verify(setting.engine):
        differences += 1
        if differences <= 3:
            print(f"  {difference}", file=sys.stderr)
    return differences


def _show(backend: str, name: str, result: dict[str, Any]) -> None:
    print(f"\n{name} · {backend}")
    for row in result.get("rows", ()):
        print(
            f"  {row['what']:<34}{row['per_second']:>8,}/s   p50 {row['p50']:>7} ms"
            f"   p95 {row['p95']:>7} ms   p99 {row['p99']:>7} ms"
        )
    for key, value in result.items():
        if key != "rows":
            print(f"  {key:<50}{value if not isinstance(value, int) else f'{value:,}'}")


if __name__ == "__main__":
    sys.exit(main())
