"""Records what a finished batch washed: one wash scan for each piece, by the batch's own ids."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, WashBatch
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.tables import Site
from lending.washing.batches.tables import BatchItem
from lending.washing.hygiene.holds import hold_what_follows

AT_ONCE = 5_000


def wash_id(batch_id: uuid.UUID, item_id: int) -> uuid.UUID:
    """The id of the wash scan of a piece or crate in a batch."""
    return uuid.uuid5(batch_id, f"wash {item_id}")


def wash_items(
    session: Session,
    batch: WashBatch,
    item_ids: Collection[int],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> int:
    """Washes what was put into an ended batch, at its end; how many pieces that befell.

    A crate takes what is in it along: a piece that stands in a crate of the batch is washed with it
    once. What a recall reaches is held at once.
    """
    assert batch.ended_at is not None
    site = session.scalars(sa.select(Site.code).where(Site.id == batch.site_id)).one()
    washed = 0
    for part in _parts(_to_wash(session, batch.id, item_ids)):
        scans = [
            ScanIn(
                wash_id(batch.id, row.id), Action.WASH, row.code, batch.ended_at, site=site,
                batch=batch.id, staff_id=batch.staff_id,
            )
            for row in part
        ]  # fmt: skip
        receipts = record_scans(session, scans, actor=actor, keys=keys, now=now)
        for row, receipt in zip(part, receipts, strict=True):
            if receipt.result is Result.REFUSED:
                code = receipt.error or Code.INVALID
                raise LendingError(code, field=receipt.field, detail=f"wash of {row.code}")
            washed += receipt.carried if row.carrier else 1
    hold_what_follows(session, batch, actor=actor, keys=keys, now=now)
    return washed


def _to_wash(session: Session, batch_id: uuid.UUID, item_ids: Collection[int]) -> Sequence[Any]:
    """(id, code, carrier, pieces inside) of what is scanned by itself."""
    crates = sa.select(BatchItem.item_id).where(BatchItem.batch_id == batch_id, BatchItem.carrier)
    piece = aliased(Item)
    inside = sa.select(sa.func.count()).where(piece.crate_id == Item.id).scalar_subquery()
    query = (
        sa.select(Item.id, Item.code, Item.carrier, sa.case((Item.carrier, inside), else_=0))
        .where(one_of(Item.id, "items"), Item.crate_id.is_(None) | Item.crate_id.not_in(crates))
        .order_by(Item.id)
    )
    return fetch(session, query, {"items": list(item_ids)})


def _parts(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """The rows in calls of at most 5,000 scans each, or one crate if that alone holds more."""
    part: list[Any] = []
    size = 0
    for row in rows:
        if part and size + 1 + row[3] > AT_ONCE:
            yield part
            part, size = [], 0
        part.append(row)
        size += 1 + row[3]
    if part:
        yield part
