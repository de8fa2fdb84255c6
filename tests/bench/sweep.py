"""(4) The overdue sweep with few and with many open loans, time per row it touches."""

import time
from datetime import datetime, timedelta
from typing import Any

from lending.db import run_transaction
from lending.reminders.plan import Place, plan_notices
from tests.bench.setting import Setting
from tests.bench.world import START, World, make_world, write_borrowers, write_log

SCANS = 4  # of each lent piece: registered, washed, passed, lent
DUE = START + timedelta(days=12)  # all of them are late by then


def measure_sweep(setting: Setting, *, small: int, large: int) -> dict[str, Any]:
    """Microseconds per loan looked at: a first sweep that plans, and one that finds all planned."""
    world = make_world(setting.engine)
    results: dict[str, Any] = {}
    written = 0
    for size in (small, large):
        write_log(setting.engine, world, items=size - written, scans=SCANS, lent=True)
        write_borrowers(setting.engine, world, loans_each=4)
        written = size
        moment = DUE if size == small else DUE + timedelta(days=6)  # the next stage for all
        results[f"{size:,} open loans"] = {
            "planning, µs a loan": _sweep(setting, world, moment),
            "nothing to plan, µs a loan": _sweep(setting, world, moment + timedelta(minutes=1)),
        }
    first, second = results.values()
    ratios = {name: round(second[name] / first[name], 2) for name in first}
    return results | {"larger / smaller": ratios}


def _sweep(setting: Setting, world: World, now: datetime) -> float:
    place: Place | None = None
    looked_at, start = 0, time.perf_counter()
    while True:
        after = place
        planned = run_transaction(
            setting.engine,
            lambda session, after=after: plan_notices(
                session, district_id=world.district, now=now, after=after
            ),
        )
        looked_at += planned.looked_at
        place = planned.next
        if place is None:
            break
    if not looked_at:
        raise RuntimeError("the sweep looked at nothing")
    return round(1e6 * (time.perf_counter() - start) / looked_at, 1)
