"""Bookings: asked for ahead, changed, called off, and over when everything is back."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import move_end, open_occasion
from lending.loop.tables import ItemKind, Loan
from lending.offices.departments import get_department
from lending.offices.reading import load_booking
from lending.offices.rights import check_office, offices_seen
from lending.offices.tables import Booking, BookingLine, Department
from lending.offices.values import BookingIn, BookingView
from lending.people.actors import Actor
from lending.places.districts import load_district
from lending.places.texts import Problem, read_text
from lending.requests.acting import check_count, signature

LONGEST = 60
LONGEST_SPAN = timedelta(days=31)
FARTHEST = timedelta(days=366)
MOST_PIECES = 5000


def book(session: Session, new: BookingIn, *, actor: Actor, now: datetime) -> BookingView:
    """A department's booking; the same again is the same, another under its id is ID_REUSED.

    INVALID (department: closed; title, place; from_at, until_at: not after it, longer than 31 days,
    over already, or farther than a year; wanted), NOT_FOUND (department), NOT_ALLOWED_HERE (site).
    """
    known = session.get(Booking, new.id, with_for_update=True)
    if known is not None:
        return _same(session, known, new, actor, now)
    department = get_department(session, department_id=new.department_id, actor=actor)
    check_office(actor, department.site_id)
    if not department.active:
        raise LendingError(Code.INVALID, field="department")
    if new.until_at <= now:
        raise LendingError(Code.INVALID, field="until_at", detail=Problem.IN_THE_PAST)
    values = _read(new, now)
    wanted = _kinds(session, new.wanted, actor.district_id)
    session.add(
        Booking(
            id=new.id, district_id=actor.district_id, site_id=department.site_id,
            department_id=department.id, booked_at=now, booked_by=signature(actor), **values,
        )
    )  # fmt: skip
    session.flush()
    _write_lines(session, new.id, wanted)
    open_occasion(
        session, id=new.id, kind=OccasionKind.BOOKING, site_id=department.site_id,
        district_id=actor.district_id, ends_on=_last_day(session, department, new.until_at), now=now,
    )  # fmt: skip
    return load_booking(session, booking_id=new.id, actor=actor, now=now)


def change_booking(session: Session, new: BookingIn, *, actor: Actor, now: datetime) -> BookingView:
    """Other times, another title, place or wish; what is out is due by the new end. Its department
    stays. Errors as `book`; NOT_FOUND (booking), CONFLICT (booking) for one that was called off."""
    row = get_booking(session, booking_id=new.id, actor=actor)
    if row.cancelled_at is not None:
        raise LendingError(Code.CONFLICT, field="booking")
    values = _read(new, now)
    if new.until_at <= now and new.until_at != row.until_at:
        raise LendingError(Code.INVALID, field="until_at", detail=Problem.IN_THE_PAST)
    wanted = _kinds(session, new.wanted, actor.district_id)
    department = get_department(session, department_id=row.department_id, actor=actor)
    for field, value in values.items():
        setattr(row, field, value)
    row.closed_at = None  # the worker closes it again when it is over
    session.flush()
    session.execute(sa.delete(BookingLine).where(BookingLine.booking_id == row.id))
    _write_lines(session, row.id, wanted)
    move_end(session, id=row.id, ends_on=_last_day(session, department, new.until_at))
    return load_booking(session, booking_id=row.id, actor=actor, now=now)


def cancel_booking(
    session: Session, *, booking_id: uuid.UUID, actor: Actor, now: datetime
) -> BookingView:
    """Called off; again changes nothing. CONFLICT (booking) when something was lent to it."""
    row = get_booking(session, booking_id=booking_id, actor=actor)
    if row.cancelled_at is None:
        lent = sa.select(Loan.id).where(Loan.occasion_id == row.id)
        if session.scalar(lent.limit(1)) is not None:
            raise LendingError(Code.CONFLICT, field="booking")
        row.cancelled_at = row.closed_at = now
        row.cancelled_by = signature(actor)
        session.flush()
    return load_booking(session, booking_id=row.id, actor=actor, now=now)


def close_over(session: Session, *, district_id: int, now: datetime) -> int:
    """Closes the bookings whose time is over and of which nothing is out, and opens those again of
    which something is out after all; how many."""
    out = sa.exists().where(Loan.occasion_id == Booking.id, Loan.closed_at.is_(None))
    mine = (Booking.district_id == district_id, Booking.cancelled_at.is_(None))
    over = sa.and_(Booking.closed_at.is_(None), Booking.until_at <= now, ~out)
    again = sa.and_(Booking.closed_at.is_not(None), out)
    changed = 0
    for condition, value in ((over, now), (again, None)):
        update = sa.update(Booking).where(*mine, condition).values(closed_at=value)
        done = session.execute(
            update.returning(Booking.id).execution_options(synchronize_session=False)
        )
        changed += len(done.all())
    return changed


def get_booking(session: Session, *, booking_id: uuid.UUID, actor: Actor) -> Booking:
    """The locked row; NOT_FOUND (booking), NOT_ALLOWED_HERE (site)."""
    query = sa.select(Booking).where(
        Booking.id == booking_id, Booking.site_id.in_(offices_seen(actor))
    )
    row = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="booking")
    check_office(actor, row.site_id)
    return row


def _same(
    session: Session, known: Booking, new: BookingIn, actor: Actor, now: datetime
) -> BookingView:
    if known.district_id != actor.district_id or known.department_id != new.department_id:
        raise LendingError(Code.ID_REUSED, field="id")
    return load_booking(session, booking_id=known.id, actor=actor, now=now)


def _read(new: BookingIn, now: datetime) -> dict[str, object]:
    span = new.until_at - new.from_at
    if not timedelta() < span <= LONGEST_SPAN:
        raise LendingError(Code.INVALID, field="until_at", detail=Problem.OUT_OF_RANGE)
    if abs(new.from_at - now) > FARTHEST:
        raise LendingError(Code.INVALID, field="from_at", detail=Problem.OUT_OF_RANGE)
    return {
        "title": read_text(new.title, "title", longest=LONGEST),
        "place": read_text(new.place, "place", longest=LONGEST, empty=True),
        "from_at": new.from_at,
        "until_at": new.until_at,
    }


def _kinds(session: Session, wanted: Mapping[str, int], district_id: int) -> dict[int, int]:
    """Quantities by kind id; INVALID (wanted) for none at all, too many or no such kind."""
    asked = {code: check_count(n, "wanted", most=MOST_PIECES) for code, n in wanted.items() if n}
    query = sa.select(ItemKind.code, ItemKind.id).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(asked), ~ItemKind.carrier
    )
    ids = {row.code: row.id for row in session.execute(query)}
    if not asked or asked.keys() != ids.keys():
        raise LendingError(Code.INVALID, field="wanted")
    return {ids[code]: quantity for code, quantity in asked.items()}


def _write_lines(session: Session, booking_id: uuid.UUID, wanted: Mapping[int, int]) -> None:
    rows = [
        {"booking_id": booking_id, "kind_id": kind, "quantity": quantity}
        for kind, quantity in sorted(wanted.items())
    ]
    session.execute(sa.insert(BookingLine), rows)


def _last_day(session: Session, department: Department, until_at: datetime) -> date:
    zone: ZoneInfo = load_district(session, district_id=department.district_id).zone
    return until_at.astimezone(zone).date()
