"""The sets of a centre as they stand: read from the acts that were not undone."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action
from lending.loop.tables import Item, ItemKind, Label
from lending.washing.table.outcomes import WAY, SetView
from lending.washing.table.tables import WashAct, WashPiece, WashSet

OPEN_FOR = timedelta(hours=16)  # a set nobody touched for a shift is over; its pieces go on singly
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a piece stands in a set: its last action there."""

    set_id: uuid.UUID
    action: Action
    reason: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A piece of a set that is to take the next step."""

    item_id: int
    code: str


def open_sets(
    session: Session, *, site_id: int, now: datetime, limit: int = MOST_SHOWN
) -> list[SetView]:
    """The sets of a site with pieces still on their way, the last touched first."""
    query = (
        sa.select(WashSet.id, WashSet.opened_at, WashSet.touched_at)
        .where(_is_open(site_id, now))
        .order_by(WashSet.touched_at.desc(), WashSet.id)
        .limit(limit)
    )
    return [one for one in _view(session, session.execute(query).all()) if one.inside]


def load_set(session: Session, *, set_id: uuid.UUID) -> SetView:
    """One set, open or not."""
    query = sa.select(WashSet.id, WashSet.opened_at, WashSet.touched_at).where(WashSet.id == set_id)
    return _view(session, [session.execute(query).one()])[0]


def is_open(session: Session, *, set_id: uuid.UUID, site_id: int, now: datetime) -> bool:
    """Whether this set of the site can be gone on with."""
    query = sa.select(WashSet.id).where(WashSet.id == set_id, _is_open(site_id, now))
    return session.execute(query).first() is not None


@dataclass(frozen=True, slots=True)
class Found:
    """The piece behind a label. `kept_stained`: a stain alone does not retire one of its kind."""

    id: int
    carrier: bool
    kept_stained: bool


def find_item(session: Session, *, code: str, district_id: int) -> Found | None:
    """The piece that a label, present or replaced, is on."""
    return find_items(session, codes=[code], district_id=district_id).get(code)


def find_items(session: Session, *, codes: Collection[str], district_id: int) -> dict[str, Found]:
    """The pieces of many labels at once; a label that is on no piece yet has none."""
    query = (
        sa.select(Label.code, Item.id, Item.carrier, ItemKind.stain_retires)
        .join(Item, Item.id == Label.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Label.code.in_(codes), Label.district_id == district_id)
    )
    return {
        row.code: Found(row.id, row.carrier, not row.stain_retires)
        for row in session.execute(query)
    }


def find_membership(
    session: Session, *, item_id: int, site_id: int, now: datetime
) -> Membership | None:
    """The open set at this site that the piece was last scanned for."""
    return find_memberships(session, item_ids=[item_id], site_id=site_id, now=now).get(item_id)


def find_memberships(
    session: Session, *, item_ids: Collection[int], site_id: int, now: datetime
) -> dict[int, Membership]:
    """The same for many pieces, by one statement."""
    newest = sa.func.row_number().over(partition_by=WashPiece.item_id, order_by=WashAct.id.desc())
    last = (
        sa.select(
            WashPiece.item_id, WashAct.set_id, WashAct.action, WashAct.reason,
            newest.label("newest"),
        )
        .join(WashPiece, WashPiece.act_id == WashAct.id)
        .join(WashSet, WashSet.id == WashAct.set_id)
        .join(Item, Item.id == WashPiece.item_id)
        .where(WashPiece.item_id.in_(item_ids), WashPiece.member, WashAct.undone_at.is_(None))
        # A crate goes out and comes back within a shift: it is known until it is scanned elsewhere.
        .where(~Item.carrier | (Item.last_id == WashPiece.scan_id))
        .where(_is_open(site_id, now))
        .subquery()
    )  # fmt: skip
    query = sa.select(last.c.item_id, last.c.set_id, last.c.action, last.c.reason)
    rows = session.execute(query.where(last.c.newest == 1))
    return {row.item_id: Membership(row.set_id, row.action, row.reason) for row in rows}


def pending_of(session: Session, *, set_id: uuid.UUID, action: Action) -> list[Pending]:
    """The pieces of a set that have not come to this step, in the order they were scanned in."""
    last = _last_actions([set_id])
    earlier = WAY[: WAY.index(action)]
    query = (
        sa.select(Item.id, Item.code)
        .join(last, last.c.item_id == Item.id)
        .where(last.c.newest == 1, last.c.action.in_(earlier), ~Item.carrier)
        .order_by(last.c.act_id, Item.id)
    )
    return [Pending(*row) for row in session.execute(query)]


def _is_open(site_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        WashSet.site_id == site_id,
        WashSet.closed_at.is_(None),
        WashSet.touched_at > now - OPEN_FOR,
    )


def _last_actions(sets: Collection[uuid.UUID]) -> sa.Subquery:
    """What each piece of these sets went through, the newest first (`newest` 1)."""
    newest = sa.func.row_number().over(
        partition_by=(WashAct.set_id, WashPiece.item_id), order_by=WashAct.id.desc()
    )
    return (
        sa.select(
            WashAct.set_id,
            WashAct.id.label("act_id"),
            WashAct.action,
            WashPiece.item_id,
            newest.label("newest"),
        )
        .join(WashPiece, WashPiece.act_id == WashAct.id)
        .where(WashAct.set_id.in_(sets), WashAct.undone_at.is_(None), WashPiece.member)
        .subquery()
    )


def _view(session: Session, rows: Collection[Any]) -> list[SetView]:
    """The views of these sets (id, opened_at, touched_at) by one statement."""
    if not rows:
        return []
    last = _last_actions([row[0] for row in rows])
    query = (
        sa.select(last.c.set_id, last.c.action, ItemKind.code, sa.func.count())
        .join(Item, Item.id == last.c.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(last.c.newest == 1, ~Item.carrier)
        .group_by(last.c.set_id, last.c.action, ItemKind.code)
        .order_by(ItemKind.code)
    )
    steps: dict[uuid.UUID, dict[Action, int]] = defaultdict(dict)
    kinds: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for set_id, action, kind, count in session.execute(query):
        steps[set_id][action] = steps[set_id].get(action, 0) + count
        if action in WAY:
            kinds[set_id][kind] = kinds[set_id].get(kind, 0) + count
    return [
        SetView(set_id, opened, touched, steps[set_id], kinds[set_id])
        for set_id, opened, touched in rows
    ]
