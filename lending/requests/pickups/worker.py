"""The worker's part of pick-ups: every district's requests brought up to date."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Engine

from lending.db import glancing, run_transaction
from lending.people.keys import Keys
from lending.places.districts import list_districts
from lending.requests.pickups.settle import settle_pickups


def sweep_all_pickups(
    engine: Engine,
    *,
    keys: Keys,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """One round over all districts; several workers at once are safe."""
    with glancing(engine) as session:
        districts = [district.id for district in list_districts(session)]
    counts: Counter[str] = Counter()
    for district in districts:
        if stop():
            break
        work = partial(settle_pickups, district_id=district, keys=keys, now=clock())
        counts.update(asdict(run_transaction(engine, work)))
    return +counts
