"""A resident leaves: everything kept of the person is erased at once, unless cups are still out."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.erase import erase_person
from lending.loop.read.loans import loans_of_resident
from lending.people.actors import Actor


def leave(session: Session, *, resident: Actor, now: datetime) -> None:
    """Erases the resident; CONFLICT while cups are out, for nobody could be asked for them then.

    What was written off as lost does not hold anybody back.
    """
    assert resident.resident_id is not None
    loans = loans_of_resident(session, resident_id=resident.resident_id, limit=1)
    if any(loan.lost_at is None for loan in loans.open):
        raise LendingError(Code.CONFLICT, field="cups")
    erase_person(session, resident_id=resident.resident_id, now=now)
