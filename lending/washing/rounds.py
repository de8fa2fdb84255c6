"""The worker's round of the washing centres: recalls followed up, alerts brought up to date."""

from collections import Counter
from functools import partial

from sqlalchemy.engine import Engine

from lending.db import run_transaction
from lending.people.keys import Keys
from lending.places.rounds import Clock, Stop, each_district, never
from lending.washing.hygiene.alerts import sweep_wash_alerts
from lending.washing.hygiene.sweep import sweep_recalls


def sweep_washing(engine: Engine, *, keys: Keys, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district; what it did, by name."""
    counts: Counter[str] = Counter()
    for district in each_district(engine, stop=stop):
        swept = run_transaction(
            engine, partial(sweep_recalls, district_id=district, keys=keys, now=clock())
        )
        changed = run_transaction(
            engine, partial(sweep_wash_alerts, district_id=district, now=clock())
        )
        counts.update(held=swept.held, told=swept.told, escalated=swept.escalated, alerts=changed)
    return +counts
