"""A resident's own loans, and how a resident acts at the side of a place."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.read.loans import LoanLine, loans_of_resident
from lending.loop.tables import Loan, ScanBorrower
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role


def beside(resident: Actor, site_id: int) -> Actor:
    """The resident as the writer takes it: acting at a place, with no more right than its till."""
    return Actor(ActorKind.RESIDENT, Role.CAFE, resident.district_id, site_id=site_id)


def find_own_loan(session: Session, *, resident: Actor, loan_id: uuid.UUID) -> LoanLine:
    """The resident's open loan; NOT_FOUND for one that came back or is somebody else's."""
    assert resident.resident_id is not None
    loans = loans_of_resident(session, resident_id=resident.resident_id, limit=1)
    found = next((line for line in loans.open if line.id == loan_id), None)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="loan")
    return found


def own_open_loan_of(session: Session, *, resident: Actor, item_id: int) -> uuid.UUID | None:
    """The id of the loan by which the resident has this piece, if so."""
    return session.scalar(
        sa.select(Loan.id)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .where(
            Loan.item_id == item_id,
            Loan.closed_at.is_(None),
            ScanBorrower.resident_id == resident.resident_id,
        )
    )
