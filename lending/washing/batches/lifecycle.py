"""A wash batch from its begin to its end: begun, its stages and readings noted, finished, aborted."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.people.actors import Actor, ActorKind
from lending.people.sealing import Keys
from lending.people.upserts import insert_or
from lending.places.sites import SiteView
from lending.places.texts import Problem, read_text
from lending.washing.batches.counts import wash_counted
from lending.washing.batches.rights import (
    check_washer,
    lock_batch,
    read_moment,
    read_number,
    signed,
)
from lending.washing.batches.tables import (
    BatchItem,
    BatchReading,
    BatchStage,
    Measure,
    Stage,
    WashMachine,
    WashProgramme,
)
from lending.washing.batches.views import BatchView, load_batch
from lending.washing.batches.wash import wash_items
from lending.washing.hygiene.plan import is_to_be_sampled

LEAST = {Measure.TEMPERATURE: -30.0, Measure.DETERGENT: 0.0, Measure.TIME: 0.0}
MOST = {Measure.TEMPERATURE: 200.0, Measure.DETERGENT: 1_000.0, Measure.TIME: 86_400.0}


@dataclass(frozen=True, slots=True)
class BatchIn:
    """A batch to be begun; `id` is the request's. `staff_id`: the operator, where a tablet acts."""

    id: uuid.UUID
    started_at: datetime
    machine_id: int | None = None
    programme_id: int | None = None
    staff_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a batch, by one request: `id`."""

    id: uuid.UUID
    batch_id: uuid.UUID
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingIn:
    """A value as typed or sent, without its unit: °C, grams per litre or seconds."""

    id: uuid.UUID
    batch_id: uuid.UUID
    measure: Measure
    value: str | float
    at: datetime
    stage: Stage | None = None


def begin_batch(
    session: Session, batch: BatchIn, *, actor: Actor, site: SiteView, now: datetime
) -> BatchView:
    """Begins a batch at a centre; the same request again shows it, another under its id is
    ID_REUSED. INVALID names the field of a machine or programme that is not there."""
    check_washer(actor, site.id)
    started = read_moment(batch.started_at, "started_at", now=now)
    _check_parts(session, batch, site)
    row = {
        "id": batch.id,
        "district_id": site.district_id,
        "site_id": site.id,
        "machine_id": batch.machine_id,
        "programme_id": batch.programme_id,
        "implicit": False,
        "started_at": started,
        "recorded_at": now,
        "begun_by": signed(actor),
        "staff_id": actor.id if actor.kind is ActorKind.STAFF else batch.staff_id,
        "awaits_result": False,
        "note": read_text(batch.note, "note", longest=500, empty=True),
    }
    made = insert_or(session, WashBatch).values(row).on_conflict_do_nothing()
    if session.execute(made.returning(WashBatch.id)).first() is None:
        known = session.execute(
            sa.select(WashBatch.site_id, WashBatch.machine_id, WashBatch.programme_id).where(
                WashBatch.id == batch.id
            )
        ).one()
        if tuple(known) != (site.id, batch.machine_id, batch.programme_id):
            raise LendingError(Code.ID_REUSED, field="id")
    return load_batch(session, batch_id=batch.id, district_id=actor.district_id)


def finish_batch(
    session: Session, end: Ending, *, actor: Actor, keys: Keys, now: datetime
) -> BatchView:
    """Ends a batch: all in it is washed at that moment.

    The same request again changes nothing; another one for a batch that is over is CONFLICT (field
    batch). INVALID (field ended_at) for an end before its start or still to come.
    """
    batch = lock_batch(session, end.batch_id, actor=actor)
    if _is_over(batch, end.id):
        return load_batch(session, batch_id=batch.id, district_id=batch.district_id)
    ended = read_moment(end.ended_at, "ended_at", now=now)
    if ended < batch.started_at:
        raise LendingError(Code.INVALID, field="ended_at", detail=Problem.BEFORE_START)
    batch.ended_at, batch.ended_by, batch.finish_id = ended, signed(actor), end.id
    batch.awaits_result = is_to_be_sampled(session, batch)
    session.flush()
    items = _close_items(session, batch.id)
    wash_items(session, batch, items, actor=actor, keys=keys, now=now)
    wash_counted(session, batch, actor=actor, now=now)
    return load_batch(session, batch_id=batch.id, district_id=batch.district_id)


def abort_batch(session: Session, end: Ending, *, actor: Actor, now: datetime) -> BatchView:
    """Ends a batch that washed nothing: the machine stopped. Repeats and errors as finish_batch."""
    batch = lock_batch(session, end.batch_id, actor=actor)
    if not _is_over(batch, end.id):
        batch.aborted_at = read_moment(end.ended_at, "ended_at", now=now)
        batch.ended_by, batch.finish_id = signed(actor), end.id
        session.flush()
        _close_items(session, batch.id)
    return load_batch(session, batch_id=batch.id, district_id=batch.district_id)


def note_stage(
    session: Session,
    *,
    batch_id: uuid.UUID,
    stage: Stage,
    at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """When a stage began; the first word counts. INVALID (stage) for one the programme lacks."""
    batch = lock_batch(session, batch_id, actor=actor)
    stages = session.scalar(
        sa.select(WashProgramme.stages).where(WashProgramme.id == batch.programme_id)
    )
    if stages is not None and stage.value not in stages:
        raise LendingError(Code.INVALID, field="stage")
    began = read_moment(at, "at", now=now)
    if began < batch.started_at or began > (batch.ended_at or now):
        raise LendingError(Code.INVALID, field="at", detail=Problem.OUT_OF_RANGE)
    row = {"batch_id": batch_id, "stage": stage, "began_at": began, "noted_by": signed(actor)}
    session.execute(insert_or(session, BatchStage).values(row).on_conflict_do_nothing())


def note_reading(session: Session, reading: ReadingIn, *, actor: Actor, now: datetime) -> None:
    """A reading of the machine; also after the batch ended. The same request again changes nothing.

    INVALID (field value) with a unit or out of any machine's range; ID_REUSED (id) where the id
    stands for another reading.
    """
    batch = lock_batch(session, reading.batch_id, actor=actor)
    least, most = LEAST[reading.measure], MOST[reading.measure]
    row = {
        "id": reading.id,
        "batch_id": batch.id,
        "stage": reading.stage,
        "measure": reading.measure,
        "value": read_number(reading.value, "value", least=least, most=most),
        "at": read_moment(reading.at, "at", now=now),
        "recorded_at": now,
        "noted_by": signed(actor),
    }
    made = insert_or(session, BatchReading).values(row).on_conflict_do_nothing()
    if session.execute(made.returning(BatchReading.id)).first() is None:
        columns = table_of(BatchReading).c
        query = sa.select(columns.batch_id, columns.measure, columns.value)
        known = session.execute(query.where(columns.id == reading.id)).one()
        if tuple(known) != (batch.id, reading.measure, row["value"]):
            raise LendingError(Code.ID_REUSED, field="id")


def _check_parts(session: Session, batch: BatchIn, site: SiteView) -> None:
    if batch.machine_id is not None:
        machine = session.get(WashMachine, batch.machine_id)
        if machine is None or machine.site_id != site.id or not machine.active:
            raise LendingError(Code.INVALID, field="machine")
    if batch.programme_id is not None:
        programme = session.get(WashProgramme, batch.programme_id)
        if programme is None or programme.district_id != site.district_id or not programme.active:
            raise LendingError(Code.INVALID, field="programme")


def _is_over(batch: WashBatch, request: uuid.UUID) -> bool:
    """Whether this very request has ended the batch; CONFLICT when another one did."""
    if batch.ended_at is None and batch.aborted_at is None:
        return False
    if batch.finish_id != request:
        raise LendingError(Code.CONFLICT, field="batch")
    return True


def _close_items(session: Session, batch_id: uuid.UUID) -> list[int]:
    closed = session.execute(
        sa.update(BatchItem)
        .where(BatchItem.batch_id == batch_id)
        .values(open=False)
        .returning(BatchItem.item_id)
        .execution_options(synchronize_session=False)
    )
    return [row.item_id for row in closed]
