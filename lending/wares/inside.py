"""A crate as it is looked into: its pieces, its counted moves, and the crates of a place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.wares.story import MoveView, select_moves, view_move
from lending.wares.tables import CountedAccount, CountedMove


@dataclass(frozen=True, slots=True)
class PackedPiece:
    """A tracked piece in a crate."""

    code: str
    kind: str
    state: State
    hold: str | None
    packed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CrateRow:
    """A crate at a place or on its way there: how many tracked pieces and how much counted ware."""

    code: str
    kind: str
    state: State
    since: datetime
    coming: bool
    tracked: int
    counted: int


def pieces_inside(
    session: Session,
    *,
    crate_id: int,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[PackedPiece]:
    """The tracked pieces in a crate by their registration. Errors: cursor INVALID."""
    key = read_key(after, int)
    query = (
        sa.select(Item.code, ItemKind.code, Item.state, Item.hold, Item.packed_at, Item.id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.crate_id == crate_id, beyond([Item.id], key))
        .order_by(Item.id)
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    return cut(rows, limit, lambda row: PackedPiece(*row[:5]), lambda row: (row.id,))


def crate_moves(
    session: Session,
    *,
    crate_id: int,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[MoveView]:
    """What counted ware went into a crate, out of it and changed in it, the newest first. Errors:
    cursor INVALID."""
    key = read_key(after, datetime, uuid.UUID)
    own = sa.select(CountedAccount.id).where(CountedAccount.crate_id == crate_id)
    touching = CountedMove.from_id.in_(own) | CountedMove.to_id.in_(own)
    rows = session.execute(select_moves(touching, key, limit + 1)).all()
    return cut(rows, limit, view_move, lambda row: (row[0].at, str(row[0].id)))


def crates_at(
    session: Session,
    *,
    district_id: int,
    site_id: int,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[CrateRow]:
    """The crates and bags at a place and those on their way there, by their codes; what is lost,
    retired or on the road from it is left out. Errors: cursor INVALID."""
    key = read_key(after, str)
    inside = aliased(Item)
    tracked = sa.select(sa.func.count()).where(inside.crate_id == Item.id).scalar_subquery()
    counted = (
        sa.select(sa.func.coalesce(sa.func.sum(CountedAccount.balance), 0))
        .where(CountedAccount.crate_id == Item.id)
        .scalar_subquery()
    )
    coming = sa.and_(Item.state == State.SHIPPED, Item.to_site_id == site_id)
    gone = [State.SHIPPED, State.COLLECTED, State.LOST, State.RETIRED]
    here = sa.and_(Item.site_id == site_id, Item.state.not_in(gone))
    query = (
        sa.select(Item.code, ItemKind.code, Item.state, Item.since, coming, tracked, counted)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.district_id == district_id, Item.carrier, here | coming)
        .where(beyond([Item.code], key))
        .order_by(Item.code)
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    return cut(rows, limit, _crate_row, lambda row: (row[0],))


def _crate_row(row: Any) -> CrateRow:
    code, kind, state, since, coming, tracked, counted = row
    return CrateRow(code, kind, state, since, bool(coming), int(tracked), int(counted))
