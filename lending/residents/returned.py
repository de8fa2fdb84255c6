"""A resident says that a cup was brought back already: staff look, reminders wait meanwhile."""

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.sayings import Saying, claim_loans
from lending.people.actors import Actor
from lending.places.sites import find_site
from lending.residents.own import find_own_loan


def say_returned(
    session: Session,
    *,
    resident: Actor,
    loan_id: uuid.UUID,
    site: str,
    day: date,
    now: datetime,
) -> bool:
    """Opens a review entry saying where and on which day; False when it was said before.

    NOT_FOUND for a loan that is not the resident's own or a place the district does not have;
    INVALID (field day) for a day before the lend or in the future.
    """
    line = find_own_loan(session, resident=resident, loan_id=loan_id)
    place = find_site(session, code=site, district_id=resident.district_id)
    if not line.opened_at.date() <= day or (day - now.date()).days > 1:  # a day may begin earlier
        raise LendingError(Code.INVALID, field="day")
    note = f"{place.code} {day.isoformat()}"
    said = claim_loans(session, lend_ids=[loan_id], saying=Saying.RETURNED, now=now, note=note)
    return said > 0
