"""What the request's own code opens: how far it is, and taking it back."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.keys import Keys
from lending.requests.pickups.clocks import let_clocks_run
from lending.requests.pickups.codes import hash_request_code, read_request_code
from lending.requests.pickups.ending import ASKER, End, end_pickups
from lending.requests.pickups.tables import Ending, Pickup
from lending.requests.pickups.views import PickupView, load_pickups


def load_pickup(session: Session, *, secret: str, keys: Keys) -> PickupView:
    """The request this code opens, as it was typed; NOT_FOUND (pickup)."""
    id = session.scalar(sa.select(Pickup.id).where(_is_secret(keys, secret)))
    if id is None:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    return load_pickups(session, pickup_ids=[id])[id]


def cancel_pickup(session: Session, *, secret: str, keys: Keys, now: datetime) -> PickupView:
    """Takes a request back; one that has ended stays as it ended.

    NOT_FOUND (pickup); CONFLICT (pickup) where a courier has taken it already.
    """
    row = session.scalar(sa.select(Pickup).where(_is_secret(keys, secret)).with_for_update())
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    if row.closed_at is None:
        if row.taken_at is not None:
            raise LendingError(Code.CONFLICT, field="pickup")
        end_pickups(session, rows=[row], end=End(Ending.CANCELLED, ASKER), now=now)
        let_clocks_run(session, row=row, keys=keys, now=now)
    return load_pickups(session, pickup_ids=[row.id])[row.id]


def _is_secret(keys: Keys, secret: str) -> sa.ColumnElement[bool]:
    return Pickup.secret_hash == hash_request_code(keys, read_request_code(secret))
