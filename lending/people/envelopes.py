"""Sealed borrowers: a contact or code that a tablet seals at once with the server's public key.

    S1.<base64url of: ephemeral point (65 bytes) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag>

The key of the cipher is HKDF-SHA-256 of the ECDH secret (P-256), salted with the ephemeral point;
what is sealed is `{"r": what was read or typed, "t": the device's milliseconds when it was}`. The
tablet keeps no key, so it cannot read back what waits in its queue.

The server's private key is derived from its digest key: a backup that finds residents opens
envelopes too, and there is no further secret to lose.
"""

import base64
import binascii
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lending.people.claims import LONGEST
from lending.people.keys import Keys

PREFIX = "S1."
ABOUT = b"lending borrower S1"
GOOD_FOR = timedelta(hours=1)  # a member code once read, until the cup is in the hand
AHEAD = timedelta(minutes=2)  # by which a reading may lie after what it is used for
LONGEST_SEALED = 2000  # characters

_POINT_BYTES = 65  # uncompressed (SEC 1 §2.3.3)
_NONCE_BYTES = 12
# The order of P-256's group (FIPS 186-5, SP 800-186 §3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Shown:
    """A borrower as read or typed. `at`: when, by the device's clock; None: with the scan itself.

    `sealed` tells whether it came in an envelope.
    """

    raw: str
    at: datetime | None = None
    sealed: bool = False

    def read_at(self, at: datetime, moment: datetime) -> datetime:
        """The true time of the reading, where `moment` is that of the device's time `at`."""
        return moment if self.at is None else moment - (at - self.at)


def public_key(keys: Keys) -> str:
    """What tablets seal with: the uncompressed point in base64url without padding."""
    point = _private_key(keys.digest).public_key()
    packed = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def open_borrower(keys: Keys, text: str, *, at: datetime, sent_at: datetime) -> Shown:
    """What stands in an envelope used for a scan of the device's times `at` and `sent_at`.

    Anything but an envelope is handed back as it is; one that does not open becomes the empty
    text, which names nobody. Read more than an hour before the scan, or after it was sent, the time
    of the reading does not count: a contact still names its owner, a member code of then nobody.
    """
    if not text.startswith(PREFIX):
        return Shown(text)
    opened = _open(keys, text[len(PREFIX) :])
    if opened is None:
        return Shown("", sealed=True)
    raw, read_at = opened
    if read_at is not None and not at - GOOD_FOR <= read_at <= max(at, sent_at) + AHEAD:
        read_at = None
    return Shown(raw, read_at, sealed=True)


def _open(keys: Keys, packed: str) -> tuple[str, datetime | None] | None:
    """(what was read, when) or None for whatever does not open or holds something else."""
    if len(packed) > LONGEST_SEALED:
        return None
    try:
        sealed = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        point, rest = sealed[:_POINT_BYTES], sealed[_POINT_BYTES:]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        secret = _private_key(keys.digest).exchange(ec.ECDH(), theirs)
        key = HKDF(hashes.SHA256(), 32, salt=point, info=ABOUT).derive(secret)
        plain = AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], ABOUT)
        told = orjson.loads(plain)
    except (InvalidTag, binascii.Error, ValueError):  # no base64, no point, no JSON
        return None
    raw = told.get("r") if isinstance(told, dict) else None
    if not isinstance(raw, str) or len(raw) > LONGEST or "\0" in raw:
        return None
    return raw, _moment(told.get("t"))


def _moment(milliseconds: object) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    if not math.isfinite(milliseconds) or not 0 <= milliseconds < 4e12:  # before the year 2096
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@lru_cache(maxsize=16)
def _private_key(digest_key: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of an installation: 384 derived bits modulo the order, so that no value is
    noticeably likelier than another (FIPS 186-5 appendix A.2.1)."""
    wide = HKDF(hashes.SHA256(), 48, salt=None, info=ABOUT + b" private key").derive(digest_key)
    return ec.derive_private_key(int.from_bytes(wide) % (_ORDER - 1) + 1, ec.SECP256R1())
