"""Readings that machines send: many in one call, each judged by itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.tables import WashBatch
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.washing.batches.lifecycle import LEAST, MOST
from lending.washing.batches.rights import read_moment, read_number, signed
from lending.washing.batches.tables import BatchReading, Measure, Stage, WashMachine

MOST_AT_ONCE = 500
SENDERS = (Role.MACHINE, Role.WASH)


@dataclass(frozen=True, slots=True)
class SentReading:
    """A value as a machine sent it, without its unit: °C, grams per litre or seconds. It names its
    batch, or its machine (name, or number): then it is of the batch that ran at that time."""

    id: uuid.UUID
    measure: Measure
    value: str | float
    at: datetime
    batch_id: uuid.UUID | None = None
    machine: str | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class ReadingReceipt:
    """What became of one: its batch, whether it was known before, or why it was refused."""

    id: uuid.UUID
    batch_id: uuid.UUID | None = None
    repeated: bool = False
    error: LendingError | None = None


def note_readings(
    session: Session, readings: Sequence[SentReading], *, actor: Actor, now: datetime
) -> list[ReadingReceipt]:
    """Takes up to 500 readings of the actor's centre; a receipt for each, in order.

    Refused are: INVALID (value, at) as in `note_reading`; NOT_FOUND (batch, machine) for what is
    not at the centre or did not run then; ID_REUSED (id). One wrong reading spoils no other.
    Raises NOT_ALLOWED for who sends none.
    """
    if len(readings) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="readings")
    if actor.role not in SENDERS or actor.site_id is None:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    if not readings:
        return []
    runs = _load_runs(session, actor.site_id, readings)
    known = _load_known(session, [one.id for one in readings])
    receipts: list[ReadingReceipt] = []
    rows: list[dict[str, Any]] = []
    for one in readings:
        try:
            row = _read(one, runs, actor, now)
            receipt, is_new = _compare(row, known)
        except LendingError as error:
            receipts.append(ReadingReceipt(one.id, error=error))
            continue
        receipts.append(receipt)
        if is_new:
            known[one.id] = (row["batch_id"], row["measure"], row["value"])
            rows.append(row)
    if insert_rows(session, table_of(BatchReading), rows, skip_known=True) != len(rows):
        raise ChangedMeanwhile  # the same call twice at this very moment
    return receipts


def _load_runs(session: Session, site_id: int, readings: Sequence[SentReading]) -> list[Any]:
    """The batches of the centre that could be meant, the latest begun first."""
    earliest = min(one.at for one in readings)
    ended = sa.or_(WashBatch.ended_at.is_(None), WashBatch.ended_at >= earliest)
    meant = [one.batch_id for one in readings if one.batch_id is not None]
    query = (
        sa.select(
            WashBatch.id, WashBatch.machine_id, WashMachine.name, WashBatch.started_at,
            WashBatch.ended_at,
        )
        .outerjoin(WashMachine, WashMachine.id == WashBatch.machine_id)
        .where(WashBatch.site_id == site_id, WashBatch.aborted_at.is_(None))
        .where(sa.or_(sa.and_(ended, ~WashBatch.implicit), one_of(WashBatch.id, "batches")))
        .order_by(WashBatch.started_at.desc(), WashBatch.id)
    )  # fmt: skip
    return list(fetch(session, query, {"batches": meant}))


def _load_known(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    columns = table_of(BatchReading).c
    query = sa.select(columns.id, columns.batch_id, columns.measure, columns.value)
    rows = fetch(session, query.where(one_of(columns.id, "ids")), {"ids": list(ids)})
    return {row.id: (row.batch_id, row.measure, row.value) for row in rows}


def _read(one: SentReading, runs: Sequence[Any], actor: Actor, now: datetime) -> dict[str, Any]:
    value = read_number(one.value, "value", least=LEAST[one.measure], most=MOST[one.measure])
    at = read_moment(one.at, "at", now=now)
    return {
        "id": one.id,
        "batch_id": _batch_of(one, at, runs),
        "stage": one.stage,
        "measure": one.measure,
        "value": value,
        "at": at,
        "recorded_at": now,
        "noted_by": signed(actor),
    }


def _batch_of(one: SentReading, at: datetime, runs: Sequence[Any]) -> uuid.UUID:
    if one.batch_id is not None:
        found = [run.id for run in runs if run.id == one.batch_id]
        field = "batch"
    else:
        found = [
            run.id
            for run in runs
            if run.machine_id is not None
            and one.machine in (run.name, str(run.machine_id))
            and run.started_at <= at
            and (run.ended_at is None or at <= run.ended_at)
        ]
        field = "machine"
    if not found:
        raise LendingError(Code.NOT_FOUND, field=field)
    batch: uuid.UUID = found[0]
    return batch


def _compare(row: dict[str, Any], known: dict[uuid.UUID, Any]) -> tuple[ReadingReceipt, bool]:
    """The receipt, and whether the reading is new; ID_REUSED where its id stands for another."""
    id, batch = row["id"], row["batch_id"]
    if id not in known:
        return ReadingReceipt(id, batch), True
    if known[id] != (batch, row["measure"], row["value"]):
        raise LendingError(Code.ID_REUSED, field="id")
    return ReadingReceipt(id, batch, repeated=True), False
