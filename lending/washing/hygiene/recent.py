"""Batches that a sample may be of."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.washing.batches.tables import WashMachine


@dataclass(frozen=True, slots=True)
class RecentBatch:
    """A batch that a sample may be of; `day` of what was washed without a machine."""

    id: uuid.UUID
    machine: str | None
    day: date | None
    started_at: datetime
    ended_at: datetime | None
    awaits_result: bool


def list_recent_batches(
    session: Session, *, site_id: int, now: datetime, most: int = 40
) -> list[RecentBatch]:
    """The batches of a centre's last three days that were not aborted, the latest first."""
    query = (
        _batches()
        .where(WashBatch.site_id == site_id, WashBatch.aborted_at.is_(None))
        .where(WashBatch.started_at >= now - timedelta(days=3))
        .order_by(WashBatch.started_at.desc(), WashBatch.id)
        .limit(most)
    )
    return [RecentBatch(*row) for row in session.execute(query)]


def find_batch(session: Session, *, batch_id: uuid.UUID, district_id: int) -> RecentBatch:
    """A batch that a sample may be of; NOT_FOUND (field batch)."""
    query = _batches().where(WashBatch.id == batch_id, WashBatch.district_id == district_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="batch")
    return RecentBatch(*row)


def _batches() -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        WashBatch.id, WashMachine.name, WashBatch.day, WashBatch.started_at, WashBatch.ended_at,
        WashBatch.awaits_result,
    ).outerjoin(WashMachine, WashMachine.id == WashBatch.machine_id)  # fmt: skip
    return query
