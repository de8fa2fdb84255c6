"""Staff alerts of events: crates to go back today, a count overdue, statements and disputes waiting."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.reading import find_events
from lending.events.stages import all_in_at, out_now, stage_case
from lending.events.tables import Dispute, Event, EventCrate, Statement
from lending.events.values import EventView, Stage
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner
from lending.places.tables import Site, SiteKind

PREFIX = "event_"
RETURN = "event_return"  # at the hall: crates of events that end today, or are over
COUNT = "event_count"  # at the centre: events whose count is overdue
STATEMENT = "event_statement"  # at the centre: counted, not confirmed by it yet
DISPUTE = "event_dispute"  # at the hall: the office is to decide
UNCONFIRMED = timedelta(days=1)  # a statement the centre left so long goes to the officers as well
LATE = timedelta(days=1)  # an event over so long with crates out goes to the officers as well


def sweep_event_alerts(session: Session, *, district_id: int, now: datetime) -> int:
    """Brings the district's alerts about events up to what is found now; how many were opened or
    closed."""
    found = _to_go_back(session, district_id, now)
    centre = _centre(session, district_id)
    if centre is not None:
        late = sum(one.count_late for one in _came_in(session, district_id, now))
        if late:
            found[centre, COUNT] = Raised(late, AlertOwner.PLACE, up=True)
        waiting, long = _unconfirmed(session, district_id, now)
        if waiting:
            found[centre, STATEMENT] = Raised(waiting, AlertOwner.PLACE, up=bool(long))
    for site, count in session.execute(_undecided(district_id)):
        found[site, DISPUTE] = Raised(count, AlertOwner.OFFICER)
    return raise_alerts(session, district_id=district_id, prefix=PREFIX, found=found, now=now)


def _to_go_back(session: Session, district_id: int, now: datetime) -> dict[tuple[int, str], Raised]:
    has_out = sa.exists().where(EventCrate.event_id == Event.id, out_now())
    soon = Event.until_at <= now + timedelta(days=1)
    events = find_events(session, has_out, soon, district_id=district_id, now=now)
    due = [one for one in events if one.must_go_back]
    crates: Counter[str] = Counter()
    up: set[str] = set()
    for one in due:
        crates[one.site] += one.out
        if one.until_at + LATE <= now:
            up.add(one.site)
    sites = dict(_site_ids(session, set(crates)))
    return {
        (sites[code], RETURN): Raised(count, AlertOwner.PLACE, up=code in up)
        for code, count in crates.items()
    }


def _came_in(session: Session, district_id: int, now: datetime) -> list[EventView]:
    """Events all of whose crates are in at the centre, and not counted."""
    back = stage_case() == Stage.BACK.value
    return find_events(session, all_in_at().is_not(None), back, district_id=district_id, now=now)


def _centre(session: Session, district_id: int) -> int | None:
    """The district's washing centre: the first where there are several."""
    query = sa.select(Site.id).where(
        Site.district_id == district_id, Site.kind == SiteKind.WASH_CENTRE, Site.active
    )
    return session.scalar(query.order_by(Site.id).limit(1))


def _unconfirmed(session: Session, district_id: int, now: datetime) -> tuple[int, int]:
    """Statements that wait for the centre's word, and those of them that have for a day."""
    last = sa.select(sa.func.max(Statement.version)).where(Statement.event_id == Event.id)
    query = (
        sa.select(
            sa.func.count(),
            sa.func.coalesce(
                sa.func.sum(sa.case((Statement.made_at <= now - UNCONFIRMED, 1), else_=0)), 0
            ),
        )
        .select_from(Event)
        .join(Statement, Statement.event_id == Event.id)
        .where(Event.district_id == district_id, Event.settled_at.is_(None))
        .where(Statement.sent_at.is_(None))
        .where(Statement.version == last.correlate(Event).scalar_subquery())
    )
    waiting, long = session.execute(query).one()
    return waiting, long


def _undecided(district_id: int) -> sa.Select[int, int]:
    return (
        sa.select(Event.site_id, sa.func.count())
        .select_from(Dispute)
        .join(Statement, Statement.id == Dispute.statement_id)
        .join(Event, Event.id == Statement.event_id)
        .where(Dispute.district_id == district_id, Dispute.decision.is_(None))
        .group_by(Event.site_id)
    )


def _site_ids(session: Session, codes: set[str]) -> list[tuple[str, int]]:
    query = sa.select(Site.code, Site.id).where(Site.code.in_(codes))
    return [(row[0], row[1]) for row in session.execute(query)]
