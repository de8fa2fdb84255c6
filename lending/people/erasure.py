"""Erasure of a resident: everything this package keeps of the person goes."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime
from lending.people.tables import Card, LoginCode, Resident


def erase_resident(session: Session, *, resident_id: uuid.UUID, now: datetime) -> bool:
    """Deletes the resident with contact, member secret and one-time codes, and revokes the cards.

    False when there is no such resident. What lies above hangs on the row: messages go with it by
    foreign key; the writer's part (who borrowed) is cut by lending/loop, which calls this last.
    The access log stays: it says that somebody looked, not who the person was.
    """
    found = session.execute(
        sa.select(Resident.district_id, Resident.contact_digest)
        .where(Resident.id == resident_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        return False
    session.execute(
        sa.update(Card)
        .where(Card.resident_id == resident_id)
        .values(
            resident_id=None,
            revoked_at=sa.func.coalesce(Card.revoked_at, sa.literal(now, UtcDateTime())),
        )
        .execution_options(synchronize_session=False)
    )
    if found.contact_digest is not None:
        session.execute(
            sa.delete(LoginCode).where(
                LoginCode.district_id == found.district_id,
                LoginCode.contact_digest == found.contact_digest,
            )
        )
    session.execute(sa.delete(Resident).where(Resident.id == resident_id))
    return True
