"""Counted ware under a recall: held by quantity where it can be, let go to be washed again."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.system import system_actor
from lending.loop.tables import WashBatch
from lending.people.actors import Actor, ActorKind
from lending.people.upserts import insert_or
from lending.wares.balances import balances
from lending.wares.ledger import record_moves, require_all
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import Holding, MoveIn
from lending.wares.ways import Account, Condition, Why
from lending.washing.hygiene.counted_reach import (
    GOOD,
    crates_reached,
    packed_since,
    washed_of,
)
from lending.washing.hygiene.reach import open_recalls_of
from lending.washing.hygiene.tables import Recall, RecallCount


def hold_counted(session: Session, recall: Recall, *, actor: Actor, now: datetime) -> None:
    """Holds as many pieces of each counted kind as the recall's batches washed: first in the crates
    they were washed in, then loose at the centre, then in crates packed there since. Called again it
    holds what they washed since then, and what came back unopened in such crates."""
    _hold_unopened(session, recall, actor=actor, now=now)
    washed = washed_of(session, recall)
    wanted: dict[int, int] = defaultdict(int)
    for kind, _crate, quantity in washed:
        wanted[kind] += quantity
    known = {
        row.kind_id: (row.wanted, row.held)
        for row in session.execute(
            sa.select(RecallCount.kind_id, RecallCount.wanted, RecallCount.held).where(
                RecallCount.recall_id == recall.id
            )
        )
    }
    due = {kind: all_ - known.get(kind, (0, 0))[0] for kind, all_ in wanted.items()}
    wanted = {kind: all_ for kind, all_ in wanted.items() if due[kind] > 0}
    if not wanted:
        return
    own = {crate for _kind, crate, _quantity in washed if crate is not None}
    packed = packed_since(session, recall, list(wanted))
    left = {kind: due[kind] for kind in wanted}
    moves: list[MoveIn] = []
    found = balances(
        session, district_id=recall.district_id, site_ids=[recall.site_id],
        crate_ids=own | packed, kind_ids=list(wanted),
    )  # fmt: skip
    for one in sorted(found, key=lambda one: _turn(one, own)):
        quantity = min(one.quantity, left[one.kind_id])
        if one.condition in GOOD and quantity > 0:
            left[one.kind_id] -= quantity
            id = _hold_id(recall, one, wanted[one.kind_id])
            moves.append(_hold(recall, one, quantity, id, actor, now))
    system = system_actor(recall.district_id)
    require_all(record_moves(session, moves, actor=system, now=now))
    for kind, all_ in sorted(wanted.items()):
        held = known.get(kind, (0, 0))[1] + due[kind] - left[kind]
        values = {"wanted": all_, "held": held}
        insert = insert_or(session, RecallCount).values(recall_id=recall.id, kind_id=kind, **values)
        session.execute(
            insert.on_conflict_do_update(index_elements=["recall_id", "kind_id"], set_=values)
        )


def _hold_unopened(session: Session, recall: Recall, *, actor: Actor, now: datetime) -> None:
    """Holds what was out when the recall opened and is clean in its crate again, each time once, as
    long as pieces of the kind are still missing."""
    counts = session.scalars(
        sa.select(RecallCount)
        .where(RecallCount.recall_id == recall.id, RecallCount.held < RecallCount.wanted)
        .order_by(RecallCount.kind_id)
    ).all()
    back = _unopened(session, recall, [count.kind_id for count in counts]) if counts else []
    moves: list[MoveIn] = []
    for count in counts:
        for id, one in back:
            quantity = min(one.quantity, count.wanted - count.held)
            if one.kind_id == count.kind_id and quantity > 0:
                count.held += quantity
                moves.append(_hold(recall, one, quantity, id, actor, now))
    if moves:
        session.flush()
        system = system_actor(recall.district_id)
        require_all(record_moves(session, moves, actor=system, now=now))


def _unopened(
    session: Session, recall: Recall, kinds: Collection[int]
) -> list[tuple[uuid.UUID, Holding]]:
    """What came back unopened since the recall opened and is not held yet: the id that its hold will
    have, and how many pieces are still in the crate."""
    target = aliased(CountedAccount)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(CountedMove.id, CountedMove.quantity, target)
        .join(target, target.id == CountedMove.to_id)
        .where(CountedMove.why == Why.UNOPENED, CountedMove.recorded_at >= recall.opened_at)
        .where(CountedMove.kind_id.in_(kinds), target.condition.in_(GOOD))
        .where(target.crate_id.in_(crates_reached(session, recall, kinds)))
        .order_by(CountedMove.recorded_at.desc(), CountedMove.id)
    )
    rows = {
        uuid.uuid5(recall.id, f"hold unopened {id}"): (quantity, there)
        for id, quantity, there in session.execute(query)
    }
    known = set(session.scalars(sa.select(CountedMove.id).where(CountedMove.id.in_(rows))))
    left = {there.id: there.balance for _, there in rows.values()}
    found = []
    for id, (quantity, there) in rows.items():
        if id not in known:  # one taken back and told again is in the crate once
            pieces = max(min(quantity, left[there.id]), 0)
            left[there.id] -= pieces
            account = Account(crate_id=there.crate_id, condition=there.condition)
            found.append((id, Holding(there.kind_id, account, pieces)))
    return found


def hold_counted_that_follows(
    session: Session, batch: WashBatch, *, actor: Actor, now: datetime
) -> None:
    """Holds the counted ware that a batch washed just now where an open recall reaches it."""
    for recall in open_recalls_of(session, batch):
        hold_counted(session, recall, actor=actor, now=now)


def release_counted(session: Session, recall: Recall, *, actor: Actor, now: datetime) -> None:
    """Lets go what the recall holds and is still there: it is dirty then and washed again, for
    nobody can tell which piece of a pile was which."""
    source = aliased(CountedAccount)
    query = (
        sa.select(CountedMove.id, CountedMove.kind_id, CountedMove.quantity, source)
        .join(source, source.id == CountedMove.to_id)
        .where(CountedMove.ref == recall.id, CountedMove.why == Why.HELD)
    )
    rows = session.execute(query.order_by(CountedMove.id)).all()
    there = balances(
        session, district_id=recall.district_id, kind_ids={row.kind_id for row in rows},
        site_ids=[row[3].site_id for row in rows if row[3].site_id is not None],
        crate_ids=[row[3].crate_id for row in rows if row[3].crate_id is not None],
    )  # fmt: skip
    left = {(one.kind_id, one.account): one.quantity for one in there}
    moves = []
    for row in rows:
        held = Account(row[3].site_id, row[3].crate_id, Condition.HELD)
        quantity = min(row.quantity, left.get((row.kind_id, held), 0))
        if quantity <= 0:
            continue  # broken, retired or moved elsewhere meanwhile
        left[row.kind_id, held] -= quantity
        dirty = Account(held.site_id, held.crate_id, Condition.DIRTY)
        id = uuid.uuid5(recall.id, f"let go {row.id}")
        moves.append(
            MoveIn(
                id, row.kind_id, quantity, held, dirty, Why.RELEASED, now, ref=recall.id,
                staff_id=_staff(actor),
            )
        )  # fmt: skip
    if moves:
        system = system_actor(recall.district_id)
        require_all(record_moves(session, moves, actor=system, now=now))


def _turn(one: Holding, own: Collection[int]) -> tuple[int, int, int, int]:
    """In which order ware is held: its own crates, loose, other crates; washed before clean."""
    crate = one.account.crate_id
    place = 1 if crate is None else (0 if crate in own else 2)
    return (one.kind_id, place, one.condition is Condition.CLEAN, crate or 0)


def _hold_id(recall: Recall, one: Holding, wanted: int) -> uuid.UUID:
    held = f"{one.kind_id} {one.account.site_id} {one.account.crate_id} {one.condition}"
    return uuid.uuid5(recall.id, f"hold {held} {wanted}")


def _hold(
    recall: Recall, one: Holding, quantity: int, id: uuid.UUID, actor: Actor, now: datetime
) -> MoveIn:
    target = Account(one.account.site_id, one.account.crate_id, Condition.HELD)
    return MoveIn(
        id, one.kind_id, quantity, one.account, target, Why.HELD, now, ref=recall.id,
        staff_id=_staff(actor),
    )  # fmt: skip


def _staff(actor: Actor) -> int | None:
    return actor.id if actor.kind is ActorKind.STAFF else None
