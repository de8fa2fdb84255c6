"""An order that is none after all: cancelled, and what was packed for it back on the shelf."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import Pass, lock_order
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.views import OrderView, order_view
from lending.errors import Code, LendingError
from lending.loop.loans.occasions import OccasionLoan, loans_of
from lending.loop.record import OWN_VOID, record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Loan, Scan
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.requests.pickups.views import PickupView, pickups_of_orders


def cancel_order(
    session: Session, *, occasion_id: uuid.UUID, at: datetime, here: Pass
) -> OrderView:
    """Cancels the shop's order and takes back what was lent for it; again: nothing changes.

    A lend of more than 24 hours ago stays (a shop may not take it back): it ends by its return.
    NOT_FOUND (order), CONFLICT (order: some of it is back, or with a courier). Raises
    ChangedMeanwhile as record_scans does.
    """
    loans = loans_of(session, [occasion_id])[occasion_id]
    pickup = pickups_of_orders(session, occasion_ids=[occasion_id]).get(occasion_id)
    if not is_at_hand(loans, pickup):
        raise LendingError(Code.CONFLICT, field="order")
    take_back_lends(session, occasion_id=occasion_id, at=at, here=here)
    order = lock_order(session, occasion_id=occasion_id, here=here)
    if order.cancelled_at is None:
        order.cancelled_at, order.cancelled_by = at, here.by
        session.flush()
    refresh_orders(session, [order.id], now=here.now)
    return order_view(order)


def is_at_hand(loans: Sequence[OccasionLoan], pickup: PickupView | None) -> bool:
    """Whether nothing of the order came back yet and no courier took it: somebody may have asked
    for pick-up of what never left the shop."""
    return not (pickup and pickup.taken_at) and all(loan.closed_at is None for loan in loans)


def may_cancel(
    loans: Sequence[OccasionLoan], pickup: PickupView | None, *, actor: Actor, now: datetime
) -> bool:
    """Whether all of it would stand on the shelf again if the order were cancelled now: a shop
    takes its own scans back for a day, an officer any."""
    if not loans or not is_at_hand(loans, pickup):
        return False
    return actor.role is Role.OFFICER or now - min(one.opened_at for one in loans) <= OWN_VOID


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
