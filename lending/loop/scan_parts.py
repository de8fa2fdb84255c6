"""Reads the parts of a scan from JSON values, each to its Python value or to BadPart."""

import math
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from lending.loop.steps import Action

T = TypeVar("T")

LONGEST_CODE = 300  # characters: an item's URL, or what a reader sent
LONGEST_SITE = 20
LONGEST_KIND = 40
LONGEST_REASON = 500
LONGEST_NOTE = 2000
GREATEST_SEQ = 2**63 - 1
GREATEST_CLOCK_ERROR = 1e10  # seconds: a clock set to any year a person may live in
YEARS = range(1900, 2200)  # outside, adding a clock's error could leave the calendar

# Every action a client may send; registering is a call of its own, giving up the worker's.
ACTIONS = {
    action.value: action for action in Action if action not in (Action.REGISTER, Action.GIVE_UP)
}
INTENTS = {"ask": True, "fact": False}

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
# NUL and other control characters, but tab and line breaks, and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class BadPart(ValueError):
    """A value that is not what its field takes."""


def shown_name(key: str) -> str:
    """A field's name as an answer may show it; empty for one too long or not to be written."""
    return "" if len(key) > LONGEST_SITE or _UNSTORABLE.search(key) else key


def read_uuid(value: object) -> uuid.UUID:
    """A UUID of any version in its usual form of 36 characters."""
    if type(value) is not str or not _UUID.fullmatch(value):
        raise BadPart
    return uuid.UUID(value)


def choice_reader(choices: Mapping[str, T]) -> Callable[[object], T]:
    """A reader of one of these words, to what it stands for."""

    def read(value: object) -> T:
        if type(value) is not str or value not in choices:
            raise BadPart
        return choices[value]

    return read


read_action = choice_reader(ACTIONS)
read_intent = choice_reader(INTENTS)


def read_moment(value: object) -> datetime:
    """A date and time of ISO 8601 with its zone, in UTC; digits past the microsecond are cut."""
    if type(value) is not str or not 17 <= len(value) <= 40 or value[10] not in "Tt ":
        raise BadPart
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or moment.year not in YEARS:
            raise BadPart
        return moment.astimezone(UTC)
    except ValueError as error:
        raise BadPart from error


def read_number(value: object) -> int:
    """A running number from 0 to 2^63 - 1."""
    if type(value) is not int or not 0 <= value <= GREATEST_SEQ:
        raise BadPart
    return value


def read_seconds(value: object) -> float:
    """A finite number of seconds, ahead or behind."""
    if type(value) is not float and type(value) is not int:
        raise BadPart
    if not abs(value) <= GREATEST_CLOCK_ERROR or math.isnan(value):
        raise BadPart
    return float(value)


def read_flag(value: object) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise BadPart
    return value


def read_override(value: object) -> str:
    """`{"reason": …}`: why staff set a limit of the borrower aside."""
    if type(value) is not dict or value.keys() != {"reason"}:
        raise BadPart
    return read_reason(value["reason"])


def text_reader(longest: int) -> Callable[[object], str]:
    """A reader of texts of 1 to `longest` characters, blanks around them taken off."""

    def read(value: object) -> str:
        if type(value) is not str or len(value) > longest or _UNSTORABLE.search(value):
            raise BadPart
        text = value.strip()
        if not text:
            raise BadPart
        return text

    return read


read_code_text = text_reader(LONGEST_CODE)
read_reason = text_reader(LONGEST_REASON)
read_note = text_reader(LONGEST_NOTE)
read_kind_text = text_reader(LONGEST_KIND)
_read_site = text_reader(LONGEST_SITE)


def read_site_text(value: object) -> str:
    """A site's code, in capitals as sites are stored."""
    return _read_site(value).upper()


def read_destination(value: object) -> str:
    """Where a piece is shipped to (a site's code), or the new label of a relabel."""
    return read_code_text(value)


Reader = Callable[[object], Any]

# What every record of a tablet or a phone may hold, whatever it tells.
TOLD: dict[str, Reader] = {
    "id": read_uuid,
    "code": read_code_text,
    "at": read_moment,
    "seq": read_number,
    "clock_error": read_seconds,
    "clock_lost": read_flag,
    "of": read_uuid,
}


def read_fields(
    raw: object, readers: Mapping[str, Reader], *, required: Collection[str]
) -> dict[str, Any]:
    """What the readers make of the fields of a JSON object, those left out or empty apart; BadPart
    with the name of the field at fault, or without one. Fields without a reader are passed over."""
    if type(raw) is not dict:
        raise BadPart
    values: dict[str, Any] = {}
    for name, reader in readers.items():
        value = raw.get(name)
        if value is None or value == "":
            if name in required:
                raise BadPart(name)
            continue
        try:
            values[name] = reader(value)
        except BadPart as error:
            raise BadPart(name) from error
    return values
