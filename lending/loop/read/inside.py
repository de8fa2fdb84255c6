"""Crates as they are read: which crate a piece is in, and what is in a crate."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.tables import Item

MOST_SHOWN = 500
Crate = aliased(Item)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a crate: how many pieces, and the codes of the first of them."""

    count: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrying:
    """The code of the crate a piece is in, if any; `contents` of a crate or bag, else None."""

    crate: str | None
    contents: Contents | None


def look_inside(session: Session, *, item_id: int, limit: int = MOST_SHOWN) -> Carrying:
    """Where a piece is packed, or what a crate holds: the codes in the order of packing, at most
    `limit` of them. One statement for a piece, three for a crate; `item_id` of a known item."""
    of_item = sa.select(Item.carrier, Crate.code).outerjoin(Crate, Crate.id == Item.crate_id)
    carrier, crate = session.execute(of_item.where(Item.id == item_id)).one()
    if not carrier:
        return Carrying(crate, None)
    within = Item.crate_id == item_id
    count = session.scalar(sa.select(sa.func.count()).select_from(Item).where(within)) or 0
    codes = sa.select(Item.code).where(within).order_by(Item.packed_at, Item.id).limit(limit)
    return Carrying(None, Contents(count, tuple(session.scalars(codes))))
