"""What each department had in a month: borrowed, brought back, missing, still out; no persons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Outcome
from lending.loop.tables import Item, ItemKind, Loan
from lending.offices.rights import offices_seen
from lending.offices.tables import Booking, Department
from lending.offices.values import MonthLine
from lending.people.actors import Actor
from lending.places.spans import Month, Span, span_of

Key = tuple[int, int]  # department, kind


def month_of_departments(
    session: Session,
    *,
    month: Month,
    zone: ZoneInfo,
    actor: Actor,
    site_id: int | None = None,
    now: datetime,
) -> list[MonthLine]:
    """A line for every department and kind it had to do with in a local month, by name; crates and
    bags are left out. Two statements, whatever the number of loans.

    A loan counts in the month in which it began (`uses`, `pieces`, `by_card`), and in that in which
    it ended or was written off; `out` is what was open when the month ended, or is now.
    """
    span = span_of(month, zone)
    if span.start > now:
        return []
    numbers: dict[Key, Sequence[Any]] = {
        (row[0], row[1]): row[2:] for row in session.execute(_loans(actor, site_id, span))
    }
    if not numbers:
        return []
    departments = {row.id: row for row in session.execute(_departments(actor))}
    kinds = {row.id: row for row in session.execute(_kinds(numbers))}
    lines = [
        MonthLine(
            department, departments[department].name, departments[department].name_en,
            kinds[kind].code, kinds[kind].name, kinds[kind].name_en, *(int(n or 0) for n in row),
        )
        for (department, kind), row in numbers.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda one: (one.department, one.kind))


def _loans(actor: Actor, site_id: int | None, span: Span) -> sa.Select[*tuple[Any, ...]]:
    lent_to, by_card = _occasions(actor, site_id), sa.literal_column("by_card", sa.Boolean())
    begun = sa.and_(Loan.opened_at >= span.start, Loan.opened_at < span.end)
    ended = sa.and_(Loan.closed_at >= span.start, Loan.closed_at < span.end)
    not_found = sa.and_(ended, Loan.outcome == Outcome.CLAIMED)
    written_off = sa.and_(Loan.lost_at >= span.start, Loan.lost_at < span.end)
    still = sa.or_(Loan.closed_at.is_(None), Loan.closed_at >= span.end)
    gone = sa.and_(Loan.lost_at.is_not(None), Loan.lost_at < span.end)
    out = sa.and_(Loan.opened_at < span.end, still, ~gone)
    lost = sa.or_(not_found, sa.and_(written_off, still))
    back = sa.and_(ended, Loan.outcome != Outcome.CLAIMED)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            lent_to.c.department_id,
            Item.kind_id,
            sa.func.count(sa.distinct(sa.case((begun, Loan.item_id)))),
            _count(begun),
            _count(sa.and_(begun, by_card)),
            _count(back),
            _count(lost),
            _count(out),
        )
        .select_from(lent_to)
        .join(Loan, Loan.occasion_id == lent_to.c.id)
        .join(Item, Item.id == Loan.item_id)
        .where(~Item.carrier, sa.or_(begun, ended, written_off, out))
        .group_by(lent_to.c.department_id, Item.kind_id)
    )
    return query


def _occasions(actor: Actor, site_id: int | None) -> sa.Subquery:
    """What was lent to departments: their bookings, and what stands for their cards."""
    mine: sa.ColumnElement[bool] = Department.site_id.in_(offices_seen(actor))
    if site_id is not None:
        mine = sa.and_(mine, Department.site_id == site_id)
    booked = (
        sa.select(
            Booking.id.label("id"), Booking.department_id.label("department_id"),
            sa.false().label("by_card"),
        )
        .join(Department, Department.id == Booking.department_id)
        .where(mine)
    )  # fmt: skip
    cards = sa.select(Department.cards_id, Department.id, sa.true()).where(mine)
    return sa.union_all(booked, cards).subquery("lent_to")


def _departments(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        Department.id, Department.name, Department.name_en
    ).where(Department.site_id.in_(offices_seen(actor)))
    return query


def _kinds(numbers: dict[Key, Sequence[Any]]) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        ItemKind.id, ItemKind.code, ItemKind.name, ItemKind.name_en
    ).where(ItemKind.id.in_({kind for _, kind in numbers}))
    return query


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
