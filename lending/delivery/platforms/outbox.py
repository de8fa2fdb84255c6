"""What platforms are to be told: queued with the change itself, claimed in order, settled."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.bulk import insert_rows
from lending.db import table_of
from lending.delivery.platforms.tables import Platform, Webhook
from lending.errors import Code, LendingError

LEASE = timedelta(minutes=2)  # longer than a whole batch may take; then a worker is taken for dead
GIVE_UP = timedelta(days=3)
KEPT = timedelta(days=90)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FIRST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(minutes=10)
DROPPED_AT_ONCE = 5000

_OPEN = (Webhook.delivered_at.is_(None), Webhook.gave_up_at.is_(None))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order's history that its platform is to be told."""

    platform_id: int
    district_id: int
    order_id: uuid.UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A webhook this worker may send until its lease ends; `order_id` None: a trial."""

    id: uuid.UUID
    platform_id: int
    order_id: uuid.UUID | None
    seq: int
    attempt: int
    created_at: datetime
    next_at: datetime


def queue_webhooks(session: Session, lines: Sequence[Line], *, now: datetime) -> int:
    """Queues lines for their platforms, as far as those are active and can be told; how many.

    In the transaction that writes the lines: neither is ever there without the other. A line that
    was queued before is left as it is. Two statements.
    """
    if not lines:
        return 0
    told = set(
        session.scalars(
            sa.select(Platform.id).where(
                Platform.id.in_({line.platform_id for line in lines}),
                Platform.active,
                Platform.callback_url.is_not(None),
            )
        )
    )
    rows = [
        _row(line.platform_id, line.district_id, line.order_id, line.seq, now)
        for line in lines
        if line.platform_id in told
    ]
    return insert_rows(session, table_of(Webhook), rows, skip_known=True)


def queue_trial(
    session: Session, *, platform_id: int, district_id: int, now: datetime
) -> uuid.UUID:
    """Queues a trial message, by which an officer sees whether the receiver answers; its id.

    NOT_FOUND (platform) for one of another district, stopped, or without an address.
    """
    told = sa.select(Platform.id).where(
        Platform.id == platform_id,
        Platform.district_id == district_id,
        Platform.active,
        Platform.callback_url.is_not(None),
    )
    if session.scalar(told) is None:
        raise LendingError(Code.NOT_FOUND, field="platform")
    row = _row(platform_id, district_id, None, 0, now)
    insert_rows(session, table_of(Webhook), [row])
    return uuid.UUID(str(row["id"]))


def platforms_due(session: Session, *, now: datetime) -> list[int]:
    """The platforms that something can be sent to now, by number."""
    query = (
        sa.select(Platform.id)
        .where(
            Platform.active,
            Platform.callback_url.is_not(None),
            sa.or_(Platform.rests_until.is_(None), Platform.rests_until <= now),
            sa.exists().where(Webhook.platform_id == Platform.id, *_claimable(now)),
        )
        .order_by(Platform.id)
    )
    return list(session.scalars(query))


def claim_webhooks(
    session: Session, *, platform_id: int, limit: int, now: datetime
) -> list[Claimed]:
    """Takes up to `limit` webhooks of a platform, of each order only the first that is still to
    be told; no other worker gets them until the lease ends."""
    earlier = aliased(Webhook)
    is_first = ~sa.exists().where(
        earlier.order_id == Webhook.order_id,
        earlier.seq < Webhook.seq,
        earlier.delivered_at.is_(None),
        earlier.gave_up_at.is_(None),
    )
    heads = (
        sa.select(Webhook.id)
        .where(Webhook.platform_id == platform_id, *_claimable(now), is_first)
        .order_by(Webhook.next_at, Webhook.created_at, Webhook.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        sa.update(Webhook)
        .where(Webhook.id.in_(heads.scalar_subquery()), *_claimable(now))
        .values(attempts=Webhook.attempts + 1, leased_until=now + LEASE)
        .returning(
            Webhook.id, Webhook.platform_id, Webhook.order_id, Webhook.seq, Webhook.attempts,
            Webhook.created_at, Webhook.next_at,
        )
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    return sorted((Claimed(*row) for row in taken), key=lambda one: (one.next_at, one.created_at))


def begin_webhook(session: Session, *, claimed: Claimed, now: datetime) -> bool:
    """Its turn has come and the lease begins anew; False when it is this worker's no more, so that
    a status never arrives after the one that followed it."""
    return _change(session, claimed, leased_until=now + LEASE)


def settle_taken(session: Session, *, claimed: Claimed, now: datetime) -> bool:
    """The platform has taken it; False when the webhook is this worker's no more."""
    if not _change(session, claimed, delivered_at=now, leased_until=None, error=None):
        return False
    session.execute(
        sa.update(Platform)
        .where(Platform.id == claimed.platform_id, Platform.failing_since.is_not(None))
        .values(failures=0, rests_until=None, failing_since=None, last_error=None)
        .execution_options(synchronize_session=False)
    )
    return True


