"""An order that was packed before its platform told of it: known by the number people say."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import JOINED_WITHIN
from lending.delivery.platforms.outbox import Line, queue_webhooks
from lending.delivery.platforms.signed import Caller
from lending.delivery.tables import Order, OrderChange


def adopt_packed(
    session: Session, *, caller: Caller, ref: str, site_id: int, number: str | None, now: datetime
) -> Order | None:
    """The one order that the shop packed lately under this number becomes the platform's; None
    where there is none, or more than one. What happened to it so far the platform is told."""
    if not number:
        return None
    found = session.scalars(
        sa.select(Order)
        .where(
            Order.site_id == site_id,
            Order.number == number,
            Order.platform_id.is_(None),
            Order.occasion_id.is_not(None),
            Order.reusable,
            Order.cancelled_at.is_(None),
            Order.made_at > now - JOINED_WITHIN,
        )
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != 1:
        return None
    row = found[0]
    row.platform_id, row.platform_ref = caller.platform_id, ref
    session.flush()
    seqs = session.scalars(
        sa.select(OrderChange.seq).where(OrderChange.order_id == row.id).order_by(OrderChange.seq)
    )
    lines = [Line(caller.platform_id, row.district_id, row.id, seq) for seq in seqs]
    queue_webhooks(session, lines, now=now)
    return row
