"""What bookings and cards were lent and how it stands, by kind, beside what was asked for."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime
from lending.loop.steps import Outcome
from lending.loop.tables import Item, ItemKind, Loan, Scan
from lending.offices.tables import BookingLine, Department
from lending.offices.values import CardsLate, Remark, Tally


def tally_by_kind(
    session: Session, occasions: Collection[uuid.UUID]
) -> dict[uuid.UUID, dict[int, Tally]]:
    """What was lent to each of these occasions and how it stands, by kind id; one statement."""
    gone = missing()
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Loan.occasion_id,
            Item.kind_id,
            _count(~Item.carrier, Loan.closed_at.is_(None), ~gone),
            _count(~Item.carrier, Loan.closed_at.is_not(None), ~gone),
            _count(~Item.carrier, gone),
            _count(Item.carrier.is_(True), Loan.closed_at.is_(None)),
            sa.type_coerce(
                sa.func.min(sa.case((Loan.closed_at.is_(None), Loan.due_at))), UtcDateTime()
            ),
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id.in_(occasions), Loan.occasion_id.is_not(None))
        .group_by(Loan.occasion_id, Item.kind_id)
        .order_by(Loan.occasion_id, Item.kind_id)
    )
    found: dict[uuid.UUID, dict[int, Tally]] = {id: {} for id in occasions}
    for occasion, kind, *counts in session.execute(query) if occasions else ():
        found[occasion][kind] = Tally(*counts)
    return found


def wanted_by(session: Session, bookings: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[int, int]]:
    """How many pieces each of these bookings asked for, by kind id; one statement."""
    query = (
        sa.select(BookingLine.booking_id, BookingLine.kind_id, BookingLine.quantity)
        .where(BookingLine.booking_id.in_(bookings))
        .order_by(BookingLine.booking_id, BookingLine.kind_id)
    )
    found: dict[uuid.UUID, dict[int, int]] = {id: {} for id in bookings}
    for booking, kind, quantity in session.execute(query):
        found[booking][kind] = quantity
    return found


def remark_on(session: Session, *, lend_id: uuid.UUID, booking_id: uuid.UUID) -> Remark | None:
    """What the one who hands out is told where a piece, or a crate with all that went out in it,
    is not as its booking asked: of another kind, or more of it than was asked for is out."""
    query = (
        sa.select(Item.kind_id, sa.func.count())
        .select_from(Loan)
        .join(Scan, Scan.id == Loan.id)
        .join(Item, Item.id == Loan.item_id)
        .where(sa.or_(Scan.id == lend_id, Scan.of == lend_id), ~Item.carrier)
        .group_by(Item.kind_id)
        .order_by(Item.kind_id)
    )
    went: dict[int, int] = {row[0]: row[1] for row in session.execute(query)}
    asked = wanted_by(session, [booking_id])[booking_id]
    tallies = tally_by_kind(session, [booking_id])[booking_id]
    out = {kind: tallies[kind].out + tallies[kind].missing for kind in went if kind in tallies}
    names = _codes(session, {*asked, *went})
    other = {names[kind]: count for kind, count in went.items() if kind not in asked}
    more = {
        names[kind]: (asked[kind], out[kind])
        for kind in out
        if kind in asked and out[kind] > asked[kind]
    }
    if not other and not more:
        return None
    return Remark(other, more, {names[kind]: count for kind, count in asked.items()})


def is_late(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL over Loan: out past its due date, and not written off."""
    return (Loan.closed_at.is_(None), Loan.lost_at.is_(None), Loan.due_at < now)


def late_by_card(session: Session, *, site_id: int, now: datetime) -> list[CardsLate]:
    """The departments of an office of whose cards something is overdue, by name."""
    query = (
        sa.select(Department.id, Department.name, Department.name_en, sa.func.count())
        .join(Loan, Loan.occasion_id == Department.cards_id)
        .where(Department.site_id == site_id, *is_late(now))
        .group_by(Department.id, Department.name, Department.name_en)
        .order_by(Department.name, Department.id)
    )
    return [CardsLate(*row) for row in session.execute(query)]


def missing() -> sa.ColumnElement[bool]:
    """SQL over Loan: whether it was written off, or ended as said to be back and not found."""
    written_off = sa.and_(Loan.lost_at.is_not(None), Loan.closed_at.is_(None))
    not_found = sa.func.coalesce(Loan.outcome == Outcome.CLAIMED, sa.false())
    return sa.or_(written_off, not_found)


def _codes(session: Session, kinds: Collection[int]) -> Mapping[int, str]:
    query = sa.select(ItemKind.id, ItemKind.code).where(ItemKind.id.in_(kinds))
    return {row.id: row.code for row in session.execute(query)}


def _count(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*where), 1), else_=0)), 0)
