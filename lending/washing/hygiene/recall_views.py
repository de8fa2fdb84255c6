"""A recall as it stands now: what is back, what is set aside, and where the rest is."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, WashBatch
from lending.places.tables import Site
from lending.washing.batches.tables import WashMachine
from lending.washing.hygiene.counted_reach import CountedReach, counted_reach
from lending.washing.hygiene.tables import (
    Ending,
    HygieneTest,
    Reach,
    Recall,
    RecallPiece,
    Scope,
    TestKind,
)

MOST_PIECES = 500
NOT_THERE = (State.LENT, State.LOST, State.SHIPPED, State.COLLECTED)


@dataclass(frozen=True, slots=True)
class RecallLine:
    """A recall in a list: what failed, by how much, and how many pieces it still holds."""

    id: uuid.UUID
    site: str
    kind: str
    unit: str
    value: float
    limit: float
    scope: Scope
    batch_id: uuid.UUID | None
    machine: str | None
    opened_at: datetime
    opened_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    escalated_at: datetime | None
    closed_at: datetime | None
    closed_how: Ending | None
    reason: str | None
    held: int  # pieces it has ever held
    open: int  # of them, those not ended yet


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """Held pieces in one state at one place, and how many of them were set aside there."""

    site: str
    site_name: str
    site_name_en: str
    state: State
    count: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class PieceLine:
    """One piece of a recall and where it is; `ended_how` None while the recall holds it."""

    code: str
    kind: str
    reach: Reach
    state: State
    site: str
    washed_at: datetime
    set_aside_at: datetime | None
    ended_how: Ending | None


@dataclass(frozen=True, slots=True)
class RecallView:
    """`back`: held pieces that are at the centre or ended; `out`: those with a borrower; `lost`:
    nobody knows where; `elsewhere`: the others. `washed_later` and `retired` are listed, not held."""

    line: RecallLine
    places: list[PlaceLine]
    pieces: list[PieceLine]
    counted: list[CountedReach]
    back: int
    out: int
    lost: int
    elsewhere: int
    washed_later: int
    retired: int


def list_recalls(session: Session, *, district_id: int, is_open: bool = True) -> list[RecallLine]:
    """The open recalls of a district, or the 100 that closed last; the latest first."""
    which = Recall.closed_at.is_(None) if is_open else Recall.closed_at.is_not(None)
    order = Recall.opened_at if is_open else Recall.closed_at
    query = _lines().where(Recall.district_id == district_id, which)
    rows = session.execute(query.order_by(order.desc(), Recall.id).limit(100))
    return [_line(row) for row in rows]


def view_recall(session: Session, *, recall_id: uuid.UUID, district_id: int) -> RecallView:
    """One recall as it stands; NOT_FOUND (field recall). At most 500 pieces, counts of all."""
    query = _lines().where(Recall.id == recall_id, Recall.district_id == district_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="recall")
    line = _line(row)
    counts = session.execute(_counts(recall_id)).all()
    open_ = [one for one in counts if one.reach is Reach.HELD and not one.ended]
    places = [
        PlaceLine(
            one.code, one.name, one.name_en, one.state, one.pieces, int(one.set_aside or 0)
        )
        for one in open_
    ]  # fmt: skip
    ended = sum(one.pieces for one in counts if one.reach is Reach.HELD and one.ended)
    out = sum(one.pieces for one in open_ if one.state is State.LENT)
    lost = sum(one.pieces for one in open_ if one.state is State.LOST)
    here = sum(one.pieces for one in open_ if one.code == line.site and _is_there(one.state))
    return RecallView(
        line,
        places,
        [PieceLine(*piece) for piece in session.execute(_pieces(recall_id))],
        counted_reach(session, recall_id=recall_id),
        back=ended + here,
        out=out,
        lost=lost,
        elsewhere=sum(one.pieces for one in open_) - out - lost - here,
        washed_later=sum(one.pieces for one in counts if one.reach is Reach.WASHED_LATER),
        retired=sum(one.pieces for one in counts if one.reach is Reach.RETIRED),
    )


def _is_there(state: State) -> bool:
    return state not in NOT_THERE


def _lines() -> sa.Select[*tuple[Any, ...]]:
    held = sa.select(sa.func.count()).where(
        RecallPiece.recall_id == Recall.id, RecallPiece.reach == Reach.HELD
    )
    still = held.where(RecallPiece.ended_how.is_(None))
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Recall, Site.code, TestKind.code, TestKind.unit, HygieneTest.value, HygieneTest.limit,
            sa.func.coalesce(WashBatch.machine_id, Recall.machine_id), WashMachine.name,
            held.correlate(Recall).scalar_subquery(), still.correlate(Recall).scalar_subquery(),
        )
        .join(Site, Site.id == Recall.site_id)
        .join(HygieneTest, HygieneTest.id == Recall.test_id)
        .join(TestKind, TestKind.id == HygieneTest.kind_id)
        .outerjoin(WashBatch, WashBatch.id == Recall.batch_id)
        .outerjoin(
            WashMachine,
            WashMachine.id == sa.func.coalesce(WashBatch.machine_id, Recall.machine_id),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return query


def _line(row: Any) -> RecallLine:
    recall, site, kind, unit, value, limit, _machine_id, machine, held, still = row
    return RecallLine(
        recall.id, site, kind, unit, value, limit, recall.scope, recall.batch_id, machine,
        recall.opened_at, recall.opened_by, recall.confirmed_at, recall.confirmed_by,
        recall.escalated_at, recall.closed_at, recall.closed_how, recall.reason, held, still,
    )  # fmt: skip


def _counts(recall_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    ended = RecallPiece.ended_how.is_not(None)
    aside = sa.func.sum(sa.case((RecallPiece.set_aside_at.is_not(None), 1), else_=0))
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Site.code, Site.name, Site.name_en, Item.state, RecallPiece.reach,
            ended.label("ended"), sa.func.count().label("pieces"), aside.label("set_aside"),
        )
        .join(Item, Item.id == RecallPiece.item_id)
        .join(Site, Site.id == Item.site_id)
        .where(RecallPiece.recall_id == recall_id)
        .group_by(Site.code, Site.name, Site.name_en, Item.state, RecallPiece.reach, ended)
        .order_by(Site.code, Item.state)
    )  # fmt: skip
    return query


def _pieces(recall_id: uuid.UUID) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Item.code, ItemKind.code, RecallPiece.reach, Item.state, Site.code,
            RecallPiece.washed_at, RecallPiece.set_aside_at, RecallPiece.ended_how,
        )
        .join(Item, Item.id == RecallPiece.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Site, Site.id == Item.site_id)
        .where(RecallPiece.recall_id == recall_id)
        .order_by(RecallPiece.ended_how.is_not(None), RecallPiece.reach, Site.code, Item.code)
        .limit(MOST_PIECES)
    )  # fmt: skip
    return query
