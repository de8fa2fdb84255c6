"""What an officer decides of a request: out again, called off with a reason, missing, or our loss."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Item, Loan
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.tables import Site
from lending.places.texts import read_text
from lending.requests.acting import signature
from lending.requests.pickups.clocks import give_fresh_days, let_clocks_run, open_loans
from lending.requests.pickups.ending import End, end_pickups
from lending.requests.pickups.tables import Ending, Pickup
from lending.requests.pickups.take import find_pickup


def send_again(session: Session, *, pickup_id: uuid.UUID, actor: Actor) -> None:
    """The request joins the next rounds anew, with three tries; again: nothing changes.

    NOT_FOUND (pickup); CONFLICT (pickup) where it is taken or has ended.
    """
    row = _find_open(session, pickup_id, actor)
    if row.taken_at is not None:
        raise LendingError(Code.CONFLICT, field="pickup")
    if row.to_officer_at is not None:
        row.to_officer_at = row.to_officer_why = row.round_id = None
        row.tries = 0
        session.flush()


def refuse_pickup(
    session: Session, *, pickup_id: uuid.UUID, reason: str, actor: Actor, keys: Keys, now: datetime
) -> None:
    """Called off by the office, whoever asked: nobody will come. Who opens the request by its code
    reads that, not the reason.

    NOT_FOUND (pickup), CONFLICT (pickup) where it is taken or has ended, INVALID (reason).
    """
    row = _find_open(session, pickup_id, actor)
    if row.taken_at is not None:
        raise LendingError(Code.CONFLICT, field="pickup")
    why = read_text(reason, "reason", longest=200)
    end_pickups(session, rows=[row], end=End(Ending.REFUSED, signature(actor), why), now=now)
    let_clocks_run(session, row=row, keys=keys, now=now)


def call_missing(
    session: Session, *, pickup_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> None:
    """It was taken, and what is still out was not in the bag: fresh days and one message for it.

    NOT_FOUND (pickup), CONFLICT (pickup) where it is not taken or has ended.
    """
    row = _find_taken(session, pickup_id, actor)
    count = give_fresh_days(session, row=row, keys=keys, now=now)
    end = End(Ending.MISSING, signature(actor), missing=count)
    end_pickups(session, rows=[row], end=end, now=now)


def forgive_pickup(
    session: Session, *, pickup_id: uuid.UUID, reason: str, actor: Actor, keys: Keys, now: datetime
) -> None:
    """It was taken and lost on our way: its loans end without any consequence for anybody.

    NOT_FOUND (pickup), CONFLICT (pickup) where it is not taken or has ended, INVALID (reason).
    """
    row = _find_taken(session, pickup_id, actor)
    why = read_text(reason, "reason", longest=200)
    lends = open_loans(session, pickup_ids=[row.id])
    query = (
        sa.select(Loan.id, Item.code, Site.code)
        .join(Item, Item.id == Loan.item_id)
        .join(Site, Site.id == Loan.site_id)
        .where(Loan.id.in_(lends))
        .order_by(Loan.id)
    )
    scans = [
        ScanIn(uuid.uuid5(row.id, f"forgive {id}"), Action.GIVE_UP, code, now, site=site, of=id)
        for id, code, site in session.execute(query)
    ]
    if scans:  # only the system ends loans without their pieces; whose wish it was stands here
        record_scans(session, scans, actor=system_actor(row.district_id), keys=keys, now=now)
    end = End(Ending.FORGIVEN, signature(actor), why, missing=len(scans))
    end_pickups(session, rows=[row], end=end, now=now)


def _find_open(session: Session, pickup_id: uuid.UUID, actor: Actor) -> Pickup:
    row = find_pickup(session, pickup_id=pickup_id, actor=actor)
    if row.closed_at is not None:
        raise LendingError(Code.CONFLICT, field="pickup")
    return row


def _find_taken(session: Session, pickup_id: uuid.UUID, actor: Actor) -> Pickup:
    row = _find_open(session, pickup_id, actor)
    if row.taken_at is None:
        raise LendingError(Code.CONFLICT, field="pickup")
    return row
