"""What a decision on a claim does to it: believed, not found, and either taken back."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.care.decisions import Decision
from lending.loop.care.remind import notice_row
from lending.loop.care.repairs import record_of_loans
from lending.loop.dropped import ClaimOutcome
from lending.loop.steps import Action
from lending.loop.tables import DropClaim, Loan
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.actors import Actor, ActorKind
from lending.people.keys import Keys
from lending.people.upserts import insert_or

OUTCOMES: Mapping[Decision, ClaimOutcome] = {
    Decision.RETURN: ClaimOutcome.BELIEVED,
    Decision.FORGIVE: ClaimOutcome.BELIEVED,
    Decision.REJECT: ClaimOutcome.NOT_FOUND,
}


def record_verdict(
    session: Session,
    decision: Decision,
    said: Mapping[uuid.UUID, tuple[int, int]],
    *,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """RETURN: recorded as returned at the said place and time. REJECT: the clock goes on with fresh
    days, and the borrower is told so. `said`: review entry and site by lend."""
    if not said:
        return
    if decision is Decision.RETURN:
        times = _dropped_at(session, said)
        back = {lend: (*where, times.get(lend, now)) for lend, where in said.items()}
        record_of_loans(session, Action.RETURN, back, actor=actor, keys=keys, now=now)
    elif decision is Decision.REJECT:
        on = {lend: (*where, now) for lend, where in said.items()}
        record_of_loans(session, Action.RESUME, on, actor=actor, keys=keys, now=now)
        _tell_resumed(session, said, now)


def settle_claims(
    session: Session,
    decision: Decision,
    lends: Collection[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The open claims about these loans end as decided; a believed one stops the clock for good."""
    if not lends or decision not in OUTCOMES:
        return
    outcome = OUTCOMES[decision]
    values: dict[str, Any] = {
        "settled_at": now,
        "outcome": outcome,
        "settled_by": actor.id if actor.kind is ActorKind.STAFF else None,
    }
    if outcome is ClaimOutcome.BELIEVED:
        values["stops_clock"] = True
    session.execute(
        sa.update(DropClaim)
        .where(DropClaim.lend_id.in_(lends), DropClaim.settled_at.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def reopen_claim(session: Session, *, lend_id: uuid.UUID) -> None:
    """The last decided claim about a loan waits again, unless another one does."""
    waits = sa.exists().where(DropClaim.lend_id == lend_id, DropClaim.settled_at.is_(None))
    last = session.scalar(
        sa.select(DropClaim.id)
        .where(DropClaim.lend_id == lend_id, ~waits)
        .where(DropClaim.outcome != ClaimOutcome.WITHDRAWN)
        .order_by(DropClaim.said_at.desc(), DropClaim.id)
        .limit(1)
    )
    session.execute(
        sa.update(DropClaim)
        .where(DropClaim.id == last)
        .values(settled_at=None, outcome=None, settled_by=None)
        .execution_options(synchronize_session=False)
    )


def _dropped_at(session: Session, lends: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(DropClaim.lend_id, DropClaim.dropped_at).where(
        DropClaim.lend_id.in_(lends), DropClaim.settled_at.is_(None)
    )
    return {row.lend_id: row.dropped_at for row in fetch(session, query)}


def _tell_resumed(session: Session, lends: Collection[uuid.UUID], now: datetime) -> None:
    """One notice per loan; a second resumption of the same loan is told of anew."""
    query = sa.select(Loan.id, Loan.district_id).where(Loan.id.in_(lends), Loan.closed_at.is_(None))
    rows = [
        notice_row(loan.id, NoticeKind.RESUMED, NoticeState.WAITING, loan.district_id, now)
        for loan in session.execute(query)
    ]
    if not rows:
        return
    insert = insert_or(session, Notice)
    anew = {"state": NoticeState.WAITING, "created_at": now, "message_id": None, "sent_at": None}
    session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=anew), rows)
