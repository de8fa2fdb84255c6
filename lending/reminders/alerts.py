"""Staff alerts: opened at their owner, one step up when unseen, then a review entry, closed alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.decisions import STUCK
from lending.loop.policy.limits import REVIEW, UNSEEN, load_limits
from lending.loop.tables import Review
from lending.loop.write.reviews import SETTLE_AFTER, VANISHED
from lending.notices.tables import Alert, AlertOwner
from lending.people.upserts import insert_or
from lending.reminders.waiting import WAITING, Finding, find_waiting

# Other packages open and close these by themselves (lending/notices/raising.py).
OTHERS = ("wash_", "event_", "pickup_", "machine_", "office_", "order_")
Found = Mapping[tuple[int, str], Finding]


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """What one sweep of a district's alerts changed."""

    opened: int
    closed: int
    escalated: int
    reviewed: int


def sweep_alerts(session: Session, *, district_id: int, now: datetime) -> AlertCounts:
    """Brings the district's alerts up to what is found now; several workers at once are safe.

    An alert nobody has seen within the `unseen` limit goes up to the officers; pieces that still
    wait after that time, seen or not, get one review entry per place with a proposed repair.
    """
    limits = load_limits(session, district_id=district_id, now=now)
    found = find_waiting(session, district_id=district_id, limits=limits, now=now)
    open_now = session.execute(
        sa.select(Alert.id, Alert.site_id, Alert.kind, Alert.count.label("pieces"))
        .where(Alert.district_id == district_id, Alert.closed_at.is_(None))
        .where(*(~Alert.kind.startswith(prefix, autoescape=True) for prefix in OTHERS))
        .order_by(Alert.id)
        .with_for_update()
    ).all()
    known = {(row.site_id, row.kind): row for row in open_now}
    closed = [row.id for key, row in known.items() if key not in found]
    _close(session, closed, now)
    changed = {
        row.id: found[key].count
        for key, row in known.items()
        if key in found and found[key].count != row.pieces
    }
    if changed:
        session.execute(
            sa.update(Alert), [{"id": alert, "count": n} for alert, n in changed.items()]
        )
    new = {key: finding for key, finding in found.items() if key not in known}
    opened = _open(session, district_id, new, now)
    late = now - timedelta(days=limits[UNSEEN].days)
    escalated = _escalate(session, district_id, late, now)
    reviewed = _review(session, district_id, late, now)
    _close_reviews(session, district_id, found, now)
    return AlertCounts(opened, len(closed), escalated, reviewed)


def _open(session: Session, district_id: int, new: Found, now: datetime) -> int:
    rows = [
        {
            "district_id": district_id,
            "site_id": site,
            "kind": kind,
            "owner": finding.owner,
            "count": finding.count,
            "opened_at": now,
        }
        for (site, kind), finding in sorted(new.items())
    ]
    if not rows:
        return 0
    insert = insert_or(session, Alert).on_conflict_do_nothing().returning(Alert.id)
    return len(session.execute(insert, rows).all())


def _close(session: Session, alerts: Collection[int], now: datetime) -> None:
    if alerts:
        session.execute(
            sa.update(Alert)
            .where(Alert.id.in_(alerts))
            .values(closed_at=now)
            .execution_options(synchronize_session=False)
        )


def _escalate(session: Session, district_id: int, late: datetime, now: datetime) -> int:
    rows = session.execute(
        sa.update(Alert)
        .where(
            Alert.district_id == district_id,
            Alert.closed_at.is_(None),
            Alert.owner == AlertOwner.PLACE,
            Alert.seen_at.is_(None),
            Alert.escalated_at.is_(None),
            Alert.opened_at <= late,
        )
        .values(escalated_at=now)
        .returning(Alert.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def _review(session: Session, district_id: int, late: datetime, now: datetime) -> int:
    """One entry per place and state; the update of the alert decides which worker opens it."""
    due = session.execute(
        sa.update(Alert)
        .where(
            Alert.district_id == district_id,
            Alert.closed_at.is_(None),
            Alert.reviewed_at.is_(None),
            Alert.kind.startswith(WAITING, autoescape=True),
            Alert.kind != WAITING + REVIEW,
            Alert.opened_at <= late,
        )
        .values(reviewed_at=now)
        .returning(Alert.site_id, Alert.kind)
        .execution_options(synchronize_session=False)
    ).all()
    rows = [
        {
            "district_id": district_id,
            "site_id": site,
            "subject": STUCK + kind.removeprefix(WAITING),
            "opened_at": now,
            "settle_by": now + SETTLE_AFTER,
        }
        for site, kind in due
    ]
    if rows:
        session.execute(sa.insert(Review), rows)
    return len(rows)


def _close_reviews(session: Session, district_id: int, found: Found, now: datetime) -> None:
    """Entries about pieces that went on meanwhile close themselves."""
    query = sa.select(Review.id, Review.site_id, Review.subject).where(
        Review.district_id == district_id,
        Review.settled_at.is_(None),
        Review.subject.startswith(STUCK, autoescape=True),
    )
    gone = [
        row.id
        for row in session.execute(query)
        if (row.site_id, WAITING + row.subject.removeprefix(STUCK)) not in found
    ]
    if gone:
        session.execute(
            sa.update(Review)
            .where(Review.id.in_(gone), Review.settled_at.is_(None))
            .values(settled_at=now, settled_how=VANISHED)
            .execution_options(synchronize_session=False)
        )
