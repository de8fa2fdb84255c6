"""A batch told: what is in it piece by piece, and who did what when; a handful of statements."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.people.signers import name_signers
from lending.washing.batches.tables import BatchCount, BatchItem, BatchStage
from lending.washing.batches.views import BatchView

MOST_SHOWN = 200

_Line = tuple[datetime, "Event", str, str, float | None, int]  # as BatchEvent, `by` as signed


class Event(StrEnum):
    """What befell a batch."""

    BEGUN = "begun"
    PUT = "put"  # pieces and crates, by one call
    COUNTED = "counted"
    STAGE = "stage"
    READING = "reading"
    FINISHED = "finished"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class BatchPiece:
    """A piece or crate as it was put in."""

    code: str
    kind: str
    crate: bool
    state: State
    added_at: datetime


@dataclass(frozen=True, slots=True)
class BatchEvent:
    """One line of the story. `what`: the stage, the measure or the kind; `value`: the reading's;
    `count`: pieces; `by`: a name, "" for one that is gone."""

    at: datetime
    event: Event
    by: str
    what: str = ""
    value: float | None = None
    count: int = 0


def list_batch_pieces(
    session: Session, *, batch_id: uuid.UUID, limit: int = MOST_SHOWN
) -> list[BatchPiece]:
    """What was put into a batch, the latest first; crates before nothing else: by when."""
    query = (
        sa.select(BatchItem.code, ItemKind.code, BatchItem.carrier, Item.state, BatchItem.added_at)
        .join(Item, Item.id == BatchItem.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(BatchItem.batch_id == batch_id)
        .order_by(BatchItem.added_at.desc(), BatchItem.item_id.desc())
        .limit(limit)
    )
    return [BatchPiece(*row) for row in session.execute(query)]


def tell_batch(session: Session, batch: BatchView) -> list[BatchEvent]:
    """The story of a batch, the earliest first."""
    lines: list[_Line] = [(batch.started_at, Event.BEGUN, batch.begun_by, "", None, 0)]
    lines += _put_in(session, batch.id)
    stages = sa.select(BatchStage.began_at, BatchStage.noted_by, BatchStage.stage)
    lines += [
        (row[0], Event.STAGE, row[1], row[2].value, None, 0)
        for row in session.execute(stages.where(BatchStage.batch_id == batch.id))
    ]
    lines += [
        (one.at, Event.READING, one.noted_by, one.measure.value, one.value, 0)
        for one in batch.readings
    ]
    for at, event in ((batch.ended_at, Event.FINISHED), (batch.aborted_at, Event.ABORTED)):
        if at is not None:
            lines.append((at, event, batch.ended_by or "", "", None, 0))
    names = name_signers(session, {line[2] for line in lines})
    return [
        BatchEvent(at, event, names.get(by, ""), what, value, count)
        for at, event, by, what, value, count in sorted(lines, key=lambda line: line[0])
    ]


def _put_in(session: Session, batch_id: uuid.UUID) -> list[_Line]:
    pieces = (
        sa.select(
            sa.func.min(BatchItem.added_at, type_=BatchItem.added_at.type),
            BatchItem.added_by, sa.func.count(),
        )
        .where(BatchItem.batch_id == batch_id)
        .group_by(BatchItem.request_id, BatchItem.added_by)
    )  # fmt: skip
    counts = (
        sa.select(BatchCount.added_at, BatchCount.added_by, ItemKind.code, BatchCount.quantity)
        .join(ItemKind, ItemKind.id == BatchCount.kind_id)
        .where(BatchCount.batch_id == batch_id)
    )
    put: list[_Line] = [
        (row[0], Event.PUT, row[1], "", None, row[2]) for row in session.execute(pieces)
    ]
    counted: list[_Line] = [
        (row[0], Event.COUNTED, row[1], row[2], None, row[3]) for row in session.execute(counts)
    ]
    return _joined([*put, *counted])


def _joined(
    lines: list[_Line],
) -> list[_Line]:
    """Pieces put in one after the other by one person are one line."""
    told: list[_Line] = []
    for line in sorted(lines, key=lambda line: line[0]):
        last = told[-1] if told else None
        if last and line[1] is Event.PUT and last[1:3] == line[1:3]:
            told[-1] = (*last[:5], last[5] + line[5])
        else:
            told.append(line)
    return told
