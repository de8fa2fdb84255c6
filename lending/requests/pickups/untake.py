"""A taking that was told by mistake is taken back by who told it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.requests.acting import signature
from lending.requests.pickups.clocks import undo_taken
from lending.requests.pickups.ending import ASKER, End, end_pickups
from lending.requests.pickups.tables import Ending, PickupVisit
from lending.requests.pickups.take import find_pickup, is_takeable, set_taken


def untake_pickup(
    session: Session, *, take_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> None:
    """The taking under this id was a mistake: the request waits for a courier again, unless another
    visit has taken it, or it is called off again where it was before. Again, or of one never
    recorded: nothing changes. The scans of the taking are the caller's to void.

    NOT_ALLOWED_HERE (of): somebody else's; CONFLICT (of): it has come to the centre, or has ended.
    """
    visit = session.get(PickupVisit, take_id)
    if visit is None or not visit.taken or visit.undone_at is not None:
        return
    row = find_pickup(session, pickup_id=visit.pickup_id, actor=actor)
    if visit.by != signature(actor):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="of")
    if row.arrived_at is not None or not is_takeable(row):
        raise LendingError(Code.CONFLICT, field="of")
    visit.undone_at, visit.undone_by = now, signature(actor)
    if row.taken_id == visit.id:
        row.taken_id = row.taken_at = row.taken_by = row.bag_id = None
        session.flush()
        undo_taken(session, visit_id=visit.id, keys=keys, now=now)
        if (other := _next(session, row.id)) is not None:
            set_taken(session, row, other, now=now)
        elif row.device_digest is None:  # called off and erased before the taking was told
            end_pickups(session, rows=[row], end=End(Ending.CANCELLED, ASKER), now=now)
    session.flush()


def _next(session: Session, pickup_id: uuid.UUID) -> PickupVisit | None:
    """The first visit that took it as well."""
    query = sa.select(PickupVisit).where(
        PickupVisit.pickup_id == pickup_id, PickupVisit.taken, PickupVisit.undone_at.is_(None)
    )
    return session.scalars(query.order_by(PickupVisit.recorded_at, PickupVisit.id)).first()
