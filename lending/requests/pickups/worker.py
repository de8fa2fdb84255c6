"""The worker's part of pick-ups: every district's requests brought up to date."""

from collections import Counter
from dataclasses import asdict
from functools import partial

from sqlalchemy.engine import Engine

from lending.people.keys import Keys
from lending.places.rounds import Clock, Stop, never, sweep_districts
from lending.requests.pickups.settle import settle_pickups


def sweep_all_pickups(
    engine: Engine, *, keys: Keys, clock: Clock, stop: Stop = never
) -> Counter[str]:
    """One round over all districts; several workers at once are safe."""
    counts: Counter[str] = Counter()
    for done in sweep_districts(engine, partial(settle_pickups, keys=keys), clock=clock, stop=stop):
        counts.update(asdict(done))
    return +counts
