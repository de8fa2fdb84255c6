"""What goes into a batch: pieces and crates by their codes, counted ware by quantity."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, one_of
from lending.db import fetch, table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import State
from lending.loop.tables import Item, Label, WashBatch
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.washing.batches.rights import lock_batch, require_room, signed
from lending.washing.batches.tables import BatchItem
from lending.washing.batches.wash import wash_items

MOST_AT_ONCE = 5_000


class Fate(StrEnum):
    """What became of one code put into a batch."""

    ADDED = "added"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AddedLine:
    """One code: added, in the batch already, or refused with its reason (CONFLICT: it is in another
    open batch)."""

    code: str
    fate: Fate
    error: Code | None = None


@dataclass(frozen=True, slots=True)
class PutIn:
    """Codes of pieces and crates put into a batch by one request; `at`: when, for a batch that was
    finished meanwhile."""

    id: uuid.UUID
    batch_id: uuid.UUID
    codes: Sequence[str]
    at: datetime


def add_to_batch(
    session: Session, put: PutIn, *, actor: Actor, keys: Keys, now: datetime
) -> list[AddedLine]:
    """Puts pieces and crates into a batch, at most 5,000; one line for each code, in order.

    What went in (`at`) before a batch ended, and is told after, is washed with it at once. CONFLICT
    (field batch) for a batch that was aborted or had ended by then; the same request changes nothing.
    """
    if len(put.codes) > MOST_AT_ONCE:
        raise LendingError(Code.TOO_LARGE, field="codes")
    batch = lock_batch(session, put.batch_id, actor=actor)
    late = batch.ended_at is not None
    require_room(batch, put.at)
    read = [_read(text) for text in put.codes]
    found = _find(session, {code for code, error in read if error is None})
    inside, elsewhere = _where(session, batch.id, list(found.values()))
    lines: list[AddedLine] = []
    new: dict[int, dict[str, Any]] = {}
    for code, error in read:
        item = found.get(code)
        if error is not None or item is None:
            lines.append(AddedLine(code, Fate.REFUSED, error or Code.UNKNOWN_CODE))
        elif item.id in inside or item.id in new:
            lines.append(AddedLine(code, Fate.ALREADY))
        elif item.id in elsewhere or item.state is State.RETIRED:
            why = Code.CONFLICT if item.id in elsewhere else Code.RETIRED
            lines.append(AddedLine(code, Fate.REFUSED, why))
        else:
            lines.append(AddedLine(code, Fate.ADDED))
            new[item.id] = _row(batch, code, item, put, actor, now)
    if insert_rows(session, table_of(BatchItem), list(new.values()), skip_known=True) != len(new):
        raise ChangedMeanwhile  # put into another batch at this very moment
    if late and new:
        wash_items(session, batch, list(new), actor=actor, keys=keys, now=now)
    return lines


def take_out_of_batch(
    session: Session, *, batch_id: uuid.UUID, codes: Sequence[str], actor: Actor
) -> int:
    """Takes what was put in by mistake out of an open batch; how many. CONFLICT (field batch) for
    one that is over: a wash is taken back by a void of its scan."""
    batch = lock_batch(session, batch_id, actor=actor)
    if batch.ended_at is not None or batch.aborted_at is not None:
        raise LendingError(Code.CONFLICT, field="batch")
    wanted = {code for code, error in map(_read, codes) if error is None}
    labelled = sa.select(Label.item_id).where(Label.code.in_(wanted))
    gone = session.execute(
        sa.delete(BatchItem)
        .where(BatchItem.batch_id == batch_id, BatchItem.item_id.in_(labelled))
        .returning(BatchItem.item_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _read(text: str) -> tuple[str, Code | None]:
    try:
        return read_code(text), None
    except LendingError as error:
        return text, error.code


def _find(session: Session, codes: Collection[str]) -> dict[str, Any]:
    """Whatever stands on the table is washed, ware of another district too, as by a scan."""
    query = (
        sa.select(Label.code.label("label"), Item.id, Item.carrier, Item.state, Item.crate_id)
        .join(Item, Item.id == Label.item_id)
        .where(one_of(Label.code, "codes"))
    )
    return {row.label: row for row in fetch(session, query, {"codes": list(codes)})}


def _where(
    session: Session, batch_id: uuid.UUID, items: Sequence[Any]
) -> tuple[set[int], set[int]]:
    """Which of these items are in the batch, and which are in another open one: put there, in a
    crate that was, or a crate of which a piece was."""
    ids = {item.id for item in items}
    crates = {item.crate_id for item in items if item.crate_id is not None}
    carriers = {item.id for item in items if item.carrier}
    query = (
        sa.select(BatchItem.batch_id, BatchItem.item_id, BatchItem.open, Item.crate_id)
        .join(Item, Item.id == BatchItem.item_id)
        .where(
            sa.or_(
                one_of(BatchItem.item_id, "items"),
                sa.and_(BatchItem.open, one_of(Item.crate_id, "crates")),
            )
        )
    )
    rows = fetch(session, query, {"items": list(ids | crates), "crates": list(carriers)})
    inside = {row.item_id for row in rows if row.batch_id == batch_id}
    others = [row for row in rows if row.batch_id != batch_id and row.open]
    taken = {row.item_id for row in others} | {row.crate_id for row in others}
    elsewhere = {item.id for item in items if item.id in taken or item.crate_id in taken - {None}}
    return inside, elsewhere


def _row(
    batch: WashBatch, code: str, item: Any, put: PutIn, actor: Actor, now: datetime
) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "item_id": item.id,
        "code": code,
        "carrier": item.carrier,
        "open": batch.ended_at is None,
        "added_at": now,
        "added_by": signed(actor),
        "request_id": put.id,
    }
