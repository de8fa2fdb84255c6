"""Member codes, member numbers and card codes: people's codes, never to be taken for an item's.

A member code is what a resident's phone shows as a QR and renews every minute, offline:

    M1.<number>.<minute>.<mac>      M1.K7R4WQ81W.29923400.HJPDZYTKWR24MKPC

`minute` counts minutes since 1970 UTC; `mac` is the first 16 characters of the base 32 form of
HMAC-SHA-256 over `M1.<number>.<minute>` with the member's secret (32 bytes). For the till that
cannot read a screen there is a short form to type, `<number>-<six digits>`, the digits being the
first four bytes of HMAC-SHA-256 over `N1.<number>.<minute>`, as a big-endian number, modulo 10^6.

Item codes are twelve digits. Every code of a person has letters at fixed places instead.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

# Crockford's base 32: without I, L, O and U, which are taken for 1, 1, 0 and V.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = SYMBOLS[10:]
SECRET_BYTES = 32
MINUTES_EITHER_WAY = 2

_MAC_LENGTH = 16  # 80 bits
_MEMBER_PATTERN = "AXXXAXXX"  # A: a letter, X: a letter or digit; the check letter follows
_CARD_PATTERN = "AXXXAXXXAXX"
_CHOICES = {"A": LETTERS, "X": SYMBOLS}
_TYPED_FOR = str.maketrans("ILO", "110")
_CODE = re.compile(r"M1\.([0-9A-Z]+)\.([0-9]{1,12})\.([0-9A-Z]{16})")
_TYPED = re.compile(r"([0-9A-Z]{9})-?([0-9]{6})")
_CARD_URL = re.compile(r"(?:https?://[^/\s]+)?/c/([0-9A-Za-z-]+)/?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MemberClaim:
    """A member code taken apart, not yet checked; `minute` is None for the typed short form."""

    number: str
    minute: int | None
    proof: str


def make_member_number() -> str:
    """A new random member number: nine characters, the last a check letter."""
    return _make(_MEMBER_PATTERN)


def make_card_code() -> str:
    """A new random card code: twelve characters, the last a check letter (about 53 random bits)."""
    return _make(_CARD_PATTERN)


def make_member_secret() -> bytes:
    """A new secret from which a member's phone derives its codes."""
    return secrets.token_bytes(SECRET_BYTES)


def member_code(secret: bytes, number: str, at: datetime) -> str:
    """The content of the member QR at the time `at`."""
    return _code(secret, number, _minute(at))


def member_digits(secret: bytes, number: str, at: datetime) -> str:
    """The short form to type at the time `at`: `<number>-<six digits>`."""
    return f"{number}-{_digits(secret, number, _minute(at))}"


def read_member_code(text: str) -> MemberClaim | None:
    """`text` taken apart if it has the form of a member code or of its short form, else None."""
    text = _plain(text)
    if match := _CODE.fullmatch(text):
        number, minute, proof = match.groups()
        return MemberClaim(number, int(minute), proof) if _fits(number, _MEMBER_PATTERN) else None
    if (match := _TYPED.fullmatch(text)) and _fits(match[1], _MEMBER_PATTERN):
        return MemberClaim(match[1], None, match[2])
    return None


def check_member_code(secret: bytes, claim: MemberClaim, at: datetime) -> bool:
    """Whether the claim was shown by the holder of `secret` within two minutes of `at`."""
    minutes = range(_minute(at) - MINUTES_EITHER_WAY, _minute(at) + MINUTES_EITHER_WAY + 1)
    if claim.minute is None:
        right = [_digits(secret, claim.number, minute) for minute in minutes]
        # Every candidate is compared, so that time does not tell which one came near.
        return sum(hmac.compare_digest(digits, claim.proof) for digits in right) > 0
    own = _mac(secret, claim.number, claim.minute)
    return hmac.compare_digest(own, claim.proof) and claim.minute in minutes


def read_card_code(text: str) -> str | None:
    """The card code in `text` (an address ending in `/c/<code>`, or bare), or None."""
    if match := _CARD_URL.fullmatch(text.strip()):
        text = match[1]
    code = _plain(text).replace("-", "")
    return code if _fits(code, _CARD_PATTERN) else None


def grouped_card(code: str) -> str:
    """A card code as it is printed: `K7R4-M2WQ-PX8A`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _plain(text: str) -> str:
    return text.strip().upper().replace(" ", "").translate(_TYPED_FOR)


def _make(pattern: str) -> str:
    body = "".join(secrets.choice(_CHOICES[place]) for place in pattern)
    return body + _check_letter(body)


def _fits(code: str, pattern: str) -> bool:
    return (
        len(code) == len(pattern) + 1
        and all(sign in _CHOICES[place] for sign, place in zip(code, pattern, strict=False))
        and code[-1] == _check_letter(code[:-1])
    )


def _check_letter(body: str) -> str:
    """Weighted sum modulo 22, weights 1, 3, 5, 7, 9, 13, …: all prime to 22.

    Two neighbours' weights differ, so most swaps are found; a change of one sign is found unless
    the two signs lie exactly 22 apart.
    """
    weights = (1, 3, 5, 7, 9, 13, 15, 17, 19, 21)
    total = sum(SYMBOLS.index(sign) * weights[i % 10] for i, sign in enumerate(body))
    return LETTERS[total % len(LETTERS)]


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _code(secret: bytes, number: str, minute: int) -> str:
    return f"M1.{number}.{minute}.{_mac(secret, number, minute)}"


def _mac(secret: bytes, number: str, minute: int) -> str:
    full = int.from_bytes(hmac.digest(secret, f"M1.{number}.{minute}".encode(), "sha256"))
    return "".join(SYMBOLS[full >> (256 - 5 * (i + 1)) & 31] for i in range(_MAC_LENGTH))


def _digits(secret: bytes, number: str, minute: int) -> str:
    first = hmac.digest(secret, f"N1.{number}.{minute}".encode(), "sha256")[:4]
    return f"{int.from_bytes(first) % 1_000_000:06d}"
