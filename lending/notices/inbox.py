"""The demo's inbox: what a phone or mailbox would have received, kept in a table."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.notices.tables import InboxMessage
from lending.people.contacts import Contact, last_four
from lending.people.keys import Keys
from lending.people.residents import contact_digest
from lending.people.tables import Resident
from lending.people.upserts import insert_or
from lending.places.tables import District


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One received message; `label` is the contact's last four."""

    id: uuid.UUID
    label: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to be put into the inbox, at most once per `id`."""

    id: uuid.UUID
    district_id: int
    contact: Contact
    text: str


def put_into_inbox(session: Session, *, keys: Keys, delivery: Delivery, now: datetime) -> bool:
    """Stores the message unless its id is there already; NOT_ALLOWED outside a demo district."""
    demo = sa.select(District.is_demo).where(District.id == delivery.district_id)
    if not session.scalar(demo):
        raise LendingError(Code.NOT_ALLOWED, detail="the inbox exists only in a demo")
    row = {
        "id": delivery.id,
        "district_id": delivery.district_id,
        "contact_digest": contact_digest(keys, delivery.contact),
        "label": last_four(delivery.contact),
        "text": delivery.text,
        "at": now,
    }
    insert = insert_or(session, InboxMessage).values(row).on_conflict_do_nothing()
    return session.execute(insert.returning(InboxMessage.id)).first() is not None


def list_inbox(
    session: Session,
    *,
    district_id: int,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 50,
) -> list[InboxEntry]:
    """What arrived in a demo district, the newest first, from the first before (at, id) on.

    Empty for any other district.
    """
    query = (
        sa.select(InboxMessage.id, InboxMessage.label, InboxMessage.text, InboxMessage.at)
        .join(District, District.id == InboxMessage.district_id)
        .where(InboxMessage.district_id == district_id, District.is_demo)
        .order_by(InboxMessage.at.desc(), InboxMessage.id.desc())
        .limit(limit)
    )
    if before is not None:
        at, entry = before
        earlier = sa.or_(
            InboxMessage.at < at, sa.and_(InboxMessage.at == at, InboxMessage.id < entry)
        )
        query = query.where(earlier)
    return [InboxEntry(*row) for row in session.execute(query)]


def clear_inbox_of(session: Session, *, resident_ids: Collection[uuid.UUID]) -> None:
    """Deletes what these residents received; part of their erasure."""
    digests = sa.select(Resident.contact_digest).where(
        Resident.id.in_(resident_ids), Resident.contact_digest.is_not(None)
    )
    session.execute(
        sa.delete(InboxMessage)
        .where(InboxMessage.contact_digest.in_(digests))
        .execution_options(synchronize_session=False)
    )
