"""What a piece's page says of its hygiene: its last wash, the reading of that batch, a recall."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.steps import Action
from lending.loop.tables import Scan, WashBatch
from lending.washing.batches.log import stands
from lending.washing.hygiene.plan import ATP
from lending.washing.hygiene.tables import HygieneTest, Reach, Recall, RecallPiece, TestKind


@dataclass(frozen=True, slots=True)
class PieceHygiene:
    """A piece's last batch, for its page: washed when, passed when, the ATP reading if any.

    `batch_id` None: its last wash belonged to no machine's batch. `recalled`: a recall that was
    confirmed holds it."""

    batch_id: uuid.UUID | None
    washed_at: datetime
    passed_at: datetime | None
    value: float | None
    limit: float | None
    unit: str | None
    passed: bool | None
    recalled: bool


def load_piece_hygiene(session: Session, *, item_id: int) -> PieceHygiene | None:
    """What a piece's page says of its last wash; None for one never washed. One statement, which
    finds all it joins by a key: the page is read by everybody who holds a cup."""
    wash = (
        sa.select(Scan.batch_id, Scan.site_id, Scan.occurred_at)
        .where(Scan.item_id == item_id, Scan.action == Action.WASH, stands(Scan))
        .order_by(Scan.occurred_at.desc(), Scan.id)
        .limit(1)
        .cte("wash")
    )
    passing = aliased(Scan)
    passed_at = sa.select(sa.func.max(passing.occurred_at)).where(
        passing.item_id == item_id, passing.action == Action.PASS,
        passing.occurred_at >= wash.c.occurred_at, stands(passing),
    )  # fmt: skip
    columns = (HygieneTest.value, HygieneTest.limit, TestKind.unit, HygieneTest.passed)
    query = (
        sa.select(
            wash.c.batch_id, wash.c.occurred_at, passed_at.scalar_subquery(), *columns,
            _recalled(item_id),
        )
        .select_from(wash)
        .outerjoin(HygieneTest, HygieneTest.id == _reading(wash))
        .outerjoin(TestKind, TestKind.id == HygieneTest.kind_id)
    )  # fmt: skip
    row = session.execute(query).one_or_none()
    return None if row is None else PieceHygiene(*row)


def _recalled(item_id: int) -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(RecallPiece.item_id == item_id, RecallPiece.reach == Reach.HELD)
        .where(RecallPiece.ended_how.is_(None), Recall.id == RecallPiece.recall_id)
        .where(Recall.confirmed_at.is_not(None), Recall.closed_at.is_(None))
    )


def _reading(wash: sa.CTE) -> sa.ScalarSelect[uuid.UUID]:
    """SQL: the last ATP reading of the batch of this wash, or of its site's day without a machine.

    One over the limit counts once its recall was confirmed: what may be mistyped alarms nobody
    outside.
    """
    by_day = (
        sa.select(WashBatch.id)
        .where(WashBatch.implicit, WashBatch.site_id == wash.c.site_id)
        .where(WashBatch.started_at <= wash.c.occurred_at, WashBatch.ended_at > wash.c.occurred_at)
        .limit(1)
    )
    test, kind = aliased(HygieneTest), aliased(TestKind)
    confirmed = sa.exists().where(
        Recall.test_id.in_([test.id, test.corrects_id, test.retest_of_id]),
        Recall.confirmed_at.is_not(None),
    )
    return (
        sa.select(test.id)
        .join(kind, kind.id == test.kind_id)
        .where(test.batch_id == sa.func.coalesce(wash.c.batch_id, by_day.scalar_subquery()))
        .where(kind.code == ATP, ~test.superseded, test.value.is_not(None))
        .where(sa.or_(test.passed.is_(True), confirmed))
        .order_by(test.sampled_at.desc(), test.recorded_at.desc())
        .limit(1)
        .correlate(wash)
        .scalar_subquery()
    )
