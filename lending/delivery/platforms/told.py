"""What platforms were told, are still to be told, and could not be told."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.tables import Webhook
from lending.delivery.tables import Order, OrderChange, OrderStatus


class Fate(StrEnum):
    """What became of a webhook."""

    TOLD = "told"
    WAITS = "waits"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One webhook. `ref`, `status`: of the order, None for a trial; `next_at`: when it is tried."""

    id: uuid.UUID
    ref: str | None
    status: OrderStatus | None
    created_at: datetime
    attempts: int
    error: str | None
    next_at: datetime
    delivered_at: datetime | None
    gave_up_at: datetime | None

    @property
    def fate(self) -> Fate:
        if self.delivered_at is not None:
            return Fate.TOLD
        return Fate.WAITS if self.gave_up_at is None else Fate.GIVEN_UP


Key = tuple[datetime, uuid.UUID]  # of the last webhook of a page


def list_webhooks(
    session: Session,
    *,
    platform_id: int,
    after: Key | None = None,
    untold: bool = False,
    limit: int = 50,
) -> list[WebhookView]:
    """At most `limit` webhooks, the newest first, from the one below `after` on; with `untold`
    only those that were never taken."""
    query = (
        sa.select(
            Webhook.id, Order.platform_ref, OrderChange.status, Webhook.created_at,
            Webhook.attempts, Webhook.error, Webhook.next_at, Webhook.delivered_at,
            Webhook.gave_up_at,
        )
        .outerjoin(Order, Order.id == Webhook.order_id)
        .outerjoin(
            OrderChange,
            sa.and_(OrderChange.order_id == Webhook.order_id, OrderChange.seq == Webhook.seq),
        )
        .where(Webhook.platform_id == platform_id)
        .order_by(Webhook.created_at.desc(), Webhook.id.desc())
        .limit(limit)
    )  # fmt: skip
    if untold:
        query = query.where(Webhook.delivered_at.is_(None))
    if after is not None:
        at, id = after
        older = sa.and_(Webhook.created_at == at, Webhook.id < id)
        query = query.where(sa.or_(Webhook.created_at < at, older))
    return [WebhookView(*row) for row in session.execute(query)]


def count_waiting(session: Session, *, district_id: int) -> dict[int, int]:
    """How many webhooks are still to be told, by platform; one statement."""
    query = (
        sa.select(Webhook.platform_id, sa.func.count())
        .where(
            Webhook.district_id == district_id,
            Webhook.delivered_at.is_(None),
            Webhook.gave_up_at.is_(None),
        )
        .group_by(Webhook.platform_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
