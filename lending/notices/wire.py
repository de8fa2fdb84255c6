"""What is handed to a sender and what it answers; pure."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from lending.people.contacts import Contact


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message; `id` goes along wherever the other side can keep it, against duplicates."""

    id: uuid.UUID
    district_id: int
    contact: Contact
    subject: str
    text: str


class Fate(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    LATER = "later"  # surely not sent; the sender itself is in trouble
    BUSY = "busy"  # surely not sent; only this address cannot take it now
    REFUSED = "refused"  # surely not sent, and never will be to this address
    UNSURE = "unsure"  # the connection broke after the message was handed over


@dataclass(frozen=True, slots=True)
class Answer:
    """A fate and, unless sent, why: never with the contact or the text in it."""

    fate: Fate
    error: str = ""
