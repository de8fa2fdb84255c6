"""Counted ware in a batch: put in by quantity, alone or in crates, and washed at the batch's end."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind, WashBatch
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.texts import Problem
from lending.wares.balances import balances
from lending.wares.ledger import record_moves, require_all
from lending.wares.values import MOST_PIECES, MoveIn
from lending.wares.ways import Account, Condition, Why, at_place
from lending.washing.batches.rights import lock_batch, require_room, signed
from lending.washing.batches.tables import BatchCount, BatchItem
from lending.washing.hygiene.counted import hold_counted_that_follows


@dataclass(frozen=True, slots=True)
class CountIn:
    """A quantity of a counted kind (its code) put loose into a batch by one request; `at`: when."""

    id: uuid.UUID
    batch_id: uuid.UUID
    kind: str
    quantity: int
    at: datetime


def add_counted(session: Session, count: CountIn, *, actor: Actor, now: datetime) -> None:
    """Puts counted ware into a batch; what went in before it ended is washed with it.

    The same request again changes nothing, another under its id is ID_REUSED. INVALID (field kind or
    quantity); CONFLICT (batch) for one that was aborted or had ended by then.
    """
    batch = lock_batch(session, count.batch_id, actor=actor)
    if not 1 <= count.quantity <= MOST_PIECES:
        raise LendingError(Code.INVALID, field="quantity", detail=Problem.OUT_OF_RANGE)
    kind = session.scalar(
        sa.select(ItemKind.id).where(
            ItemKind.district_id == batch.district_id, ItemKind.code == count.kind, ItemKind.counted
        )
    )
    if kind is None:
        raise LendingError(Code.INVALID, field="kind", detail=Problem.UNKNOWN_KIND)
    known = session.get(BatchCount, count.id)
    if known is not None:
        same = (known.batch_id, known.kind_id, known.quantity) == (batch.id, kind, count.quantity)
        if not same:
            raise LendingError(Code.ID_REUSED, field="id")
        return
    require_room(batch, count.at)
    row = {
        "id": count.id, "batch_id": batch.id, "kind_id": kind, "quantity": count.quantity,
        "added_at": now, "added_by": signed(actor),
    }  # fmt: skip
    session.execute(insert_or(session, BatchCount).values(row))
    if batch.ended_at is not None:
        moves = [_loose(batch, batch.ended_at, count.id, kind, count.quantity)]
        require_all(record_moves(session, moves, actor=actor, now=now))
        hold_counted_that_follows(session, batch, actor=actor, now=now)


def wash_counted(session: Session, batch: WashBatch, *, actor: Actor, now: datetime) -> None:
    """Washes the counted ware of a batch that has just ended: what was put in loose, and what is
    dirty in its crates. What a recall reaches is held at once."""
    assert batch.ended_at is not None
    loose = sa.select(BatchCount.id, BatchCount.kind_id, BatchCount.quantity).where(
        BatchCount.batch_id == batch.id
    )
    moves = [
        _loose(batch, batch.ended_at, row.id, row.kind_id, row.quantity)
        for row in session.execute(loose.order_by(BatchCount.id))
    ]
    crates = sa.select(BatchItem.item_id).where(BatchItem.batch_id == batch.id, BatchItem.carrier)
    if inside := session.scalars(crates).all():
        held = balances(session, district_id=batch.district_id, crate_ids=inside)
        moves += [
            _wash(
                batch, batch.ended_at,
                uuid.uuid5(batch.id, f"crate {one.account.crate_id} {one.kind_id}"),
                one.kind_id, one.quantity, one.account,
            )
            for one in held
            if one.condition is Condition.DIRTY and one.quantity > 0
        ]  # fmt: skip
    if moves:
        require_all(record_moves(session, moves, actor=actor, now=now))
        hold_counted_that_follows(session, batch, actor=actor, now=now)


def _loose(batch: WashBatch, at: datetime, request: uuid.UUID, kind: int, quantity: int) -> MoveIn:
    source = at_place(batch.site_id, Condition.DIRTY)
    return _wash(batch, at, uuid.uuid5(batch.id, f"counted {request}"), kind, quantity, source)


def _wash(
    batch: WashBatch, at: datetime, id: uuid.UUID, kind: int, quantity: int, source: Account
) -> MoveIn:
    target = Account(source.site_id, source.crate_id, Condition.WASHED)
    return MoveIn(
        id, kind, quantity, source, target, Why.WASHED, at, batch_id=batch.id,
        staff_id=batch.staff_id,
    )  # fmt: skip
