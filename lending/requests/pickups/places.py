"""Where to go, sealed: what the asker typed and where the order was brought to."""

import json
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.people.keys import Keys
from lending.people.sealing import seal, unseal
from lending.people.upserts import insert_or
from lending.places.spots import Spot, check_spot
from lending.places.texts import read_text
from lending.requests.pickups.tables import OrderPlace

LONGEST_ADDRESS = 200
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class OrderSpot:
    """Where to go: an address and a note, each maybe empty; degrees (WGS 84), both or neither."""

    address: str = ""
    note: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def position(self) -> tuple[float, float] | None:
        """(latitude, longitude), where both are known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


NOWHERE = OrderSpot()


def check_place(spot: OrderSpot) -> OrderSpot:
    """The same without blanks around its texts; INVALID (address, note, latitude, longitude)."""
    check_spot(Spot(0, spot.latitude, spot.longitude))
    return OrderSpot(
        read_text(spot.address, "address", longest=LONGEST_ADDRESS, empty=True),
        read_text(spot.note, "note", longest=LONGEST_NOTE, empty=True),
        spot.latitude,
        spot.longitude,
    )


def keep_place(
    session: Session,
    *,
    occasion_id: uuid.UUID,
    district_id: int,
    spot: OrderSpot,
    keys: Keys,
    now: datetime,
) -> None:
    """Keeps where an order was brought to, for the courier who fetches its ware; told again, it is
    the last word. Errors as `check_place`."""
    values = {
        "district_id": district_id,
        "sealed": seal_spot(keys, check_place(spot), about=_about(occasion_id)),
        "kept_at": now,
    }
    insert = insert_or(session, OrderPlace).values(values | {"occasion_id": occasion_id})
    session.execute(insert.on_conflict_do_update(index_elements=["occasion_id"], set_=values))


def places_of(
    session: Session, *, occasion_ids: Collection[uuid.UUID], keys: Keys
) -> dict[uuid.UUID, OrderSpot]:
    """Where these orders were brought to, as far as it is known; one statement."""
    query = sa.select(OrderPlace.occasion_id, OrderPlace.sealed)
    rows = session.execute(query.where(OrderPlace.occasion_id.in_(occasion_ids)))
    return {id: open_spot(keys, sealed, about=_about(id)) for id, sealed in rows}


def is_place_known(session: Session, *, occasion_id: uuid.UUID | None) -> bool:
    """Whether it is known where an order was brought to."""
    query = sa.select(OrderPlace.occasion_id).where(OrderPlace.occasion_id == occasion_id)
    return occasion_id is not None and session.scalar(query) is not None


def erase_places(session: Session, *, occasion_ids: Collection[uuid.UUID]) -> int:
    """Forgets where these orders were brought to; how many were known."""
    gone = session.execute(
        sa.delete(OrderPlace)
        .where(OrderPlace.occasion_id.in_(occasion_ids))
        .returning(OrderPlace.occasion_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def seal_spot(keys: Keys, spot: OrderSpot, *, about: str) -> bytes:
    """A spot sealed together with what it is about (a row)."""
    return seal(keys, json.dumps(asdict(spot), ensure_ascii=False), about=about)


def open_spot(keys: Keys, sealed: bytes, *, about: str) -> OrderSpot:
    """What `seal_spot` sealed; raises Unreadable with other keys or another row."""
    return OrderSpot(**json.loads(unseal(keys, sealed, about=about)))


def _about(occasion_id: uuid.UUID) -> str:
    return f"order_place:{occasion_id}"
