"""What to take from the shelf next: lots in the order they came in, the least used pieces first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item
from lending.moving.packing.lists import PackingView, next_pieces
from lending.places.districts import load_district
from lending.places.sites import find_site
from lending.wares.balances import place_totals
from lending.wares.ways import Condition

MOST_AHEAD = 300  # pieces looked ahead
MOST_LOTS = 4
MOST_CODES = 6


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces that became ready together and lie together: on a day, out of one batch where it is
    known. `ready_at`: when the first did; uses from … to; the codes of the first few."""

    day: date
    ready_at: datetime
    count: int
    least_uses: int
    most_uses: int
    codes: tuple[str, ...]


def next_lots(session: Session, *, packing: PackingView, kind: str, district_id: int) -> list[Lot]:
    """The first lots of a kind to be packed for a list, as many as it still wants, at most four."""
    left = next((line.left for line in packing.lines if line.kind == kind), 0)
    pieces = next_pieces(
        session, list_id=packing.id, kind=kind, district_id=district_id,
        limit=min(max(left, 1), MOST_AHEAD),
    )  # fmt: skip
    if not left:
        return []
    zone = load_district(session, district_id=district_id).zone
    batches = _batches_of(session, [piece.code for piece in pieces])
    lots: dict[tuple[date, uuid.UUID | None], list[tuple[str, datetime, int]]] = {}
    for piece in pieces:
        key = (_day(piece.since, zone), batches.get(piece.code))
        lots.setdefault(key, []).append((piece.code, piece.since, piece.uses))
    return [_lot(day, found) for (day, _), found in list(lots.items())[:MOST_LOTS]]


def loose_counted(session: Session, *, packing: PackingView, district_id: int) -> dict[str, int]:
    """Clean counted ware that stands loose at the packing place, by kind."""
    centre = find_site(session, code=packing.from_site, district_id=district_id)
    return {
        one.kind: one.loose
        for one in place_totals(session, district_id=district_id, site_id=centre.id)
        if one.condition is Condition.CLEAN
    }


def _batches_of(session: Session, codes: Sequence[str]) -> dict[str, uuid.UUID]:
    query = sa.select(Item.code, Item.batch_id).where(Item.code.in_(codes))
    return {row[0]: row[1] for row in session.execute(query) if row[1] is not None}


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _lot(day: date, pieces: Sequence[tuple[str, datetime, int]]) -> Lot:
    uses = [piece[2] for piece in pieces]
    codes = tuple(piece[0] for piece in pieces[:MOST_CODES])
    return Lot(day, min(piece[1] for piece in pieces), len(pieces), min(uses), max(uses), codes)
