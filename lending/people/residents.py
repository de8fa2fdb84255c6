"""Resident rows: how a new one is made, what of it is sealed, and how it is found again."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.db import fetch
from lending.people.contacts import Contact, ContactKind, last_four
from lending.people.members import make_member_number, make_member_secret
from lending.people.sealing import Keys, digest, seal, unseal
from lending.people.tables import Resident

Rows = Sequence[sa.Row[Any]]

COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Resident.id,
    Resident.contact_digest,
    Resident.contact_sealed,
    Resident.contact_kind,
    Resident.confirmed_at,
    Resident.member_number,
    Resident.member_secret,
)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Where and in which language a resident is written to; `confirmed`: proven by a code."""

    resident_id: uuid.UUID
    contact: Contact
    language: str
    confirmed: bool


def contact_digest(keys: Keys, contact: Contact) -> bytes:
    """The keyed digest by which a contact is found."""
    return digest(keys, "contact", contact.normal)


def seal_contact(keys: Keys, resident_id: uuid.UUID, contact: Contact) -> bytes:
    """The contact sealed to its resident's row."""
    return seal(keys, contact.normal, about=b"resident.contact:" + resident_id.bytes)


def unseal_contact(keys: Keys, resident_id: uuid.UUID, kind: str, sealed: bytes) -> Contact:
    """The contact of a resident's row; raises Unreadable."""
    text = unseal(keys, sealed, about=b"resident.contact:" + resident_id.bytes)
    return Contact(ContactKind(kind), text)


def seal_secret(keys: Keys, resident_id: uuid.UUID, secret: bytes) -> bytes:
    """The member secret sealed to its resident's row."""
    return seal(keys, secret.hex(), about=b"resident.secret:" + resident_id.bytes)


def unseal_secret(keys: Keys, resident_id: uuid.UUID, sealed: bytes) -> bytes:
    """The member secret of a resident's row; raises Unreadable."""
    return bytes.fromhex(unseal(keys, sealed, about=b"resident.secret:" + resident_id.bytes))


def new_resident(
    keys: Keys, *, district_id: int, contact: Contact | None, now: datetime
) -> dict[str, Any]:
    """The values of a new unconfirmed resident's row, with its own number and secret."""
    resident_id = uuid.uuid4()
    return {
        "id": resident_id,
        "district_id": district_id,
        "contact_digest": contact_digest(keys, contact) if contact else None,
        "contact_sealed": seal_contact(keys, resident_id, contact) if contact else None,
        "contact_kind": contact.kind.value if contact else None,
        "member_number": make_member_number(),
        "member_secret": seal_secret(keys, resident_id, make_member_secret()),
        "created_at": now,
    }


def lock_residents(
    session: Session,
    *,
    district_id: int,
    digests: Collection[bytes] = (),
    numbers: Collection[str] = (),
    ids: Collection[uuid.UUID] = (),
) -> Rows:
    """The residents (COLUMNS) found by any of the three, locked in id order; one statement."""
    given = {"digest": digests, "number": numbers, "id": ids}
    asked = tuple(name for name, values in given.items() if values)
    if not asked:
        return []
    parameters = {name: list(given[name]) for name in asked}
    return fetch(session, _locking(asked), parameters | {"district": district_id})


@cache
def _locking(asked: tuple[str, ...]) -> sa.Select[Any]:
    """The statement of lock_residents for the ways asked; made once each."""
    columns = {
        "digest": Resident.contact_digest,
        "number": Resident.member_number,
        "id": Resident.id,
    }
    ways = [
        sa.select(Resident.id).where(
            Resident.district_id == sa.bindparam("district"),
            columns[name].in_(sa.bindparam(name, expanding=True)),
        )
        for name in asked
    ]
    # One index per way; an OR over the three would read the whole table.
    found = sa.union_all(*ways) if len(ways) > 1 else ways[0]
    # key_share: rows that refer to a resident may still be inserted by others meanwhile.
    query = sa.select(*COLUMNS).where(Resident.id.in_(found)).order_by(Resident.id)
    return query.with_for_update(key_share=True)


def load_reachable(
    session: Session, *, keys: Keys, resident_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Reachable]:
    """Contact and language of those residents who have a contact; one statement."""
    query = sa.select(
        Resident.id,
        Resident.contact_kind,
        Resident.contact_sealed,
        Resident.language,
        Resident.confirmed_at,
    ).where(Resident.id.in_(resident_ids), Resident.contact_sealed.is_not(None))
    return {
        row.id: Reachable(
            row.id,
            unseal_contact(keys, row.id, row.contact_kind, row.contact_sealed),
            row.language,
            row.confirmed_at is not None,
        )
        for row in session.execute(query)
    }


def resident_label(keys: Keys, row: sa.Row[Any]) -> str:
    """What staff see of a resident: the contact's last four, else the member number's."""
    if row.contact_sealed is None:
        return str(row.member_number[-4:])
    return last_four(unseal_contact(keys, row.id, row.contact_kind, row.contact_sealed))
