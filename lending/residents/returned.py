"""A resident says where a cup was left, or that it turned up after all."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lending.loop.care.drops import (
    Dropped,
    Taken,
    moment_of_day,
    say_one_dropped,
    withdraw_claim,
)
from lending.loop.dropped import SaidBy
from lending.people.actors import Actor
from lending.places.sites import find_site
from lending.residents.own import find_own_loan

ELSEWHERE = "-"  # none of our places, or not known any more


def drop_cup(
    session: Session,
    *,
    resident: Actor,
    loan_id: uuid.UUID,
    site: str,
    now: datetime,
    day: date | None = None,
    zone: ZoneInfo | None = None,
) -> Taken:
    """Takes the resident's word that the cup lies at this place (`-`: elsewhere); its clock stops.

    Since `day`, a day in `zone`; without it since now. NOT_FOUND for a loan that is not the
    resident's own or a place the district does not have; INVALID (field day) for a day before the
    lend or in the future.
    """
    line = find_own_loan(session, resident=resident, loan_id=loan_id)
    place = None
    if site != ELSEWHERE:
        place = find_site(session, code=site, district_id=resident.district_id).id
    at = now
    if day is not None and zone is not None:
        at = moment_of_day(day, zone=zone, opened_at=line.opened_at, now=now)
    dropped = Dropped(place, at, SaidBy.RESIDENT)
    return say_one_dropped(session, lend_id=loan_id, dropped=dropped, now=now)


def take_back_word(session: Session, *, resident: Actor, loan_id: uuid.UUID, now: datetime) -> bool:
    """“Found it, I have it”: the clock goes on; False when nothing had been said. NOT_FOUND as
    above."""
    find_own_loan(session, resident=resident, loan_id=loan_id)
    return withdraw_claim(session, lend_id=loan_id, now=now)
