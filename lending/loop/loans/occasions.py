"""Occasions: orders, bookings and events that pieces are lent to, and what of them is still out."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import update_rows
from lending.db import fetch, table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.loans.due import load_due_book
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.stopped import lock_pieces
from lending.loop.steps import Outcome
from lending.loop.tables import Item, Loan, Occasion, Scan, ScanBorrower
from lending.loop.values import OpenLoan
from lending.people.claims import borrower_digest
from lending.people.keys import Keys
from lending.people.upserts import insert_or


@dataclass(frozen=True, slots=True)
class OccasionView:
    """What a loan is for. `ends_on`: the local day after which all of it is due, None: the terms
    of its kind hold."""

    id: uuid.UUID
    kind: OccasionKind
    site_id: int
    district_id: int
    ends_on: date | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class OccasionLoan:
    """One loan of an occasion. `carrier`: the bag or crate itself; `borrower`: it is a resident's
    (never which)."""

    lend_id: uuid.UUID
    item_id: int
    code: str
    kind_id: int
    site_id: int
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: Outcome | None
    carrier: bool
    borrower: bool


def open_occasion(
    session: Session,
    *,
    id: uuid.UUID,
    kind: OccasionKind,
    site_id: int,
    district_id: int,
    ends_on: date | None = None,
    now: datetime,
) -> OccasionView:
    """The occasion under this id, made when there is none; the same again is the same.

    ID_REUSED (field id) when the id is another kind's, site's or district's. The end of a known one
    stays: `move_end` moves it.
    """
    row = {
        "id": id, "kind": kind, "site_id": site_id, "district_id": district_id,
        "ends_on": ends_on, "opened_at": now,
    }  # fmt: skip
    session.execute(insert_or(session, Occasion).on_conflict_do_nothing(), [row])
    found = load_occasion(session, id=id)
    if (found.kind, found.site_id, found.district_id) != (kind, site_id, district_id):
        raise LendingError(Code.ID_REUSED, field="id")
    return found


def load_occasion(session: Session, *, id: uuid.UUID) -> OccasionView:
    """NOT_FOUND when there is none of this id."""
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        Occasion.id, Occasion.kind, Occasion.site_id, Occasion.district_id, Occasion.ends_on,
        Occasion.opened_at,
    ).where(Occasion.id == id)  # fmt: skip
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="occasion")
    return OccasionView(*row)


def move_end(session: Session, *, id: uuid.UUID, ends_on: date | None) -> None:
    """The occasion ends on another local day; the due dates of all its loans follow. NOT_FOUND.

    Items are locked before the occasion, as the writer does; raises ChangedMeanwhile when something
    was lent to it in between: run the transaction again.
    """
    items = _items_of(session, id)
    lock_pieces(session, items)
    query = sa.select(Occasion).where(Occasion.id == id).with_for_update()
    occasion = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if occasion is None:
        raise LendingError(Code.NOT_FOUND, field="occasion")
    if _items_of(session, id) != items:
        raise ChangedMeanwhile
    if occasion.ends_on == ends_on:
        return
    occasion.ends_on = ends_on
    session.flush()
    _move_due_dates(session, id, ends_on)


def loans_of(
    session: Session, occasions: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[OccasionLoan]]:
    """The loans of each of these occasions, open and closed, by when they were lent; one statement.

    An occasion without loans has an empty list.
    """
    known = sa.exists().where(
        ScanBorrower.scan_id == Loan.id, ScanBorrower.resident_id.is_not(None)
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Loan.occasion_id, Loan.id, Loan.item_id, Item.code, Item.kind_id, Loan.site_id,
            Loan.opened_at, Loan.due_at, Loan.closed_at, Loan.outcome, Item.carrier, known,
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id.in_(occasions), Loan.occasion_id.is_not(None))
        .order_by(Loan.opened_at, Item.code)
    )  # fmt: skip
    found: dict[uuid.UUID, list[OccasionLoan]] = {id: [] for id in occasions}
    for row in fetch(session, query) if occasions else ():
        found[row[0]].append(OccasionLoan(*row[1:]))
    return found


def occasion_of(session: Session, item_id: int) -> OccasionView | None:
    """What the open loan of a piece, bag or crate is for, or None."""
    id = session.scalar(sa.select(Item.loan_occasion_id).where(Item.id == item_id))
    return load_occasion(session, id=id) if id is not None else None


def attach_occasion(
    session: Session, *, occasion_id: uuid.UUID, resident_id: uuid.UUID, keys: Keys
) -> int:
    """Every open loan of an occasion that is nobody's becomes the resident's; how many.

    Not limited by how much the resident has out already. Bags and crates stay nobody's: they are no
    ware. Who says so first has them.
    """
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Loan.id, Loan.district_id, Loan.item_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Scan, Scan.id == Loan.id)
        .where(Loan.occasion_id == occasion_id, Loan.closed_at.is_(None), ~Item.carrier)
        .where(Scan.party.is_(None), ~Scan.unresolved)
        .where(~sa.exists().where(ScanBorrower.scan_id == Loan.id))
        .order_by(Loan.item_id)
    )
    lock_pieces(session, [row.item_id for row in fetch(session, query)])
    free = fetch(session, query)  # again: of two who say so at once, one was here before
    if not free:
        return 0
    digest = borrower_digest(keys, f"attached {resident_id}")  # nothing was read at a till
    whose = {"resident_id": resident_id, "digest": digest}
    rows = [{"scan_id": row.id, "district_id": row.district_id} | whose for row in free]
    session.execute(sa.insert(ScanBorrower), rows)
    return len(rows)


def _items_of(session: Session, id: uuid.UUID) -> list[int]:
    """The items of all loans of an occasion."""
    query = sa.select(Loan.item_id).where(Loan.occasion_id == id).distinct()
    return list(session.scalars(query.order_by(Loan.item_id)))


def _move_due_dates(session: Session, id: uuid.UUID, ends_on: date | None) -> None:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Loan.id, Loan.site_id, Loan.opened_at, Loan.extensions, Loan.resumed_at, Item.kind_id,
            Item.id.label("item"), Item.loan_id,
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id == id)
    )  # fmt: skip
    rows = fetch(session, query)
    book = load_due_book(session, {row.site_id for row in rows}).ending({id: ends_on})
    loans, items = [], []
    for row in rows:
        loan = OpenLoan(
            row.id, row.site_id, row.opened_at, extensions=row.extensions,
            resumed_at=row.resumed_at, occasion=id,
        )  # fmt: skip
        due = book.due_of(row.kind_id, loan)
        loans.append({"id": row.id, "due_at": due})
        if row.loan_id == row.id:
            items.append({"id": row.item, "due_at": due})
    update_rows(session, table_of(Loan), loans)
    update_rows(session, table_of(Item), items)
