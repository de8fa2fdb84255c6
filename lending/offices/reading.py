"""Bookings as they are read: by week, one by one, with what of them is out."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.loans.occasions import loans_of
from lending.loop.steps import Outcome, State
from lending.loop.tables import Item, Loan, Scan
from lending.offices.rights import offices_seen
from lending.offices.tables import Booking, Department
from lending.offices.tallies import tally_by_kind, wanted_by
from lending.offices.values import BookingView, OutView, Stage, Tally, Week
from lending.people.actors import Actor
from lending.places.tables import Site

MOST_SHOWN = 500
WEEK = timedelta(days=7)


def load_booking(
    session: Session, *, booking_id: uuid.UUID, actor: Actor, now: datetime
) -> BookingView:
    """NOT_FOUND (booking) for one of an office that the actor does not act for."""
    found = find_bookings(session, Booking.id == booking_id, actor=actor, now=now)
    if not found:
        raise LendingError(Code.NOT_FOUND, field="booking")
    return found[0]


def load_week(
    session: Session, *, site_id: int, monday: date, zone: ZoneInfo, actor: Actor, now: datetime
) -> Week:
    """An office's bookings of the seven local days from `monday` on; three statements."""
    starts = [_midnight(monday + timedelta(days=n), zone) for n in range(8)]
    begins = Booking.from_at >= starts[0]
    open_still = sa.and_(Booking.closed_at.is_(None), Booking.from_at < starts[0])
    if now >= starts[7] or now < starts[0]:  # what is late belongs to the present week
        open_still = sa.and_(open_still, Booking.until_at >= starts[0])
    found = find_bookings(
        session, Booking.site_id == site_id,
        sa.or_(sa.and_(begins, Booking.from_at < starts[7]), open_still), actor=actor, now=now,
    )  # fmt: skip
    days: dict[date, list[BookingView]] = {monday + timedelta(days=n): [] for n in range(7)}
    earlier: list[BookingView] = []
    for one in found:
        days.get(one.from_at.astimezone(zone).date(), earlier).append(one)
    return Week(monday, days, earlier)


def open_bookings(
    session: Session, *, site_id: int, actor: Actor, now: datetime, soon: timedelta = WEEK
) -> list[BookingView]:
    """What can be handed out to at an office now or soon: begun or about to, and not over."""
    return find_bookings(
        session, Booking.site_id == site_id, Booking.cancelled_at.is_(None),
        Booking.until_at >= now, Booking.from_at <= now + soon, actor=actor, now=now,
    )  # fmt: skip


def find_bookings(
    session: Session, *where: sa.ColumnElement[bool], actor: Actor, now: datetime
) -> list[BookingView]:
    """Bookings by when they begin, at most 500; three statements."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Booking, Site.code, Department.name.label("department"),
            Department.name_en.label("department_en"),
        )
        .join(Site, Site.id == Booking.site_id)
        .join(Department, Department.id == Booking.department_id)
        .where(Booking.site_id.in_(offices_seen(actor)), *where)
        .order_by(Booking.from_at, Booking.id)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    rows = session.execute(query).all()
    ids = [row.Booking.id for row in rows]
    wanted, tallies = wanted_by(session, ids), tally_by_kind(session, ids)
    return [_view(row, wanted[row.Booking.id], tallies[row.Booking.id], now) for row in rows]


def lent_to(session: Session, occasion: uuid.UUID) -> list[OutView]:
    """Everything lent to an occasion, what is out first; never to whom. Two statements."""
    query = sa.select(Scan.id).join(Loan, Loan.id == Scan.id).where(Loan.occasion_id == occasion)
    carried = set(session.scalars(query.where(Scan.crate_id.is_not(None))))
    views = [
        OutView(
            one.lend_id, one.code, one.kind_id, one.carrier, one.opened_at, one.due_at,
            one.closed_at, one.outcome is Outcome.CLAIMED, one.lend_id in carried,
        )
        for one in loans_of(session, [occasion])[occasion]
    ]  # fmt: skip
    return sorted(views, key=lambda one: (one.closed_at is not None, not one.carrier))


def clean_here(session: Session, *, site_id: int) -> dict[int, int]:
    """Clean pieces that stand ready at a place, by kind id, in crates or not."""
    query = (
        sa.select(Item.kind_id, sa.func.count())
        .where(Item.site_id == site_id, Item.state == State.READY, Item.clean)
        .where(Item.hold.is_(None), ~Item.carrier)
        .group_by(Item.kind_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _view(
    row: Any, wanted: Mapping[int, int], by_kind: Mapping[int, Tally], now: datetime
) -> BookingView:
    one: Booking = row.Booking
    told = sum(by_kind.values(), Tally())
    return BookingView(
        one.id, one.site_id, row.code, one.department_id, row.department, row.department_en,
        one.title, one.place, one.from_at, one.until_at, wanted, told, _stage(one, told, now),
        told.due_at, one.cancelled_at is None and one.until_at >= now,
        {kind: one.lent for kind, one in by_kind.items() if one.lent},
    )  # fmt: skip


def _stage(one: Booking, told: Tally, now: datetime) -> Stage:
    if one.cancelled_at is not None:
        return Stage.CANCELLED
    if told.any_out:
        late = told.due_at is not None and told.due_at < now
        return Stage.OVERDUE if late else Stage.OUT
    if told.lent:
        return Stage.BACK
    return Stage.UNUSED if one.until_at < now else Stage.PLANNED


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
