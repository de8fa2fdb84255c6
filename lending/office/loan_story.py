"""One loan at the desk: what was said about it, and what its piece went through."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.drop_views import ClaimView, claims_of_loans
from lending.loop.read.history import ScanView, item_scans
from lending.loop.steps import Outcome
from lending.loop.tables import Forgiveness, Loan
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.office.loan_board import BoardLine, find_line
from lending.people.actors import Actor

MOST_NOTICES = 50
MOST_SCANS = 30


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice about a loan; `sent_at` None while it waits or when it was never sent."""

    lend_id: uuid.UUID
    kind: NoticeKind
    state: NoticeState
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoanStory:
    """A loan with its notices and the last scans of its piece, the newest first; never a person.

    `claim`: the last word that it was brought back.
    """

    line: BoardLine
    closed_at: datetime | None
    outcome: Outcome | None
    forgiven_why: str | None
    notices: list[NoticeLine]
    scans: list[ScanView]
    claim: ClaimView | None


def tell_loan(session: Session, *, lend_id: uuid.UUID, actor: Actor) -> LoanStory:
    """The story of a loan of the officer's district; NOT_FOUND (field loan)."""
    row = session.execute(
        sa.select(Loan.item_id, Loan.closed_at, Loan.outcome, Forgiveness.reason)
        .outerjoin(Forgiveness, Forgiveness.lend_id == Loan.id)
        .where(Loan.id == lend_id, Loan.district_id == actor.district_id)
    ).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="loan")
    return LoanStory(
        line=find_line(session, lend_id=lend_id),
        closed_at=row.closed_at,
        outcome=row.outcome,
        forgiven_why=row.reason,
        notices=notices_of(session, [lend_id]),
        scans=item_scans(session, item_id=row.item_id, actor=actor, limit=MOST_SCANS).items,
        claim=claims_of_loans(session, [lend_id]).get(lend_id),
    )


def notices_of(session: Session, lends: Sequence[uuid.UUID]) -> list[NoticeLine]:
    """The last 50 notices about these loans, the newest first."""
    query = (
        sa.select(Notice.lend_id, Notice.kind, Notice.state, Notice.created_at, Notice.sent_at)
        .where(Notice.lend_id.in_(lends))
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(MOST_NOTICES)
    )
    return [NoticeLine(*row) for row in session.execute(query)]
