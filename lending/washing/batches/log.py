"""What a batch washed, as SQL over the log."""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from lending.loop.steps import Action
from lending.loop.tables import Scan, WashBatch


def stands(scan: Any) -> sa.ColumnElement[bool]:
    """SQL: a scan that no void takes out, counting a void that was itself voided as none."""
    void, second = aliased(Scan), aliased(Scan)
    undone = sa.exists().where(second.of == void.id, second.action == Action.VOID)
    return ~sa.exists().where(void.of == scan.id, void.action == Action.VOID, ~undone)


def washed_by(batch: WashBatch, scan: Any) -> sa.ColumnElement[bool]:
    """SQL: a wash scan of a batch; of an implicit one, whatever its site washed on its day without
    any."""
    by_day = sa.and_(
        scan.batch_id.is_(None),
        scan.site_id == batch.site_id,
        scan.occurred_at >= batch.started_at,
        scan.occurred_at < batch.ended_at,
    )
    named = by_day if batch.implicit else scan.batch_id == batch.id
    return sa.and_(scan.action == Action.WASH, named)


def washes_of(batches: Collection[uuid.UUID]) -> sa.Subquery:
    """SQL: (batch, item_id, occurred_at) of the standing washes of these batches, as `washed_by`.

    What names its batch and what fell on a day without one are two selects, each by an index of its
    own: as one condition a day's batches would each look through the whole day.
    """
    named = sa.select(Scan.batch_id.label("batch"), Scan.item_id, Scan.occurred_at).where(
        Scan.batch_id.in_(batches), Scan.action == Action.WASH, stands(Scan)
    )
    by_day = (
        sa.select(WashBatch.id, Scan.item_id, Scan.occurred_at)
        .join(
            Scan,
            sa.and_(
                Scan.batch_id.is_(None),
                Scan.site_id == WashBatch.site_id,
                Scan.occurred_at >= WashBatch.started_at,
                Scan.occurred_at < WashBatch.ended_at,
            ),
        )
        .where(WashBatch.id.in_(batches), WashBatch.implicit)
        .where(Scan.action == Action.WASH, stands(Scan))
    )
    return sa.union_all(named, by_day).subquery("washes")
