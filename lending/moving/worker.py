"""The worker's part of moving: the orders that make themselves, for tomorrow, in every district."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.moving.supply.orders import local_today
from lending.moving.supply.standing import make_due_orders
from lending.places.districts import list_districts


def make_all_due_orders(
    engine: Engine, *, clock: Callable[[], datetime], stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """One round: tomorrow's standing orders and what levels ask for; several workers are safe."""
    with glancing(engine) as session:
        districts = [district.id for district in list_districts(session)]
    counts: Counter[str] = Counter()
    for district in districts:
        if stop():
            break
        counts["ordered"] += run_transaction(
            engine, partial(_make, district_id=district, now=clock())
        )
    return +counts


def _make(session: Session, *, district_id: int, now: datetime) -> int:
    tomorrow = local_today(session, district_id=district_id, now=now) + timedelta(days=1)
    return make_due_orders(session, district_id=district_id, day=tomorrow, now=now)
