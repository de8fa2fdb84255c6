"""What people say of a loan: "already brought back", "not me"; each becomes a review entry."""

import uuid
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.loop.reviews import SETTLE_AFTER
from lending.loop.tables import Loan, Review
from lending.people.upserts import insert_or


class Saying(StrEnum):
    RETURNED = "says_returned"
    NOT_ME = "not_me"


def claim_loans(
    session: Session,
    *,
    lend_ids: Collection[uuid.UUID],
    saying: Saying,
    now: datetime,
    note: str | None = None,
) -> int:
    """Opens one review entry per loan still open; how many are new.

    While it is open nothing more is sent about the loan. `note`: what was said of place and time,
    never who said it. Saying the same again changes nothing.
    """
    query = sa.select(Loan.id, Loan.district_id, Loan.site_id, Loan.item_id).where(
        Loan.id.in_(lend_ids), Loan.closed_at.is_(None)
    )
    rows = [
        {
            "district_id": loan.district_id,
            "site_id": loan.site_id,
            "subject": saying.value,
            "scan_id": loan.id,
            "item_id": loan.item_id,
            "opened_at": now,
            "settle_by": now + SETTLE_AFTER,
            "note": note,
        }
        for loan in session.execute(query)
    ]
    if not rows:
        return 0
    insert = insert_or(session, Review).on_conflict_do_nothing().returning(Review.id)
    return len(session.execute(insert, rows).all())


def open_claims(lend_id: InstrumentedAttribute[uuid.UUID]) -> sa.ColumnElement[bool]:
    """SQL: whether somebody's word about this loan waits for a head."""
    return sa.exists().where(
        Review.scan_id == lend_id,
        Review.subject.in_([saying.value for saying in Saying]),
        Review.settled_at.is_(None),
    )
