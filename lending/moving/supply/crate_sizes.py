"""How many pieces of a kind one crate holds."""

import math

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import ItemKind
from lending.moving.supply.orders import find_ware
from lending.moving.tables import CrateSize
from lending.people.upserts import insert_or
from lending.requests.acting import check_count

PIECES_PER_CRATE = 100  # where a kind has no number of its own [I]


def crates_for(pieces: int, size: int | None) -> int:
    """Full and begun crates of `size` pieces (100 where none is set)."""
    return math.ceil(pieces / (size or PIECES_PER_CRATE))


def load_crate_sizes(session: Session, *, district_id: int) -> dict[int, int]:
    """Pieces per crate by kind id, where a number was set."""
    query = sa.select(CrateSize.kind_id, CrateSize.pieces).join(
        ItemKind, ItemKind.id == CrateSize.kind_id
    )
    rows = session.execute(query.where(ItemKind.district_id == district_id))
    return {row[0]: row[1] for row in rows}


def set_crate_size(session: Session, *, district_id: int, kind: str, pieces: int) -> None:
    """How many pieces of a kind one crate holds; NOT_FOUND (kind), INVALID (pieces)."""
    kind_id = find_ware(session, code=kind, district_id=district_id)
    row = {"kind_id": kind_id, "pieces": check_count(pieces, "pieces")}
    insert = insert_or(session, CrateSize).values(row)
    session.execute(
        insert.on_conflict_do_update(index_elements=["kind_id"], set_={"pieces": pieces})
    )
