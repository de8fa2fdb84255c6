"""Sealing of contacts and secrets (AES-256-GCM) and keyed digests to find them again (HMAC-SHA-256)."""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lending.people.keys import Keys as Keys

_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: 96 random bits
_VERSION = b"\x01"  # first byte of everything sealed, so that the form can change later


class Unreadable(Exception):
    """Something sealed does not open: another key, another row, or changed bytes."""


def seal(keys: Keys, text: str, *, about: bytes | str) -> bytes:
    """`text` sealed so that it opens only together with the same `about` (its row and column)."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(keys.contact).encrypt(nonce, _bytes(text), _bytes(about))


def unseal(keys: Keys, sealed: bytes, *, about: bytes | str) -> str:
    """The text of `seal`; raises Unreadable when key, `about` or bytes are not the same."""
    if sealed[:1] != _VERSION:
        raise Unreadable
    body = sealed[1:]
    try:
        plain = AESGCM(keys.contact).decrypt(
            body[:_NONCE_BYTES], body[_NONCE_BYTES:], _bytes(about)
        )
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
    return plain.decode("utf-8", "surrogatepass")


def digest(keys: Keys, purpose: str, text: str) -> bytes:
    """32 bytes that find `text` again; digests of different purposes cannot be compared."""
    return hmac.digest(keys.digest, _bytes(purpose) + b"\0" + _bytes(text), "sha256")


def _bytes(text: bytes | str) -> bytes:
    # What a till sent may hold half a surrogate pair; it is kept as it came.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
