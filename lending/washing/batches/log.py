"""What a batch washed, as SQL over the log."""

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


def washed_by(batch: WashBatch | type[WashBatch], scan: Any) -> sa.ColumnElement[bool]:
    """SQL: a wash scan of a batch; of an implicit one, whatever its site washed on its day without
    any."""
    by_day = sa.and_(
        scan.batch_id.is_(None),
        scan.site_id == batch.site_id,
        scan.occurred_at >= batch.started_at,
        scan.occurred_at < batch.ended_at,
    )
    if isinstance(batch, WashBatch):
        named = by_day if batch.implicit else scan.batch_id == batch.id
    else:
        named = sa.or_(scan.batch_id == batch.id, sa.and_(batch.implicit, by_day))
    return sa.and_(scan.action == Action.WASH, named)
