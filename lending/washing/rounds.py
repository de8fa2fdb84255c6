"""The worker's round of the washing centres: recalls followed up, alerts brought up to date."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Engine

from lending.db import glancing, run_transaction
from lending.people.keys import Keys
from lending.places.districts import list_districts
from lending.washing.hygiene.alerts import sweep_wash_alerts
from lending.washing.hygiene.sweep import sweep_recalls


def sweep_washing(
    engine: Engine,
    *,
    keys: Keys,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """One round over every district; what it did, by name."""
    counts: Counter[str] = Counter()
    with glancing(engine) as session:
        districts = [one.id for one in list_districts(session)]
    for district in districts:
        if stop():
            break
        swept = run_transaction(
            engine, partial(sweep_recalls, district_id=district, keys=keys, now=clock())
        )
        changed = run_transaction(
            engine, partial(sweep_wash_alerts, district_id=district, now=clock())
        )
        counts.update(held=swept.held, told=swept.told, escalated=swept.escalated, alerts=changed)
    return +counts
