"""Which counted ware a recall reaches: what its batches washed, and the crates it may have left in."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.tables import ItemKind, WashBatch
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.ways import Condition, Why
from lending.washing.hygiene.reach import batches_reached
from lending.washing.hygiene.tables import Recall, RecallCount

GOOD = (Condition.CLEAN, Condition.WASHED)


@dataclass(frozen=True, slots=True)
class CountedReach:
    """Counted ware of one kind under a recall: `wanted` were washed in its batches, `held` of them
    found; the others went out with nothing to know them by."""

    kind: str
    wanted: int
    held: int


def counted_reach(session: Session, *, recall_id: uuid.UUID) -> list[CountedReach]:
    """The counted ware under a recall, by kind."""
    query = (
        sa.select(ItemKind.code, RecallCount.wanted, RecallCount.held)
        .join(ItemKind, ItemKind.id == RecallCount.kind_id)
        .where(RecallCount.recall_id == recall_id)
        .order_by(ItemKind.code)
    )
    return [CountedReach(*row) for row in session.execute(query)]


def washed_of(session: Session, recall: Recall) -> list[tuple[int, int | None, int]]:
    """(kind, crate it was washed in, pieces) of a recall's batches."""
    query = (
        sa.select(CountedMove.kind_id, CountedAccount.crate_id, sa.func.sum(CountedMove.quantity))
        .join(WashBatch, WashBatch.id == CountedMove.batch_id)
        .join(CountedAccount, CountedAccount.id == CountedMove.to_id)
        .where(batches_reached(recall), CountedMove.why == Why.WASHED)
        .group_by(CountedMove.kind_id, CountedAccount.crate_id)
    )
    return [(row[0], row[1], int(row[2])) for row in session.execute(query)]


def crates_reached(session: Session, recall: Recall, kinds: Collection[int]) -> set[int]:
    """The crates (their items' ids) in which ware of a recall may have left the centre: washed in
    them, or packed into them since."""
    own = {crate for _kind, crate, _quantity in washed_of(session, recall) if crate is not None}
    return own | packed_since(session, recall, kinds)


def washed_from(recall: Recall) -> sa.ScalarSelect[datetime | None]:
    """SQL: when the first of a recall's batches was finished."""
    ended = sa.select(sa.func.min(WashBatch.ended_at)).where(batches_reached(recall))
    return ended.scalar_subquery()


def packed_since(session: Session, recall: Recall, kinds: Collection[int]) -> set[int]:
    """The crates into which ware of a recall's kinds was packed at the centre since its wash."""
    source = aliased(CountedAccount)
    target = aliased(CountedAccount)
    query = (
        sa.select(target.crate_id)
        .select_from(CountedMove)
        .join(source, source.id == CountedMove.from_id)
        .join(target, target.id == CountedMove.to_id)
        .where(CountedMove.why == Why.PACKED, source.site_id == recall.site_id)
        .where(CountedMove.kind_id.in_(kinds), CountedMove.at >= washed_from(recall))
        .distinct()
    )
    return {crate for crate in session.scalars(query) if crate is not None}
