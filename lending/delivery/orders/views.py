"""An order as pages, endpoints and platforms are told of it; never a person, never an address."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.errors import Code, LendingError


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order; `contact` says only what kind of contact there is."""

    id: uuid.UUID
    occasion_id: uuid.UUID | None
    site_id: int
    day: date
    number: str | None
    platform_id: int | None
    platform_ref: str | None
    revision: int
    reusable: bool
    contact: ContactKind
    status: OrderStatus
    status_seq: int
    made_at: datetime
    packed_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None


def order_view(row: Order) -> OrderView:
    """The view of a row."""
    return OrderView(
        row.id, row.occasion_id, row.site_id, row.day, row.number, row.platform_id,
        row.platform_ref, row.revision, row.reusable, row.contact_kind, row.status, row.status_seq,
        row.made_at, row.packed_at, row.closed_at, row.cancelled_at,
    )  # fmt: skip


def find_order(session: Session, *, platform_id: int, ref: str) -> OrderView:
    """The order a platform knows by `ref`, else NOT_FOUND."""
    row = session.scalars(
        sa.select(Order).where(Order.platform_id == platform_id, Order.platform_ref == ref)
    ).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND)
    return order_view(row)


def orders_by_id(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, OrderView]:
    """The orders of these ids, by id; one statement."""
    rows = session.scalars(sa.select(Order).where(Order.id.in_(ids)))
    return {row.id: order_view(row) for row in rows}
