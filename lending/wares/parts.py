"""Sets of two parts: the code sits on the container, its lid is counted and goes with it."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, Scan
from lending.people.actors import Actor
from lending.wares.balances import outside_totals
from lending.wares.ledger import record_moves, require_all
from lending.wares.values import MoveIn, MoveReceipt
from lending.wares.ways import Account, Condition, Outside, Why, at_place, beyond


@dataclass(frozen=True, slots=True)
class PartCall:
    """Lids of one kind of container put on or taken off at a place. `id`: the request's, so that it
    counts once; `kind_id`: of the container."""

    id: uuid.UUID
    kind_id: int
    site_id: int
    quantity: int
    at: datetime
    condition: Condition = Condition.CLEAN
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class SetView:
    """A counted part, the containers in circulation that it belongs to (`kinds`: their codes), and
    how many parts go with them or are known to be missing. `short`: containers without a part by
    the books (below zero: parts that no container is known for)."""

    part: str
    part_id: int
    kinds: tuple[str, ...]
    pieces: int
    with_part: int
    missing: int

    @property
    def short(self) -> int:
        return self.pieces - self.with_part


def join_part(session: Session, call: PartCall, *, actor: Actor, now: datetime) -> MoveReceipt:
    """Puts a place's loose lids on containers: from then on they go with them. NOT_FOUND (field
    kind) for a kind without a counted part; else refusals as `record_moves`."""
    place = at_place(call.site_id, call.condition)
    return _move(session, call, place, beyond(Outside.SET), Why.JOINED, actor, now)


def part_apart(session: Session, call: PartCall, *, actor: Actor, now: datetime) -> MoveReceipt:
    """Takes lids off their containers, to be washed by themselves; as `join_part`."""
    place = at_place(call.site_id, call.condition)
    return _move(session, call, beyond(Outside.SET), place, Why.PARTED, actor, now)


def part_found(session: Session, call: PartCall, *, actor: Actor, now: datetime) -> MoveReceipt:
    """Lids that were missing turn up loose at a place; as `join_part`."""
    place = at_place(call.site_id, call.condition)
    return _move(session, call, beyond(Outside.MISSING), place, Why.FOUND, actor, now)


def part_missing(
    session: Session, *, scan_ids: Collection[uuid.UUID], actor: Actor, now: datetime
) -> list[MoveReceipt]:
    """These containers came without their lid: one lid each goes missing, named by the scan (a
    return, receive or check) at which that was seen. The same scan again changes nothing.

    NOT_FOUND (field scan) unless every scan is of the district and of a kind with a counted part;
    NOT_ALLOWED_HERE for one of another place than the actor's.
    """
    query = (
        sa.select(Scan.id, Scan.occurred_at, Scan.site_id, ItemKind.part_id)
        .join(Item, Item.id == Scan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Scan.id.in_(scan_ids), Scan.district_id == actor.district_id)
        .where(ItemKind.part_id.is_not(None))
        .order_by(Scan.occurred_at, Scan.id)
    )
    rows = session.execute(query).all()
    if {row.id for row in rows} != set(scan_ids):
        raise LendingError(Code.NOT_FOUND, field="scan")
    if actor.site_id is not None and any(row.site_id != actor.site_id for row in rows):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    source, target = beyond(Outside.SET), beyond(Outside.MISSING)
    moves = [
        MoveIn(
            uuid.uuid5(row.id, "part missing"), row.part_id, 1, source, target, Why.MISSED,
            row.occurred_at, ref=row.id,
        )
        for row in rows
    ]  # fmt: skip
    receipts = record_moves(session, moves, actor=actor, now=now)
    require_all(receipts)
    return receipts


def list_sets(session: Session, *, district_id: int) -> list[SetView]:
    """Every counted part of a set, by code; three statements."""
    part = aliased(ItemKind)
    there = Item.state.not_in([State.RETIRED, State.LOST])
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(part.code, part.id, ItemKind.code, sa.func.count(Item.id))
        .join(part, part.id == ItemKind.part_id)
        .outerjoin(Item, sa.and_(Item.kind_id == ItemKind.id, there))
        .where(ItemKind.district_id == district_id)
        .group_by(part.code, part.id, ItemKind.code)
        .order_by(part.code, ItemKind.code)
    )
    kinds: dict[tuple[str, int], dict[str, int]] = {}
    for code, id, kind, pieces in session.execute(query):
        kinds.setdefault((code, id), {})[kind] = pieces
    totals = outside_totals(session, district_id=district_id)
    return [
        SetView(
            code, id, tuple(pieces), sum(pieces.values()),
            with_part=totals.get((id, Outside.SET), 0),
            missing=totals.get((id, Outside.MISSING), 0),
        )
        for (code, id), pieces in kinds.items()
    ]  # fmt: skip


def _move(
    session: Session,
    call: PartCall,
    source: Account,
    target: Account,
    why: Why,
    actor: Actor,
    now: datetime,
) -> MoveReceipt:
    part_id = session.scalar(
        sa.select(ItemKind.part_id).where(
            ItemKind.id == call.kind_id, ItemKind.district_id == actor.district_id
        )
    )
    if part_id is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    move = MoveIn(
        call.id, part_id, call.quantity, source, target, why, call.at, staff_id=call.staff_id
    )
    return record_moves(session, [move], actor=actor, now=now)[0]
