"""Which pieces a recall reaches, read from the log: what its batches washed and nothing has since."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.bulk import one_of
from lending.db import fetch
from lending.loop.replay import voided_ids
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Scan, WashBatch
from lending.loop.values import Event
from lending.loop.write import queries
from lending.loop.write.rows import event_from_row
from lending.places.tables import Site
from lending.washing.batches.log import washed_by
from lending.washing.hygiene.tables import Reach, Recall, Scope


@dataclass(frozen=True, slots=True)
class Reached:
    """A piece that a batch of the recall washed: by which scan, when, and what that means now."""

    item_id: int
    code: str
    wash_id: uuid.UUID
    washed_at: datetime
    reach: Reach


def batches_reached(recall: Recall) -> sa.ColumnElement[bool]:
    """SQL: the finished batches of a recall: the one, or all its machine finished since its last
    good test (those it finishes while the recall is open too)."""
    if recall.scope is Scope.BATCH:
        return WashBatch.id == recall.batch_id
    since = sa.true() if recall.since is None else WashBatch.ended_at > recall.since
    return sa.and_(
        WashBatch.machine_id == recall.machine_id, WashBatch.ended_at.is_not(None), since
    )


def open_recalls_of(session: Session, batch: WashBatch) -> Sequence[Recall]:
    """The open recalls that reach what this batch washes: its own, and its machine's."""
    machine = sa.and_(Recall.scope == Scope.MACHINE, Recall.machine_id == batch.machine_id)
    query = sa.select(Recall).where(
        Recall.district_id == batch.district_id, Recall.closed_at.is_(None),
        sa.or_(Recall.batch_id == batch.id, machine),
    )  # fmt: skip
    return session.scalars(query.order_by(Recall.id)).all()


def find_reach(session: Session, recall: Recall) -> list[Reached]:
    """Every piece that the recall's batches washed, by its last wash there, in the order of ids.

    A wash that was taken back counts for nothing. A piece with a later good wash is out of reach and
    listed; a wash is good that belongs to no batch of the recall, and to one where its site asks for
    a batch. Crates are no pieces. Four statements, and the stories of those with voided washes.
    """
    washes = _washes_of_batches(session, recall)
    items = {row.item_id for row in washes}
    if not items:
        return []
    first = min(row.occurred_at for row in washes)
    every = _washes_since(session, items, first)
    gone = _taken_out(session, items, first)
    inside = {row.id for row in washes}
    last: dict[int, Any] = {}
    last_inside: dict[int, Any] = {}
    for row in every:
        if row.id in gone:
            continue
        if row.id in inside:
            last_inside[row.item_id] = row
            last[row.item_id] = row
        elif row.batch_id is not None or not row.batch_required:
            last[row.item_id] = row
    people = {row.item_id: row for row in washes}
    return [
        Reached(
            item, people[item].code, row.id, row.occurred_at, _reach(people[item], last[item], row)
        )
        for item, row in sorted(last_inside.items())
    ]


def _reach(item: Any, last: Any, wash: Any) -> Reach:
    if last.id != wash.id:
        return Reach.WASHED_LATER
    return Reach.RETIRED if item.state is State.RETIRED else Reach.HELD


def _washes_of_batches(session: Session, recall: Recall) -> Sequence[Any]:
    batches = session.scalars(sa.select(WashBatch).where(batches_reached(recall))).all()
    named = [one.id for one in batches if not one.implicit]
    which = [one_of(Scan.batch_id, "batches") & (Scan.action == Action.WASH)]
    # What a day washes after its sample failed was not in it.
    which += [
        washed_by(one, Scan) & (Scan.occurred_at <= recall.opened_at)
        for one in batches
        if one.implicit
    ]
    query = (
        sa.select(Scan.id, Scan.item_id, Scan.occurred_at, Item.code, Item.state)
        .join(Item, Item.id == Scan.item_id)
        .where(sa.or_(*which), ~Item.carrier)
    )
    return fetch(session, query, {"batches": named})


def _washes_since(session: Session, items: Collection[int], since: datetime) -> Sequence[Any]:
    """Every wash of these pieces since then, in order."""
    query = (
        sa.select(Scan.id, Scan.item_id, Scan.occurred_at, Scan.batch_id, Site.batch_required)
        .join(Site, Site.id == Scan.site_id)
        .where(one_of(Scan.item_id, "items"), Scan.action == Action.WASH, Scan.occurred_at >= since)
        .order_by(Scan.occurred_at, Scan.seq, Scan.position, Scan.id)
    )
    return fetch(session, query, {"items": list(items)})


def _taken_out(session: Session, items: Collection[int], since: datetime) -> set[uuid.UUID]:
    """The washes since then that voids take out, judged as replay judges them."""
    wash = aliased(Scan)
    doubtful = (
        sa.select(Scan.item_id)
        .join(wash, wash.id == Scan.of)
        .where(one_of(Scan.item_id, "items"), Scan.action == Action.VOID)
        .where(wash.action == Action.WASH, wash.occurred_at >= since)
        .distinct()
    )
    touched = [row.item_id for row in fetch(session, doubtful, {"items": list(items)})]
    if not touched:
        return set()
    stories: dict[int, list[Event]] = defaultdict(list)
    for row in fetch(session, queries.EVENTS_OF_ITEMS, {"items": touched}):
        stories[row[-1]].append(event_from_row(row))
    return {scan for events in stories.values() for scan in voided_ids(events)}
