"""Review entries about what borrowers say: opened when a claim stays unconfirmed, closed with it."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.tables import DropClaim, Loan, Review
from lending.loop.write.reviews import VANISHED, Saying
from lending.people.upserts import insert_or


def open_claim_reviews(
    session: Session, claims: Collection[uuid.UUID], *, close_days: int, now: datetime
) -> int:
    """One entry per claim, at the place it names or else where the cup was lent; how many are new.

    An entry about an earlier claim of the same loan is opened again. It settles itself `close_days`
    after the claim (the worker gives the loan up then).
    """
    if not claims:
        return 0
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            DropClaim.district_id, DropClaim.site_id, DropClaim.lend_id, DropClaim.item_id,
            DropClaim.said_at, DropClaim.note, Loan.site_id.label("lent_at"),
        )
        .join(Loan, Loan.id == DropClaim.lend_id)
        .where(DropClaim.id.in_(claims))
    )  # fmt: skip
    rows = [
        {
            "district_id": claim.district_id,
            "site_id": claim.site_id or claim.lent_at,
            "subject": Saying.RETURNED.value,
            "scan_id": claim.lend_id,
            "item_id": claim.item_id,
            "opened_at": now,
            "settle_by": claim.said_at + timedelta(days=close_days),
            "note": claim.note,
        }
        for claim in fetch(session, query)
    ]
    if not rows:
        return 0
    insert = insert_or(session, Review)
    again = {name: insert.excluded[name] for name in ("site_id", "opened_at", "settle_by", "note")}
    upsert = insert.on_conflict_do_update(
        index_elements=["scan_id", "subject"],
        set_=again | {"settled_at": None, "settled_how": None, "settled_by": None},
        where=Review.settled_at.is_not(None),
    )
    return len(session.execute(upsert.returning(Review.id), rows).all())


def close_claim_reviews(
    session: Session, lends: Collection[uuid.UUID], *, now: datetime, how: str = VANISHED
) -> None:
    """The open entries about these loans need no head any more."""
    if not lends:
        return
    session.execute(
        sa.update(Review)
        .where(
            Review.scan_id.in_(lends),
            Review.subject == Saying.RETURNED,
            Review.settled_at.is_(None),
        )
        .values(settled_at=now, settled_how=how)
        .execution_options(synchronize_session=False)
    )
