"""Signed links that need no sign-in: they name one message and expire; pure."""

import base64
import binascii
import hmac
import re
import uuid
from datetime import UTC, datetime, timedelta

from lending.people.keys import Keys
from lending.people.sealing import digest

VALID = timedelta(days=45)  # longer than any loan is reminded of
_SIGNATURE = 12  # bytes of the HMAC that are kept: 96 bits
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def make_token(keys: Keys, message_id: uuid.UUID, *, now: datetime) -> str:
    """43 letters and digits that name a message and end 45 days from `now`."""
    body = message_id.bytes + int((now + VALID).timestamp()).to_bytes(4, "big")
    return base64.urlsafe_b64encode(body + _sign(keys, body)).decode().rstrip("=")


def read_token(keys: Keys, token: str, *, now: datetime) -> uuid.UUID | None:
    """The message a token names; None for one that is wrong or has expired."""
    if not _TOKEN.fullmatch(token):  # the decoder would take "+" for "-" and "/" for "_"
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, signature = raw[:20], raw[20:]
    if len(raw) != 20 + _SIGNATURE or not hmac.compare_digest(signature, _sign(keys, body)):
        return None
    if datetime.fromtimestamp(int.from_bytes(body[16:], "big"), UTC) < now:
        return None
    return uuid.UUID(bytes=body[:16])


def _sign(keys: Keys, body: bytes) -> bytes:
    return digest(keys, "notice-link", body.hex())[:_SIGNATURE]
