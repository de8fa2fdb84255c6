"""The worker's part of moving: orders that make themselves, pick-ups that join today's rounds."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.moving.rounds.joining import join_waiting
from lending.moving.supply.orders import local_today
from lending.moving.supply.standing import make_due_orders
from lending.people.keys import Keys
from lending.places.districts import list_districts


def make_all_due_orders(
    engine: Engine, *, clock: Callable[[], datetime], stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """One round: tomorrow's standing orders and what levels ask for; several workers are safe."""
    return _each_district(engine, "ordered", _make, clock=clock, stop=stop)


def join_all_waiting(
    engine: Engine,
    *,
    keys: Keys,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """One round: pick-ups that wait join the rounds of today; several workers are safe."""
    work = partial(join_waiting, keys=keys)
    return _each_district(engine, "joined", work, clock=clock, stop=stop)


def _each_district(
    engine: Engine,
    name: str,
    work: Callable[..., int],
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
) -> Counter[str]:
    with glancing(engine) as session:
        districts = [district.id for district in list_districts(session)]
    counts: Counter[str] = Counter()
    for district in districts:
        if stop():
            break
        counts[name] += run_transaction(engine, partial(work, district_id=district, now=clock()))
    return +counts


def _make(session: Session, *, district_id: int, now: datetime) -> int:
    tomorrow = local_today(session, district_id=district_id, now=now) + timedelta(days=1)
    return make_due_orders(session, district_id=district_id, day=tomorrow, now=now)
