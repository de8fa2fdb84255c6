"""What becomes of requests with time: what came is closed, what is missing told, what is late raised."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import STEPS
from lending.loop.tables import Loan, Scan
from lending.notices.raising import Raised, raise_alerts
from lending.notices.tables import AlertOwner, Erasure
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.tables import Site, SiteKind
from lending.requests.acting import SYSTEM
from lending.requests.fullness import stands
from lending.requests.pickups.clocks import give_fresh_days, stop_late, stop_taken
from lending.requests.pickups.ending import End, end_pickups
from lending.requests.pickups.hours import load_pickup_hours
from lending.requests.pickups.tables import Ending, OrderPlace, Pickup, PickupLoan, Why
from lending.requests.pickups.views import still_out
from lending.requests.round_tables import waits_for_round

BATCH = 200  # requests of one step of one sweep
ALERTS = "pickup_"
LATE_ALERT = "pickup_late"
OFFICER_ALERT = "pickup_decide"
NEVER_LENT = timedelta(days=2)  # the address of an order of which nothing was lent is kept so long
_SIGHTINGS = [action for action, step in STEPS.items() if step.sighting]


@dataclass(frozen=True, slots=True)
class SettleCounts:
    """How many requests: all of it came, something is missing, went to the officer, became late;
    and how many orders' addresses were erased."""

    came: int
    missing: int
    to_officer: int
    late: int
    erased: int


def settle_pickups(
    session: Session, *, district_id: int, keys: Keys, now: datetime
) -> SettleCounts:
    """One sweep of a district's open requests; several workers at once are safe."""
    limits = load_pickup_hours(session, district_id=district_id).before(now)
    _add_late_lends(session, district_id, now)
    came = _locked(session, district_id, ~still_out())
    end_pickups(session, rows=came, end=End(Ending.CAME, SYSTEM), now=now)
    _note_arrivals(session, district_id)
    missing = _locked(session, district_id, Pickup.arrived_at <= limits.missing)
    for row in missing:
        count = give_fresh_days(session, row=row, keys=keys, now=now)
        end_pickups(session, rows=[row], end=End(Ending.MISSING, SYSTEM, missing=count), now=now)
    unseen = _locked(
        session, district_id, Pickup.taken_at <= limits.unseen, Pickup.arrived_at.is_(None),
        Pickup.to_officer_at.is_(None),
    )  # fmt: skip
    for row in unseen:
        row.to_officer_at, row.to_officer_why = now, Why.UNSEEN
    late = _locked(session, district_id, _is_late(limits.late))
    for row in late:
        row.late_at = now
        stop_late(session, row=row, now=now)
    session.flush()
    _leave_rounds(session, district_id, now)
    erased = _erase_places(session, district_id, now)
    _raise(session, district_id, now)
    return SettleCounts(len(came), len(missing), len(unseen), len(late), erased)


