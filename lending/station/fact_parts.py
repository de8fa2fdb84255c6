"""Reads one entry of a station's queue from JSON: a wrong shape is that entry's fault alone."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from lending.loop import scan_parts as parts
from lending.loop.steps import Action
from lending.people.envelopes import LONGEST_SEALED

GREATEST_STAFF = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Fact:
    """A scan that waited in a tablet. `action` None: beeped before tablets knew what a beep means.

    `borrower` is sealed or plain; `by` the staff who were signed in, as the tablet says.
    """

    id: uuid.UUID
    code: str
    at: datetime
    action: Action | None = None
    seq: int | None = None
    clock_error: float | None = None
    clock_lost: bool = False
    borrower: str | None = None
    of: uuid.UUID | None = None
    override: str | None = None
    reason: str | None = None
    note: str | None = None
    by: int | None = None


def _read_staff(value: object) -> int:
    if type(value) is not int or not 1 <= value <= GREATEST_STAFF:
        raise parts.BadPart
    return value


READERS: dict[str, parts.Reader] = parts.TOLD | {
    "action": parts.read_action,
    "borrower": parts.text_reader(LONGEST_SEALED),
    "override": parts.read_reason,
    "reason": parts.read_reason,
    "note": parts.read_note,
    "by": _read_staff,
}
REQUIRED = ("id", "code", "at")


def read_fact(raw: object) -> Fact:
    """The entry in a JSON value; BadPart with the name of the field at fault, or without one.

    Fields of no meaning here are passed over: a tablet's record holds more than it sends, and a
    queue may have been written by a newer or an older version of the app.
    """
    return Fact(**parts.read_fields(raw, READERS, required=REQUIRED))
