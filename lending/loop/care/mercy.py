"""Forgiveness of a late loan: an officer's decision, with its reason, that it pauses nobody."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import Forgiveness, Loan
from lending.people.actors import Actor, ActorKind
from lending.people.upserts import insert_or
from lending.places.texts import read_text


def forgive_loan(
    session: Session, *, lend_id: uuid.UUID, reason: str, actor: Actor, now: datetime
) -> bool:
    """Lifts the pause an open loan causes or would cause; False when it was forgiven before.

    The cup is still expected back. NOT_FOUND (field loan) unless the loan is open in the officer's
    district; INVALID (field reason) without a reason.
    """
    words = read_text(reason, "reason", longest=500)
    loan = session.scalar(
        sa.select(Loan.id).where(
            Loan.id == lend_id, Loan.district_id == actor.district_id, Loan.closed_at.is_(None)
        )
    )
    if loan is None:
        raise LendingError(Code.NOT_FOUND, field="loan")
    row = {
        "lend_id": lend_id,
        "district_id": actor.district_id,
        "staff_id": actor.id if actor.kind is ActorKind.STAFF else None,
        "reason": words,
        "at": now,
    }
    insert = insert_or(session, Forgiveness).values(row).on_conflict_do_nothing()
    return session.execute(insert.returning(Forgiveness.lend_id)).first() is not None
