"""The one writer of an order's status: the row, the line of its history and what its platform is
to be told, together."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.outbox import Line, queue_webhooks
from lending.delivery.tables import Order, OrderChange, OrderStatus


def set_statuses(
    session: Session,
    statuses: Mapping[uuid.UUID, OrderStatus],
    *,
    now: datetime,
    between: Mapping[uuid.UUID, Sequence[OrderStatus]] = MappingProxyType({}),
) -> int:
    """Brings orders to these statuses, by order id; how many changed. A handful of statements.

    The rows are locked in the order of their ids; one that has the status already stays as it is.
    `between`: what an order that changes went through on the way, each a line of its own.
    """
    if not statuses:
        return 0
    rows = session.scalars(
        sa.select(Order)
        .where(Order.id.in_(statuses))
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    changed = [row for row in rows if row.status is not statuses[row.id] or not row.status_seq]
    lines = []
    for row in changed:
        for status in (*between.get(row.id, ()), statuses[row.id]):
            row.status, row.status_seq = status, row.status_seq + 1
            session.add(_change(row, now))
            if row.platform_id is not None:
                lines.append(Line(row.platform_id, row.district_id, row.id, row.status_seq))
    session.flush()
    queue_webhooks(session, lines, now=now)
    return len(changed)


def _change(row: Order, now: datetime) -> OrderChange:
    return OrderChange(
        order_id=row.id, seq=row.status_seq, district_id=row.district_id, status=row.status, at=now
    )
