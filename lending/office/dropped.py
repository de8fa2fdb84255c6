"""What a caller says of a loan, taken at the officer's desk."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drops import (
    Dropped,
    Taken,
    moment_of_day,
    say_one_dropped,
    withdraw_claim,
)
from lending.loop.dropped import SaidBy
from lending.loop.tables import Loan
from lending.people.actors import Actor
from lending.places.sites import find_site


def drop_for_caller(
    session: Session,
    *,
    lend_id: uuid.UUID,
    site: str | None,
    day: date,
    zone: ZoneInfo,
    actor: Actor,
    now: datetime,
) -> Taken:
    """Takes the word that the cup was brought back to this place (None: not known) on a day in
    `zone`. NOT_FOUND for a loan that is not open in the officer's district, or (field site) for
    an unknown place; INVALID (field day) for a day before the lend or to come."""
    opened_at = _opened_at(session, lend_id, actor)
    place = find_site(session, code=site, district_id=actor.district_id).id if site else None
    at = moment_of_day(day, zone=zone, opened_at=opened_at, now=now)
    dropped = Dropped(place, at, SaidBy.STAFF)
    return say_one_dropped(session, lend_id=lend_id, dropped=dropped, now=now)


def withdraw_for_caller(
    session: Session, *, lend_id: uuid.UUID, actor: Actor, now: datetime
) -> bool:
    """The caller has the cup after all; False when nothing had been said. NOT_FOUND as above."""
    _opened_at(session, lend_id, actor)
    return withdraw_claim(session, lend_id=lend_id, now=now)


def _opened_at(session: Session, lend_id: uuid.UUID, actor: Actor) -> datetime:
    found = session.scalar(
        sa.select(Loan.opened_at).where(
            Loan.id == lend_id, Loan.district_id == actor.district_id, Loan.closed_at.is_(None)
        )
    )
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="loan")
    return found
