"""The signature under what platforms and we send each other: `t=<seconds>,v1=<hex>`; pure.

`v1` is the HMAC-SHA-256, by the shared secret, of the seconds since 1970 as in `t`, a full stop and
the body. While keys are being changed there is one `v1` for each secret in force.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime

HEADER = "X-Signature"
GOOD_FOR = 300  # seconds by which `t` may lie before or after now
LONGEST = 500  # characters

_TIME = re.compile(r"t=([0-9]{1,12})")
_SIGNED = re.compile(r"v1=([0-9a-f]{64})")


def sign(body: bytes, *, secrets: Sequence[str], at: datetime) -> str:
    """The header for a body sent at this moment."""
    seconds = str(int(at.timestamp()))
    return ",".join([f"t={seconds}", *(f"v1={_mac(secret, seconds, body)}" for secret in secrets)])


def is_signed(header: str, body: bytes, *, secrets: Sequence[str], now: datetime) -> bool:
    """Whether the header signs this body by one of the secrets and is not older than 5 minutes.

    An older one is refused whatever it signs: it may have been listened to.
    """
    if len(header) > LONGEST:
        return False
    parts = [part.strip() for part in header.split(",")]
    times = [found[1] for part in parts if (found := _TIME.fullmatch(part))]
    given = [found[1] for part in parts if (found := _SIGNED.fullmatch(part))]
    if len(times) != 1 or abs(int(times[0]) - now.timestamp()) > GOOD_FOR:
        return False
    right = [_mac(secret, times[0], body) for secret in secrets]
    return any(hmac.compare_digest(one, other) for one in right for other in given)


def _mac(secret: str, seconds: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), seconds.encode() + b"." + body, "sha256").hex()
