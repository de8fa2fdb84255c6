"""Item codes: making, checking, printing and reading the twelve digits on a piece.

The check digit follows ISO/IEC 7064:2003, MOD 11,10 (the hybrid system with one check digit).
It finds every single wrong digit. Of swapped neighbours it misses one pair in 45: at each running
value exactly one pair of digits that differ by one (9 and 0 too). Swaps over a distance and several
wrong digits at once are found about nine times in ten.

Codes never begin with 0 or 82: twelve digits that do are telephone numbers (safe numbers 050x-…
and Korean numbers typed without their +), so a person's number cannot pass for a piece.
"""

import re
import secrets
from random import Random

from lending.errors import Code, LendingError

DIGITS = 12
LONGEST_INPUT = 300  # characters; a longer text is no code and no URL of ours
NOT_A_PIECE = ("0", "82")  # how telephone numbers of twelve digits begin
MOST_AT_ONCE = 100_000

_FIRST = 10**10  # eleven digits before the check digit, the first of them not 0
_START, _VALID = 10, 2  # the running value before the first digit, and after a right check digit


def _step(value: int, digit: int) -> int:
    """One digit of MOD 11,10: add it modulo 10 (0 counts as 10), double modulo 11."""
    return ((value + digit) % 10 or 10) * 2 % 11


# _NEXT[running value][ASCII code of a digit]: reading a code is twelve look-ups, no arithmetic.
_NEXT = tuple(
    bytes(_step(value, byte - 48) if byte >= 48 else 0 for byte in range(58)) for value in range(11)
)

_URL = re.compile(
    r"https?://[^\s/?#\\]+(?:/[^\s/?#\\]+)*/i/([0-9]{12})/?(?:\?[^\s#]*)?(?:#\S*)?",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(r"[0-9](?:[ -]?[0-9]){11}", re.ASCII)


def make_code(rng: Random | None = None) -> str:
    """A new random code; `rng` is the operating system's unless one is handed in."""
    draw = rng or secrets.SystemRandom()
    while True:
        body = str(draw.randrange(_FIRST, 10 * _FIRST))
        if not body.startswith(NOT_A_PIECE):
            return body + check_digit(body)


def make_codes(count: int, rng: Random | None = None) -> list[str]:
    """`count` codes (1 to 100,000), no two alike, in no order; INVALID for another count."""
    if not 1 <= count <= MOST_AT_ONCE:
        raise LendingError(Code.INVALID, field="count")
    draw = rng or secrets.SystemRandom()
    codes: dict[str, None] = {}  # a dict keeps the order of drawing, so a handed-in rng repeats
    while len(codes) < count:
        codes[make_code(draw)] = None
    return list(codes)


def check_digit(body: str) -> str:
    """The digit that makes `body` (eleven ASCII digits) a valid code."""
    value = _run(body)
    return str((11 - value) % 10)


def is_item_code(text: str) -> bool:
    """Whether `text` is exactly twelve digits that form a valid code (no hyphen, no URL)."""
    return _is_shaped(text) and _run(text) == _VALID


def read_code(text: str) -> str:
    """The twelve digits in what a reader sent or a hand typed.

    Takes digits, with single hyphens or spaces between them, or any http(s) URL whose path ends in
    `/i/<12 digits>`: the host is not looked at, so labels outlive a district's address. Letters may
    be upper case. Raises BAD_CHECK_DIGIT when a digit of twelve is wrong, INVALID for all else.
    """
    digits = text if len(text) == DIGITS else _find_digits(text)
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise LendingError(Code.INVALID, field="code")
    if _run(digits) != _VALID:
        raise LendingError(Code.BAD_CHECK_DIGIT, field="code")
    if digits.startswith(NOT_A_PIECE):
        raise LendingError(Code.INVALID, field="code")
    return digits


def is_readable(text: str) -> bool:
    """Whether `read_code` finds a piece's digits in `text`."""
    try:
        read_code(text)
    except LendingError:
        return False
    return True


def format_code(code: str) -> str:
    """A code as it is printed and spoken: `4821-0937-5513`."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def item_url(public_url: str, code: str) -> str:
    """The address in a piece's QR, in lower case: some phones take an upper-case one for text."""
    return f"{item_url_prefix(public_url)}{code}"


def item_url_prefix(public_url: str) -> str:
    """What stands before the digits in `item_url`."""
    return f"{public_url.rstrip('/').lower()}/i/"


def _run(digits: str) -> int:
    """The running value of MOD 11,10 after `digits` (ASCII digits only)."""
    value = _START
    for byte in digits.encode("ascii"):
        value = _NEXT[value][byte]
    return value


def _is_shaped(text: str) -> bool:
    """Twelve ASCII digits that no telephone number begins like."""
    return (
        len(text) == DIGITS
        and text.isascii()
        and text.isdigit()
        and not text.startswith(NOT_A_PIECE)
    )


def _find_digits(text: str) -> str:
    """The twelve digits of a typed code or of an item's URL; empty when it is neither."""
    if len(text) > LONGEST_INPUT:
        return ""
    text = text.strip(" \t\r\n")  # what a scanner adds as its suffix
    if _GROUPED.fullmatch(text):
        return text.replace("-", "").replace(" ", "")
    url = _URL.fullmatch(text)
    return url[1] if url else ""
