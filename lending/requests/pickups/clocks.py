"""What a request does to the clocks of its loans: they stand while nobody came, or it is with us."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.clock_stops import end_stops, stop_clocks
from lending.loop.loans.standing_still import StopWhy
from lending.loop.tables import Loan
from lending.people.keys import Keys
from lending.requests.pickups.tables import Pickup, PickupLoan

# Whoever waited for us in vain and takes the request back has time to bring it.
GRACE = timedelta(days=3)


def open_loans(session: Session, *, pickup_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """The loans of these requests that are still open; one statement."""
    query = sa.select(Loan.id).join(PickupLoan, PickupLoan.lend_id == Loan.id)
    query = query.where(PickupLoan.pickup_id.in_(pickup_ids), Loan.closed_at.is_(None))
    return list(session.scalars(query.order_by(Loan.id)))


def stop_late(session: Session, *, row: Pickup, now: datetime) -> None:
    """Nobody came in time."""
    lends = open_loans(session, pickup_ids=[row.id])
    stop_clocks(session, lend_ids=lends, ref=row.id, why=StopWhy.PICKUP_LATE, now=now)


def stop_taken(session: Session, *, row: Pickup, now: datetime, anew: bool = False) -> None:
    """The courier has it all, in a bag that nobody opened yet; `anew`: stops that have ended too."""
    assert row.taken_id is not None
    lends = open_loans(session, pickup_ids=[row.id])
    why = StopWhy.PICKED_UP
    stop_clocks(session, lend_ids=lends, ref=row.taken_id, why=why, now=now, anew=anew)


def undo_taken(session: Session, *, visit_id: uuid.UUID, keys: Keys, now: datetime) -> None:
    """It was not taken after all: the clocks run as before."""
    end_stops(session, ref=visit_id, fresh=False, keys=keys, now=now)


def let_clocks_run(session: Session, *, row: Pickup, keys: Keys, now: datetime) -> None:
    """A request was taken back: clocks that stood because we were late run again after three days
    of grace, those of others never stood."""
    if row.late_at is None:
        return
    lends = open_loans(session, pickup_ids=[row.id])
    grace = uuid.uuid5(row.id, "grace")
    stop_clocks(
        session, lend_ids=lends, ref=grace, why=StopWhy.PICKUP_LATE, now=now, until=now + GRACE
    )
    end_stops(session, ref=row.id, fresh=False, keys=keys, now=now)


def give_fresh_days(session: Session, *, row: Pickup, keys: Keys, now: datetime) -> int:
    """The bag came without these: their clocks begin anew, with one message for each; how many."""
    assert row.taken_id is not None
    end_stops(session, ref=row.id, fresh=False, keys=keys, now=now)
    lends = open_loans(session, pickup_ids=[row.id])
    # Also of a lend told since, and of one whose loan was closed by mistake meanwhile.
    stop_taken(session, row=row, now=now, anew=True)
    end_stops(session, ref=row.taken_id, lend_ids=lends, fresh=True, keys=keys, now=now)
    return len(lends)
