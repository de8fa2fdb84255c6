"""Where a courier is to go: read for the planning of a round and for its sheet, nowhere else."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item, ItemKind, Loan
from lending.people.keys import Keys
from lending.photos.keep import photos_about
from lending.requests.pickups.ask import pickup_about
from lending.requests.pickups.places import NOWHERE, OrderSpot, open_spot, places_of
from lending.requests.pickups.tables import Pickup, PickupLoan, Where


@dataclass(frozen=True, slots=True)
class PickupSheet:
    """What a courier has to know at the door. `address` "": only the shop is known; `kinds`: (name,
    English name, how many) of what is still out, `codes` theirs, for a look at the lids."""

    id: uuid.UUID
    address: str
    note: str
    latitude: float | None
    longitude: float | None
    photo_id: uuid.UUID | None
    kinds: tuple[tuple[str, str, int], ...]
    codes: tuple[str, ...]


def positions_of(
    session: Session, *, pickup_ids: Collection[uuid.UUID], keys: Keys
) -> dict[uuid.UUID, tuple[float, float]]:
    """(latitude, longitude) of those that are known: shared by the asker, else the order's. Where
    somebody typed another address than the order's, nothing is known but that. Two statements."""
    spots = _spots(session, pickup_ids, keys)
    return {id: spot.position for id, spot in spots.items() if spot.position is not None}


def load_sheets(
    session: Session, *, pickup_ids: Collection[uuid.UUID], keys: Keys, now: datetime
) -> dict[uuid.UUID, PickupSheet]:
    """The sheets of open requests by id; of ended ones nothing is left. Four statements. Whoever
    shows them to a person logs the look (people/access_log.py)."""
    spots = _spots(session, pickup_ids, keys)
    pieces = _pieces(session, pickup_ids)
    districts = set(session.scalars(sa.select(Pickup.district_id).where(Pickup.id.in_(spots))))
    photos: dict[uuid.UUID, uuid.UUID] = {}
    for district in districts:
        photos |= photos_about(session, district_id=district, about=list(spots), now=now)
    return {
        id: PickupSheet(
            id, spot.address, spot.note, spot.latitude, spot.longitude, photos.get(id),
            _by_kind(pieces.get(id, [])), tuple(code for code, _, _ in pieces.get(id, [])),
        )
        for id, spot in spots.items()
    }  # fmt: skip


def _spots(
    session: Session, pickup_ids: Collection[uuid.UUID], keys: Keys
) -> dict[uuid.UUID, OrderSpot]:
    """What the asker typed and, unless it stands elsewhere, where the order was brought to."""
    query = sa.select(Pickup.id, Pickup.occasion_id, Pickup.place, Pickup.sealed).where(
        Pickup.id.in_(pickup_ids), Pickup.closed_at.is_(None)
    )
    rows = session.execute(query).all()
    orders = [row.occasion_id for row in rows if row.place is not Where.ELSEWHERE]
    known = places_of(session, occasion_ids=[id for id in orders if id is not None], keys=keys)
    found = {}
    for row in rows:
        own = NOWHERE
        if row.sealed is not None:
            own = open_spot(keys, row.sealed, about=pickup_about(row.id))
        there = known.get(row.occasion_id)
        found[row.id] = _merged(own, there) if there is not None else own
    return found


def _merged(own: OrderSpot, order: OrderSpot) -> OrderSpot:
    """The asker's word before the order's, part by part; both notes are of use."""
    note = " · ".join(text for text in (own.note, order.note) if text)
    position = own.position or (None if own.address else order.position) or (None, None)
    return OrderSpot(own.address or order.address, note, *position)


def _pieces(
    session: Session, pickup_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[str, str, str]]]:
    """(code, kind's name, English name) of what is still out, by request; one statement."""
    query = (
        sa.select(PickupLoan.pickup_id, Item.code, ItemKind.name, ItemKind.name_en)
        .join(Loan, Loan.id == PickupLoan.lend_id)
        .join(Item, Item.id == PickupLoan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(PickupLoan.pickup_id.in_(pickup_ids), Loan.closed_at.is_(None))
        .order_by(ItemKind.code, Item.code)
    )
    found: dict[uuid.UUID, list[tuple[str, str, str]]] = defaultdict(list)
    for id, *piece in session.execute(query):
        found[id].append((piece[0], piece[1], piece[2]))
    return found


def _by_kind(pieces: list[tuple[str, str, str]]) -> tuple[tuple[str, str, int], ...]:
    counts: dict[tuple[str, str], int] = {}
    for _, name, name_en in pieces:
        counts[name, name_en] = counts.get((name, name_en), 0) + 1
    return tuple((name, name_en, count) for (name, name_en), count in counts.items())
