"""The worker's round of offices: bookings that are over are closed, overdue ones told of."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.offices.alerts import sweep_office_alerts
from lending.offices.bookings import close_over
from lending.places.districts import list_districts


def sweep_offices(
    engine: Engine, *, clock: Callable[[], datetime], stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """One round over every district; what it did, by name. Several workers at once are safe."""
    with glancing(engine) as session:
        districts = [district.id for district in list_districts(session)]
    counts: Counter[str] = Counter()
    for district in districts:
        if stop():
            break
        counts += run_transaction(
            engine, partial(sweep_district, district_id=district, now=clock())
        )
    return counts


def sweep_district(session: Session, *, district_id: int, now: datetime) -> Counter[str]:
    """A district's round; what it did, by name."""
    return +Counter(
        closed=close_over(session, district_id=district_id, now=now),
        alerts=sweep_office_alerts(session, district_id=district_id, now=now),
    )
