"""The one writer of an order's status: the row, the line of its history and what its platform is
to be told, together."""

import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.outbox import Line, queue_webhooks
from lending.delivery.tables import Order, OrderChange, OrderStatus


def set_statuses(
    session: Session, statuses: Mapping[uuid.UUID, OrderStatus], *, now: datetime
) -> int:
    """Brings orders to these statuses, by order id; how many changed. A handful of statements.

    The rows are locked in the order of their ids; one that has the status already stays as it is.
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
    for row in changed:
        row.status, row.status_seq = statuses[row.id], row.status_seq + 1
        session.add(
            OrderChange(
                order_id=row.id,
                seq=row.status_seq,
                district_id=row.district_id,
                status=row.status,
                at=now,
            )
        )
    session.flush()
    lines = [
        Line(row.platform_id, row.district_id, row.id, row.status_seq)
        for row in changed
        if row.platform_id is not None
    ]
    queue_webhooks(session, lines, now=now)
    return len(changed)
