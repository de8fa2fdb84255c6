"""Batches as they are shown: what is in them, their stages and readings; a few statements."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.tables import Item, ItemKind, WashBatch
from lending.places.tables import Site
from lending.wares.tables import CountedMove
from lending.wares.ways import Why
from lending.washing.batches.log import washes_of
from lending.washing.batches.tables import (
    BatchCount,
    BatchItem,
    BatchReading,
    BatchStage,
    Measure,
    Stage,
    WashMachine,
    WashProgramme,
)

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One value: °C, grams per litre or seconds, as its measure says."""

    measure: Measure
    value: float
    stage: Stage | None
    at: datetime
    noted_by: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch. `kinds`: pieces by kind's code, those in its crates included; `counted`: quantities
    by kind's code; `over_capacity`: more pieces than its machine takes; `too_cold`: its warmest
    reading lies under what the programme asks for (None without a reading or a minimum)."""

    id: uuid.UUID
    site_id: int
    site: str
    machine_id: int | None
    machine: str | None
    programme: str | None
    stages: tuple[Stage, ...]
    implicit: bool
    day: date | None
    started_at: datetime
    ended_at: datetime | None
    aborted_at: datetime | None
    begun_by: str
    ended_by: str | None
    awaits_result: bool
    note: str
    kinds: dict[str, int]
    crates: int
    counted: dict[str, int]
    capacity: int
    min_temperature: float | None
    began: dict[Stage, datetime]
    readings: tuple[ReadingView, ...]

    @property
    def pieces(self) -> int:
        """Pieces with a code."""
        return sum(self.kinds.values())

    @property
    def over_capacity(self) -> bool:
        """Whether it holds more than its machine takes."""
        return 0 < self.capacity < self.pieces + sum(self.counted.values())

    @property
    def too_cold(self) -> bool | None:
        """Whether it never came to the temperature its programme asks for."""
        heat = [one.value for one in self.readings if one.measure is Measure.TEMPERATURE]
        if self.min_temperature is None or not heat:
            return None
        return max(heat) < self.min_temperature


def load_batch(session: Session, *, batch_id: uuid.UUID, district_id: int) -> BatchView:
    """One batch; NOT_FOUND (field batch)."""
    mine = (WashBatch.id == batch_id) & (WashBatch.district_id == district_id)
    found = _views(session, mine, WashBatch.id)
    if not found:
        raise LendingError(Code.NOT_FOUND, field="batch")
    return found[0]


def list_open_batches(session: Session, *, site_id: int) -> list[BatchView]:
    """The batches of a centre that are neither finished nor aborted, the oldest first."""
    is_open = sa.and_(
        WashBatch.site_id == site_id, WashBatch.ended_at.is_(None), WashBatch.aborted_at.is_(None)
    )
    return _views(session, is_open, WashBatch.started_at)


def list_batches(
    session: Session, *, site_id: int, begins: datetime, ends: datetime
) -> list[BatchView]:
    """The batches of a centre that started in [begins, ends), the latest first, at most 100."""
    within = sa.and_(
        WashBatch.site_id == site_id, WashBatch.started_at >= begins, WashBatch.started_at < ends
    )
    return _views(session, within, WashBatch.started_at.desc())


def load_batches(
    session: Session, which: sa.ColumnElement[bool], *, limit: int | None = MOST_SHOWN
) -> list[BatchView]:
    """The batches that `which` (over WashBatch) names, in the order they began."""
    return _views(session, which, WashBatch.started_at, limit)


def _views(
    session: Session, which: sa.ColumnElement[bool], order: Any, limit: int | None = MOST_SHOWN
) -> list[BatchView]:
    query = (
        sa.select(WashBatch, Site.code, WashMachine.name, WashMachine.capacity, WashProgramme)
        .join(Site, Site.id == WashBatch.site_id)
        .outerjoin(WashMachine, WashMachine.id == WashBatch.machine_id)
        .outerjoin(WashProgramme, WashProgramme.id == WashBatch.programme_id)
        .where(which)
        .order_by(order, WashBatch.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).all()
    batches = [row[0] for row in rows]
    kinds, crates = _contents(session, batches)
    counted, began = _counted(session, batches), _stages(session, batches)
    readings = _readings(session, batches)
    views = []
    for batch, site, machine, capacity, programme in rows:
        views.append(
            BatchView(
                batch.id, batch.site_id, site, batch.machine_id, machine, programme.name if programme else None,
                tuple(Stage(one) for one in programme.stages) if programme else (),
                batch.implicit, batch.day, batch.started_at, batch.ended_at, batch.aborted_at,
                batch.begun_by, batch.ended_by, batch.awaits_result, batch.note or "",
                kinds[batch.id], crates[batch.id], counted[batch.id], capacity or 0,
                programme.min_temperature if programme else None, began[batch.id],
                tuple(readings[batch.id]),
            )
        )  # fmt: skip
    return views


def _contents(
    session: Session, batches: Sequence[WashBatch]
) -> tuple[dict[uuid.UUID, dict[str, int]], dict[uuid.UUID, int]]:
    """Pieces by kind and crates of each batch: of an ended one by the log, else what is in it now."""
    ended = [one.id for one in batches if one.ended_at is not None]
    running = [one.id for one in batches if one.ended_at is None]
    kinds: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    crates: dict[uuid.UUID, int] = defaultdict(int)
    crate = aliased(BatchItem)
    washes = washes_of(ended)
    log = sa.select(washes.c.batch, washes.c.item_id)
    put = sa.select(BatchItem.batch_id, BatchItem.item_id).where(BatchItem.batch_id.in_(running))
    carried = (
        sa.select(crate.batch_id, Item.id)
        .join(Item, Item.crate_id == crate.item_id)
        .where(crate.batch_id.in_(running))
    )
    inside = sa.union(log, put, carried).subquery()
    query = (
        sa.select(inside.c.batch, ItemKind.code, Item.carrier, sa.func.count())
        .join(Item, Item.id == inside.c.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .group_by(inside.c.batch, ItemKind.code, Item.carrier)
        .order_by(ItemKind.code)
    )
    for batch, kind, carrier, count in session.execute(query):
        if carrier:
            crates[batch] += count
        else:
            kinds[batch][kind] = count
    return kinds, crates


def _counted(session: Session, batches: Collection[WashBatch]) -> dict[uuid.UUID, dict[str, int]]:
    """Counted ware of each batch: of an ended one by the ledger, what was in its crates included,
    else what was put in loose."""
    ended = [one.id for one in batches if one.ended_at is not None]
    running = [one.id for one in batches if one.ended_at is None]
    loose = sa.select(BatchCount.batch_id, BatchCount.kind_id, BatchCount.quantity)
    washed = sa.select(CountedMove.batch_id, CountedMove.kind_id, CountedMove.quantity)
    both = sa.union_all(
        loose.where(BatchCount.batch_id.in_(running)),
        washed.where(CountedMove.batch_id.in_(ended), CountedMove.why == Why.WASHED),
    ).subquery()
    query = (
        sa.select(both.c.batch_id, ItemKind.code, sa.func.sum(both.c.quantity))
        .join(ItemKind, ItemKind.id == both.c.kind_id)
        .group_by(both.c.batch_id, ItemKind.code)
        .order_by(ItemKind.code)
    )
    found: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for batch, kind, quantity in session.execute(query):
        found[batch][kind] = int(quantity)
    return found


def _stages(
    session: Session, batches: Collection[WashBatch]
) -> dict[uuid.UUID, dict[Stage, datetime]]:
    query = sa.select(BatchStage.batch_id, BatchStage.stage, BatchStage.began_at).where(
        BatchStage.batch_id.in_([one.id for one in batches])
    )
    found: dict[uuid.UUID, dict[Stage, datetime]] = defaultdict(dict)
    for batch, stage, began in session.execute(query.order_by(BatchStage.began_at)):
        found[batch][stage] = began
    return found


def _readings(
    session: Session, batches: Collection[WashBatch]
) -> dict[uuid.UUID, list[ReadingView]]:
    query = sa.select(BatchReading).where(BatchReading.batch_id.in_([one.id for one in batches]))
    found: dict[uuid.UUID, list[ReadingView]] = defaultdict(list)
    for one in session.scalars(query.order_by(BatchReading.at, BatchReading.id)):
        found[one.batch_id].append(
            ReadingView(one.measure, one.value, one.stage, one.at, one.noted_by)
        )
    return found
