"""The terms and limits a new district begins with; an officer changes them on a page."""

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.policy.limits import DEFAULT_LIMITS
from lending.loop.tables import StateLimit, TermVersion
from lending.loop.terms import Terms


def write_default_terms(session: Session, *, district_id: int, now: datetime) -> None:
    """First versions of the loan terms and of every limit, in force from `now`; none twice."""
    known = sa.select(TermVersion.id).where(
        TermVersion.district_id == district_id, TermVersion.kind_id.is_(None)
    )
    if session.scalar(known.limit(1)) is None:
        session.execute(
            sa.insert(TermVersion),
            [{"district_id": district_id, "valid_from": now} | asdict(Terms())],
        )
    limited = set(
        session.scalars(sa.select(StateLimit.state).where(StateLimit.district_id == district_id))
    )
    rows = [
        {
            "district_id": district_id,
            "state": state,
            "valid_from": now,
            "days": limit.days,
            "owner": limit.owner.value,
        }
        for state, limit in DEFAULT_LIMITS.items()
        if state not in limited
    ]
    if rows:
        session.execute(sa.insert(StateLimit), rows)
