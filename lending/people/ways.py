"""Every way in which a till may come to name a resident, written the same on both sides."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.people.keys import Keys
from lending.people.residents import unseal_contact
from lending.people.tables import Card, Resident


def ways_to_name(session: Session, *, keys: Keys, resident_ids: Collection[uuid.UUID]) -> list[str]:
    """`contact:<E.164 or lower-case e-mail>`, `member:<number>` and `card:<code>` of each of them.

    Two statements. What comes back names people: it is to be hashed at once.
    """
    if not resident_ids:
        return []
    columns = (
        Resident.id, Resident.member_number, Resident.contact_kind, Resident.contact_sealed,
    )  # fmt: skip
    names = []
    for row in fetch(session, sa.select(*columns).where(Resident.id.in_(resident_ids))):
        names.append(f"member:{row.member_number}")
        if row.contact_sealed is not None:
            contact = unseal_contact(keys, row.id, row.contact_kind, row.contact_sealed)
            names.append(f"contact:{contact.normal}")
    cards = sa.select(Card.code).where(
        Card.resident_id.in_(resident_ids), Card.revoked_at.is_(None)
    )
    return names + [f"card:{row.code}" for row in fetch(session, cards)]
