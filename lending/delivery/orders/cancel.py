"""An order that is none after all: cancelled, and what was packed for it back on the shelf."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import Pass, lock_order
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.views import OrderView, order_view
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Loan, Scan


def cancel_order(
    session: Session, *, occasion_id: uuid.UUID, at: datetime, here: Pass
) -> OrderView:
    """Cancels the shop's order and takes back what was lent for it; again: nothing changes.

    A lend of more than 24 hours ago stays (a shop may not take it back): it ends by its return.
    NOT_FOUND (order). Raises ChangedMeanwhile as record_scans does.
    """
    take_back_lends(session, occasion_id=occasion_id, at=at, here=here)
    order = lock_order(session, occasion_id=occasion_id, here=here)
    if order.cancelled_at is None:
        order.cancelled_at, order.cancelled_by = at, here.by
        session.flush()
    refresh_orders(session, [order.id], now=here.now)
    return order_view(order)


def take_back_lends(session: Session, *, occasion_id: uuid.UUID, at: datetime, here: Pass) -> None:
    """Voids the lends by which the occasion's pieces are out; those of a bag's pieces go with the
    bag's own."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Scan.id, Scan.code)
        .join(Loan, Loan.id == Scan.id)
        .where(Loan.occasion_id == occasion_id, Loan.closed_at.is_(None), Scan.of.is_(None))
        .where(Loan.site_id == here.site.id)
        .order_by(Scan.id)
    )
    scans = [
        ScanIn(
            uuid.uuid5(row.id, "cancelled"),
            Action.VOID,
            row.code,
            at,
            site=here.site.code,
            of=row.id,
        )
        for row in session.execute(query)
    ]
    if scans:
        record_scans(session, scans, actor=here.actor, keys=here.keys, now=here.now)