def _locked(session: Session, district_id: int, *where: sa.ColumnElement[bool]) -> Sequence[Pickup]:
    query = (
        sa.select(Pickup)
        .where(Pickup.district_id == district_id, Pickup.closed_at.is_(None), *where)
        .order_by(Pickup.asked_at, Pickup.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _is_late(before: datetime) -> sa.ColumnElement[bool]:
    """Nobody has come so long after the window's end, or the asking."""
    return sa.and_(
        Pickup.taken_at.is_(None),
        Pickup.late_at.is_(None),
        sa.func.coalesce(Pickup.to_at, Pickup.asked_at, type_=Pickup.asked_at.type) <= before,
    )


def _add_late_lends(session: Session, district_id: int, now: datetime) -> None:
    """Lends of an order that were told only after somebody asked belong to the request as well,
    and their clocks stand like the others'."""
    known = sa.exists().where(PickupLoan.pickup_id == Pickup.id, PickupLoan.lend_id == Loan.id)
    missing = (
        sa.select(Pickup.id, Loan.id, Loan.item_id)
        .join(Loan, Loan.occasion_id == Pickup.occasion_id)
        .where(
            Pickup.district_id == district_id,
            Pickup.closed_at.is_(None),
            Loan.closed_at.is_(None),
            ~known,
        )
    )
    insert = insert_or(session, PickupLoan)
    rows = insert.from_select(["pickup_id", "lend_id", "item_id"], missing)
    added = session.scalars(rows.on_conflict_do_nothing().returning(PickupLoan.pickup_id))
    for row in _locked(session, district_id, Pickup.id.in_(set(added))):
        if row.taken_at is not None:
            stop_taken(session, row=row, now=now)
        elif row.late_at is not None:
            stop_late(session, row=row, now=now)


def _note_arrivals(session: Session, district_id: int) -> None:
    """When the centre first saw a bag, or a piece of it, after it was taken: as we learnt of it, so
    that what a tablet tells late is not missing at once."""
    waiting = (
        Pickup.district_id == district_id,
        Pickup.closed_at.is_(None),
        Pickup.taken_at.is_not(None),
        Pickup.arrived_at.is_(None),
    )
    pieces = sa.select(Pickup.id, PickupLoan.item_id, Pickup.taken_at).where(
        PickupLoan.pickup_id == Pickup.id, *waiting
    )
    bags = sa.select(Pickup.id, Pickup.bag_id, Pickup.taken_at).where(
        Pickup.bag_id.is_not(None), *waiting
    )
    things = sa.union(pieces, bags).subquery()
    first = sa.func.min(Scan.recorded_at, type_=Scan.recorded_at.type)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(things.c.id, first)
        .join(Scan, Scan.item_id == things.c.item_id)
        .join(Site, Site.id == Scan.site_id)
        .where(
            Scan.occurred_at >= things.c.taken_at,
            Scan.action.in_(_SIGHTINGS),
            Site.kind == SiteKind.WASH_CENTRE,
            stands(),
        )
        .group_by(things.c.id)
    )
    for id, at in session.execute(query).all():
        _arrive(session, id, at)


def _arrive(session: Session, id: uuid.UUID, at: datetime) -> None:
    """What the officer was asked for because nothing came is answered."""
    unseen = Pickup.to_officer_why == Why.UNSEEN
    session.execute(
        sa.update(Pickup)
        .where(Pickup.id == id, Pickup.arrived_at.is_(None))
        .values(
            arrived_at=at,
            to_officer_at=sa.case((unseen, None), else_=Pickup.to_officer_at),
            to_officer_why=sa.case((unseen, None), else_=Pickup.to_officer_why),
        )
        .execution_options(synchronize_session=False)
    )


def _leave_rounds(session: Session, district_id: int, now: datetime) -> None:
    """What a round that is over did not do waits for the next one."""
    today = now.astimezone(load_district(session, district_id=district_id).zone).date()
    session.execute(
        sa.update(Pickup)
        .where(
            Pickup.district_id == district_id,
            Pickup.closed_at.is_(None),
            Pickup.taken_at.is_(None),
            Pickup.round_id.is_not(None),
            waits_for_round(Pickup.round_id, today),
        )
        .values(round_id=None)
        .execution_options(synchronize_session=False)
    )


def _erase_places(session: Session, district_id: int, now: datetime) -> int:
    """Addresses of orders of which nothing is out any more."""
    lent = sa.exists().where(Loan.occasion_id == OrderPlace.occasion_id)
    out = sa.exists().where(Loan.occasion_id == OrderPlace.occasion_id, Loan.closed_at.is_(None))
    gone = session.execute(
        sa.delete(OrderPlace)
        .where(
            OrderPlace.district_id == district_id,
            ~out,
            sa.or_(lent, OrderPlace.kept_at <= now - NEVER_LENT),
        )
        .returning(OrderPlace.occasion_id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        session.execute(sa.insert(Erasure), [{"at": now}])
    return len(gone)


def _raise(session: Session, district_id: int, now: datetime) -> None:
    """The officers' alerts, for each shop: what is late, what somebody is to decide."""
    decide, late = Pickup.to_officer_at.is_not(None), Pickup.late_at.is_not(None)
    kind = sa.case((decide, OFFICER_ALERT), else_=LATE_ALERT)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Pickup.site_id, kind, sa.func.count())
        .where(
            Pickup.district_id == district_id,
            Pickup.closed_at.is_(None),
            sa.or_(decide, sa.and_(late, Pickup.taken_at.is_(None))),
        )
        .group_by(Pickup.site_id, kind)
    )
    found = {
        (site, what): Raised(count, AlertOwner.OFFICER)
        for site, what, count in session.execute(query)
    }
    raise_alerts(session, district_id=district_id, prefix=ALERTS, found=found, now=now)
