"""How many bags of used ware need the room of one crate in a van."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.moving.rounds.routing import BAGS_PER_CRATE
from lending.moving.tables import BagRoom
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.requests.acting import check_count, signature

MOST_BAGS = 100


def load_bags_per_crate(session: Session, *, district_id: int) -> int:
    """The district's own number, or else 4."""
    query = sa.select(BagRoom.bags).where(BagRoom.district_id == district_id)
    return session.scalar(query) or BAGS_PER_CRATE


def set_bags_per_crate(session: Session, *, bags: int, actor: Actor, now: datetime) -> None:
    """From now on so many (1 … 100), for rounds planned and joined from here; INVALID (bags)."""
    values = {
        "bags": check_count(bags, "bags", most=MOST_BAGS),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    insert = insert_or(session, BagRoom).values(values | {"district_id": actor.district_id})
    session.execute(insert.on_conflict_do_update(index_elements=["district_id"], set_=values))
