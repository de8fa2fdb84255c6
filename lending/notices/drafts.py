"""Messages written before they are sent, sealed at once: one-time codes."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.outbox import ClaimedMessage
from lending.notices.tables import Message, Purpose
from lending.people.contacts import Contact
from lending.people.keys import Keys
from lending.people.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued with its text, for a contact that need not be a resident's."""

    contact: Contact
    purpose: Purpose
    text: str
    expires_at: datetime


def queue_message(
    session: Session, *, keys: Keys, district_id: int, draft: Draft, now: datetime
) -> uuid.UUID:
    """Queues a text for a contact, both sealed at once; the message's id.

    One-time codes go out before everything else, at any hour, and not after `expires_at`.
    """
    message_id = uuid.uuid4()
    session.execute(
        sa.insert(Message),
        [
            {
                "id": message_id,
                "district_id": district_id,
                "contact_kind": draft.contact.kind.value,
                "contact_sealed": seal(
                    keys, draft.contact.normal, about=b"message.contact:" + message_id.bytes
                ),
                "purpose": draft.purpose,
                "body_sealed": seal(keys, draft.text, about=b"message.body:" + message_id.bytes),
                "not_before": now,
                "expires_at": draft.expires_at,
                "created_at": now,
            }
        ],
    )
    return message_id


def open_draft(keys: Keys, claimed: ClaimedMessage) -> tuple[Contact, str]:
    """Contact and text of a message queued by `queue_message`; raises Unreadable."""
    assert claimed.contact_sealed is not None and claimed.body_sealed is not None
    normal = unseal(keys, claimed.contact_sealed, about=b"message.contact:" + claimed.id.bytes)
    text = unseal(keys, claimed.body_sealed, about=b"message.body:" + claimed.id.bytes)
    return Contact(claimed.contact_kind, normal), text
