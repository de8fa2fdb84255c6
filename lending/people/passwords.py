"""Passwords of staff: hashed with argon2id, checked, and what a new one must be like."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lending.errors import Code, LendingError
from lending.places.texts import Problem

SHORTEST = (
    10  # 개인정보의 안전성 확보조치 기준: two kinds of signs from ten on; length is what counts
)
LONGEST = 200  # argon2 would hash a megabyte just as gladly

# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. More memory would let
# a few sign-ins at once exhaust the 1 GB of a pilot's server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobody = _hasher.hash(secrets.token_hex(16))


def hash_password(password: str, *, login: str) -> str:
    """The argon2id hash of a new password; INVALID (field password) when it is too weak."""
    if len(password) < SHORTEST:
        raise LendingError(Code.INVALID, field="password", detail=Problem.TOO_SHORT)
    if len(password) > LONGEST:
        raise LendingError(Code.INVALID, field="password", detail=Problem.TOO_LONG)
    named = len(login) >= 4 and login.lower() in password.lower()
    if named or len(set(password)) < 4:
        raise LendingError(Code.INVALID, field="password", detail=Problem.EASY_TO_GUESS)
    return _hasher.hash(_encoded(password))


def check_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash (unknown login) it takes as long and is False."""
    try:
        fits = _hasher.verify(password_hash or _nobody, _encoded(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return fits and password_hash is not None


def make_password() -> str:
    """A random password that can be read out: five groups of four (about 99 bits)."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
