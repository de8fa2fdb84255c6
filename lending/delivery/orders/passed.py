"""What an order went through between two looks at it: nobody is kept from hearing of it."""

import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.tables import Order, OrderChange, OrderStatus
from lending.requests.pickups.tables import Pickup
from lending.requests.pickups.take import CALLED_OFF

_BEFORE = {OrderStatus.PACKED, OrderStatus.PICKUP_REQUESTED}
_AFTER = {
    OrderStatus.PICKED_UP, OrderStatus.PART_RETURNED, OrderStatus.RETURNED, OrderStatus.LOST
}  # fmt: skip


def passed_between(
    session: Session, rows: Iterable[Order], now_are: Mapping[uuid.UUID, OrderStatus]
) -> dict[uuid.UUID, list[OrderStatus]]:
    """For each of these locked orders that comes to what `now_are` says: asked for and taken, where
    both happened since it was packed and neither was noted yet; one statement.

    Who asks and who takes know nothing of orders: it is read from the request that stands behind
    it. One that was called off left the order where it was.
    """
    moved = {row.id: row for row in rows if row.status in _BEFORE and now_are[row.id] in _AFTER}
    if not moved:
        return {}
    packed = (
        sa.select(sa.func.max(OrderChange.at))
        .where(OrderChange.order_id == Order.id, OrderChange.status == OrderStatus.PACKED)
        .scalar_subquery()
    )
    query = (
        sa.select(Order.id, sa.func.max(Pickup.taken_at))
        .join(Pickup, Pickup.occasion_id == Order.occasion_id)
        .where(Order.id.in_(moved), Pickup.asked_at >= packed)
        .where(sa.or_(Pickup.ending.is_(None), Pickup.ending.not_in(CALLED_OFF)))
        .group_by(Order.id)
    )
    found: dict[uuid.UUID, list[OrderStatus]] = {}
    for id, taken_at in session.execute(query):
        between = found.setdefault(id, [])
        if moved[id].status is OrderStatus.PACKED:
            between.append(OrderStatus.PICKUP_REQUESTED)
        if taken_at is not None and now_are[id] is not OrderStatus.PICKED_UP:
            between.append(OrderStatus.PICKED_UP)
    return found
