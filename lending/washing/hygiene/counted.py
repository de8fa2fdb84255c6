"""Counted ware under a recall: held by quantity where it can be, let go to be washed again."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.system import system_actor
from lending.loop.tables import ItemKind, WashBatch
from lending.people.actors import Actor, ActorKind
from lending.people.upserts import insert_or
from lending.wares.balances import balances
from lending.wares.ledger import record_moves, require_all
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import Holding, MoveIn
from lending.wares.ways import Account, Condition, Why
from lending.washing.hygiene.reach import batches_reached, open_recalls_of
from lending.washing.hygiene.tables import Recall, RecallCount

GOOD = (Condition.CLEAN, Condition.WASHED)


@dataclass(frozen=True, slots=True)
class CountedReach:
    """Counted ware of one kind under a recall: `wanted` were washed in its batches, `held` of them
    found; the others went out with nothing to know them by."""

    kind: str
    wanted: int
    held: int


def hold_counted(session: Session, recall: Recall, *, actor: Actor, now: datetime) -> None:
    """Holds as many pieces of each counted kind as the recall's batches washed: first in the crates
    they were washed in, then loose at the centre, then in crates packed there since. Called again it
    holds what they washed since then."""
    washed = _washed(session, recall)
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
    packed = _packed_since(session, recall, list(wanted))
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
            moves.append(_hold(recall, one, quantity, wanted[one.kind_id], actor, now))
    system = system_actor(recall.district_id)
    require_all(record_moves(session, moves, actor=system, now=now))
    for kind, all_ in sorted(wanted.items()):
        held = known.get(kind, (0, 0))[1] + due[kind] - left[kind]
        values = {"wanted": all_, "held": held}
        insert = insert_or(session, RecallCount).values(recall_id=recall.id, kind_id=kind, **values)
        session.execute(
            insert.on_conflict_do_update(index_elements=["recall_id", "kind_id"], set_=values)
        )


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


def counted_reach(session: Session, *, recall_id: uuid.UUID) -> list[CountedReach]:
    """The counted ware under a recall, by kind."""
    query = (
        sa.select(ItemKind.code, RecallCount.wanted, RecallCount.held)
        .join(ItemKind, ItemKind.id == RecallCount.kind_id)
        .where(RecallCount.recall_id == recall_id)
        .order_by(ItemKind.code)
    )
    return [CountedReach(*row) for row in session.execute(query)]


def _washed(session: Session, recall: Recall) -> list[tuple[int, int | None, int]]:
    """(kind, crate it was washed in, pieces) of the recall's batches."""
    query = (
        sa.select(CountedMove.kind_id, CountedAccount.crate_id, sa.func.sum(CountedMove.quantity))
        .join(WashBatch, WashBatch.id == CountedMove.batch_id)
        .join(CountedAccount, CountedAccount.id == CountedMove.to_id)
        .where(batches_reached(recall), CountedMove.why == Why.WASHED)
        .group_by(CountedMove.kind_id, CountedAccount.crate_id)
    )
    return [(row[0], row[1], int(row[2])) for row in session.execute(query)]


def _packed_since(session: Session, recall: Recall, kinds: Collection[int]) -> set[int]:
    """The crates into which such ware was packed at the centre since its wash."""
    since = sa.select(sa.func.min(WashBatch.ended_at)).where(batches_reached(recall))
    source = aliased(CountedAccount)
    target = aliased(CountedAccount)
    query = (
        sa.select(target.crate_id)
        .select_from(CountedMove)
        .join(source, source.id == CountedMove.from_id)
        .join(target, target.id == CountedMove.to_id)
        .where(CountedMove.why == Why.PACKED, source.site_id == recall.site_id)
        .where(CountedMove.kind_id.in_(kinds), CountedMove.at >= since.scalar_subquery())
        .distinct()
    )
    return {crate for crate in session.scalars(query) if crate is not None}


def _turn(one: Holding, own: Collection[int]) -> tuple[int, int, int, int]:
    """In which order ware is held: its own crates, loose, other crates; washed before clean."""
    crate = one.account.crate_id
    place = 1 if crate is None else (0 if crate in own else 2)
    return (one.kind_id, place, one.condition is Condition.CLEAN, crate or 0)


def _hold(
    recall: Recall, one: Holding, quantity: int, wanted: int, actor: Actor, now: datetime
) -> MoveIn:
    held = f"{one.kind_id} {one.account.site_id} {one.account.crate_id} {one.condition}"
    name = f"hold {held} {wanted}"
    target = Account(one.account.site_id, one.account.crate_id, Condition.HELD)
    return MoveIn(
        uuid.uuid5(recall.id, name), one.kind_id, quantity, one.account, target, Why.HELD, now,
        ref=recall.id, staff_id=_staff(actor),
    )  # fmt: skip


def _staff(actor: Actor) -> int | None:
    return actor.id if actor.kind is ActorKind.STAFF else None