def settle_failed(
    session: Session, *, claimed: Claimed, error: str, down: bool, now: datetime
) -> bool:
    """It was not taken: it waits, each time twice as long, an hour at most; where the receiver as a
    whole is `down`, no longer than that is left alone."""
    longest = LONGEST_REST if down else LONGEST_WAIT
    wait = min(FIRST_WAIT * 2 ** min(claimed.attempt - 1, 20), longest)
    return _change(session, claimed, next_at=now + wait, leased_until=None, error=error)


def put_back(session: Session, *, claimed: Claimed) -> bool:
    """It was not tried after all, and keeps its place in the queue."""
    return _change(session, claimed, attempts=claimed.attempt - 1, leased_until=None)


def let_rest(session: Session, *, platform_id: int, error: str, now: datetime) -> None:
    """The platform's receiver as a whole fails: it is left alone, each time twice as long, ten
    minutes at most, so that it is not run over when it comes back."""
    row = session.scalars(
        sa.select(Platform)
        .where(Platform.id == platform_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.rests_until = now + min(FIRST_REST * 2 ** min(row.failures, 20), LONGEST_REST)
    row.failures, row.last_error = row.failures + 1, error
    row.failing_since = row.failing_since or now
    session.flush()


def give_up_old(session: Session, *, now: datetime) -> int:
    """Gives up what could not be told for three days, and what a stopped platform was to be told;
    how many. What was never tried is tried first, however long the worker stood still."""
    stopped = sa.select(Platform.id).where(
        sa.or_(~Platform.active, Platform.callback_url.is_(None))
    )
    given_up = session.execute(
        sa.update(Webhook)
        .where(
            *_OPEN,
            Webhook.created_at <= now - GIVE_UP,
            sa.or_(Webhook.attempts > 0, Webhook.platform_id.in_(stopped)),
            sa.or_(Webhook.leased_until.is_(None), Webhook.leased_until <= now),
        )
        .values(gave_up_at=now)
        .returning(Webhook.id)
        .execution_options(synchronize_session=False)
    )
    return len(given_up.all())


def drop_old_webhooks(session: Session, *, now: datetime) -> int:
    """Deletes what was told or given up more than 90 days ago; how many, 5,000 at most."""
    over = (
        sa.select(Webhook.id)
        .where(
            sa.or_(Webhook.delivered_at.is_not(None), Webhook.gave_up_at.is_not(None)),
            Webhook.created_at < now - KEPT,
        )
        .limit(DROPPED_AT_ONCE)
    )
    gone = sa.delete(Webhook).where(Webhook.id.in_(over.scalar_subquery()))
    return len(session.execute(gone.returning(Webhook.id)).all())


def _claimable(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(Webhook.leased_until.is_(None), Webhook.leased_until <= now)
    return (*_OPEN, Webhook.next_at <= now, free)


def _row(
    platform_id: int, district_id: int, order_id: uuid.UUID | None, seq: int, now: datetime
) -> dict[str, object]:
    return {
        "id": uuid.uuid4(), "platform_id": platform_id, "district_id": district_id,
        "order_id": order_id, "seq": seq, "created_at": now, "next_at": now, "attempts": 0,
    }  # fmt: skip


def _change(session: Session, claimed: Claimed, **values: object) -> bool:
    changed = session.execute(
        sa.update(Webhook)
        .where(Webhook.id == claimed.id, Webhook.attempts == claimed.attempt, *_OPEN)
        .values(**values)
        .returning(Webhook.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
