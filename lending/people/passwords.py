"""Passwords of staff: hashed with argon2id, checked, and what a new one must be like."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lending.errors import Code, LendingError

SHORTEST = (
    10  # 개인정보의 안전성 확보조치 기준: two kinds of signs from ten on; length is what counts
)
LONGEST = 200  # argon2 would hash a megabyte just as gladly

# RFC 9106 §4, second recommended choice, with one lane: 64 MiB, three passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_nobody = _hasher.hash(secrets.token_hex(16))


def hash_password(password: str, *, login: str) -> str:
    """The argon2id hash of a new password; INVALID (field password) when it is too weak."""
    if not SHORTEST <= len(password) <= LONGEST or "\0" in password:
        detail = f"{SHORTEST} to {LONGEST} characters"
        raise LendingError(Code.INVALID, field="password", detail=detail)
    if len(set(password)) < 4 or login.lower() in password.lower():
        raise LendingError(Code.INVALID, field="password", detail="too easy to guess")
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
