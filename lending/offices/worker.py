"""The worker's round of offices: bookings that are over are closed, overdue ones told of."""

from collections import Counter
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.offices.alerts import sweep_office_alerts
from lending.offices.bookings import close_over
from lending.places.rounds import Clock, Stop, never, sweep_districts


def sweep_offices(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district; what it did, by name. Several workers at once are safe."""
    return sum(sweep_districts(engine, sweep_district, clock=clock, stop=stop), Counter())


def sweep_district(session: Session, *, district_id: int, now: datetime) -> Counter[str]:
    """A district's round; what it did, by name."""
    return +Counter(
        closed=close_over(session, district_id=district_id, now=now),
        alerts=sweep_office_alerts(session, district_id=district_id, now=now),
    )
