"""The worker's part of moving: orders that make themselves, pick-ups that join today's rounds."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.moving.rounds.joining import join_waiting
from lending.moving.supply.orders import local_today
from lending.moving.supply.standing import make_due_orders
from lending.people.keys import Keys
from lending.places.rounds import Clock, Stop, never, sweep_districts


def make_all_due_orders(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round: tomorrow's standing orders and what levels ask for; several workers are safe."""
    return +Counter(ordered=sum(sweep_districts(engine, _make, clock=clock, stop=stop)))


def join_all_waiting(
    engine: Engine, *, keys: Keys, clock: Clock, stop: Stop = never
) -> Counter[str]:
    """One round: pick-ups that wait join the rounds of today; several workers are safe."""
    work = partial(join_waiting, keys=keys)
    return +Counter(joined=sum(sweep_districts(engine, work, clock=clock, stop=stop)))


def _make(session: Session, *, district_id: int, now: datetime) -> int:
    tomorrow = local_today(session, district_id=district_id, now=now) + timedelta(days=1)
    return make_due_orders(session, district_id=district_id, day=tomorrow, now=now)
