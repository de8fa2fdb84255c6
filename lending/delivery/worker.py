"""The worker's part of delivery: orders followed up, what was sealed erased, old ware asked for."""

from collections import Counter
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.delivery.orders.refresh import let_sealed_go, sweep_orders
from lending.delivery.orders.shelf import ask_for_old_ware
from lending.loop.system import system_actor
from lending.places.rounds import Clock, Stop, each_district, never, sweep_districts


def sweep_delivery(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district, portion by portion; several workers at once are safe."""
    counts: Counter[str] = Counter()
    for district in each_district(engine, stop=stop):
        after: UUID | None = None
        while not stop():
            sweep = partial(sweep_orders, district_id=district, after=after, now=clock())
            changed, after = run_transaction(engine, sweep)
            counts["orders"] += changed
            if after is None:
                break
        if stop():
            break
        counts += run_transaction(engine, partial(let_sealed_go, district_id=district, now=clock()))
    return +counts


def send_back_old_ware(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district: where clean ware stood too long, a collection is asked."""
    return +Counter(shops=sum(sweep_districts(engine, _ask, clock=clock, stop=stop)))


def _ask(session: Session, *, district_id: int, now: datetime) -> int:
    asked = ask_for_old_ware(
        session, district_id=district_id, system=system_actor(district_id), now=now
    )
    return len(asked)
