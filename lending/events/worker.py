"""The worker's round of events: crates followed, statements accepted and brought up to date, alerts."""

from collections import Counter
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.events.alerts import sweep_event_alerts
from lending.events.closing import close_unused
from lending.events.counting.late import follow_late_pieces
from lending.events.crates.follow import follow_crates
from lending.events.statements.accepting import accept_overdue
from lending.events.statements.disputes import follow_reviews
from lending.places.rounds import Clock, Stop, never, sweep_districts


def sweep_events(engine: Engine, *, clock: Clock, stop: Stop = never) -> Counter[str]:
    """One round over every district; what it did, by name. Several workers at once are safe."""
    return sum(sweep_districts(engine, sweep_district, clock=clock, stop=stop), Counter())


def sweep_district(session: Session, *, district_id: int, now: datetime) -> Counter[str]:
    """A district's round; what it did, by name."""
    followed = follow_crates(session, district_id=district_id, now=now)
    return +Counter(
        back=followed.back,
        came_in=followed.came_in,
        unsealed=followed.unsealed,
        decided=follow_reviews(session, district_id=district_id, now=now),
        found=follow_late_pieces(session, district_id=district_id, now=now),
        unused=close_unused(session, district_id=district_id, now=now),
        accepted=accept_overdue(session, district_id=district_id, now=now),
        alerts=sweep_event_alerts(session, district_id=district_id, now=now),
    )
