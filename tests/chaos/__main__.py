"""Blows at a real server with simulated stations and prints what held; scripts/chaos calls it."""

import argparse
import random
import sys

from lending.db import transaction
from tests.chaos.days import Days
from tests.chaos.run import Plan, quick_plan, run_chaos
from tests.chaos.servers import installed
from tests.chaos.table import write_table
from tests.chaos.trust import Trust, write_trust
from tests.personas import Loop, found_town
from tests.processes import free_port


def main() -> int:
    """Exit code 1 when anything did not hold; the seed to repeat it is printed."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--stations", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument(
        "--database", choices=("postgresql", "sqlite"), help="default: one after the other"
    )
    parser.add_argument("--quick", action="store_true", help="12 stations, 20 seconds")
    parser.add_argument("--port", type=int, help="default: any that is free")
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    good = True
    for backend in (chosen.database,) if chosen.database else ("sqlite", "postgresql"):
        plan = Plan(backend, chosen.port or free_port(), seed, chosen.stations, chosen.minutes * 60)
        if chosen.quick:
            plan = quick_plan(backend, plan.port, seed)
        outcome = run_chaos(plan, say=lambda line: print(line, flush=True))
        print()
        for line in write_table(outcome):
            print(line)
        if not outcome.good:
            print("\n".join(["", "the server's last words:", *outcome.said[-15:]]))
        print("\nThe days of a town, to measure trust …", flush=True)
        trust = measure_trust(plan.backend, seed, quick=chosen.quick)
        print("\n".join([*write_trust(trust), ""]), flush=True)
        good = good and outcome.good and trust.good
    return 0 if good else 1


def measure_trust(backend: str, seed: int, *, quick: bool) -> Trust:
    """Sixty days of two hundred residents, or a month of forty."""
    with installed(backend, port=0) as place:
        with transaction(place.engine) as session:
            town = found_town(session, place.keys)
        loop = Loop(place.engine, place.keys, town)
        residents, days = (40, 30) if quick else (200, 60)
        town_days = Days(loop, random.Random(seed), residents=residents, cups=2 * residents)
        return town_days.run(days, 0.08)


if __name__ == "__main__":
    sys.exit(main())
