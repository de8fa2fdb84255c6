"""The worker's part of delivery: orders followed up, what was sealed erased, old ware asked for."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.delivery.orders.refresh import let_sealed_go, sweep_orders
from lending.delivery.orders.shelf import ask_for_old_ware
from lending.loop.system import system_actor
from lending.places.districts import list_districts

Clock = Callable[[], datetime]
Stop = Callable[[], bool]


def sweep_delivery(engine: Engine, *, clock: Clock, stop: Stop = lambda: False) -> Counter[str]:
    """One round over every district, portion by portion; several workers at once are safe."""
    counts: Counter[str] = Counter()
    with glancing(engine) as session:
        districts = [one.id for one in list_districts(session)]
    for district in districts:
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


def send_back_old_ware(engine: Engine, *, clock: Clock, stop: Stop = lambda: False) -> Counter[str]:
    """One round over every district: where clean ware stood too long, a collection is asked."""
    counts: Counter[str] = Counter()
    with glancing(engine) as session:
        districts = [one.id for one in list_districts(session)]
    for district in districts:
        if stop():
            break
        counts["shops"] += run_transaction(engine, partial(_ask, district_id=district, now=clock()))
    return +counts


def _ask(session: Session, *, district_id: int, now: datetime) -> int:
    asked = ask_for_old_ware(
        session, district_id=district_id, system=system_actor(district_id), now=now
    )
    return len(asked)
