"""What people say of a loan: "not me" becomes a review entry; "brought back" is in drops.py."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Loan, Review
from lending.loop.write.reviews import SETTLE_AFTER, Saying
from lending.people.upserts import insert_or


def disown_loans(session: Session, *, lend_ids: Collection[uuid.UUID], now: datetime) -> int:
    """ "That was not me": opens one review entry per loan still open; how many are new.

    While it is open nothing more is sent about the loan. Saying the same again changes nothing.
    """
    query = sa.select(Loan.id, Loan.district_id, Loan.site_id, Loan.item_id).where(
        Loan.id.in_(lend_ids), Loan.closed_at.is_(None)
    )
    rows = [
        {
            "district_id": loan.district_id,
            "site_id": loan.site_id,
            "subject": Saying.NOT_ME.value,
            "scan_id": loan.id,
            "item_id": loan.item_id,
            "opened_at": now,
            "settle_by": now + SETTLE_AFTER,
        }
        for loan in session.execute(query)
    ]
    if not rows:
        return 0
    insert = insert_or(session, Review).on_conflict_do_nothing().returning(Review.id)
    return len(session.execute(insert, rows).all())
