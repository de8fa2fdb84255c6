"""Random credentials (tokens, device cookies, one-time links): handed out once, stored hashed."""

import hashlib
import secrets


def make_credential(prefix: str = "") -> str:
    """A new credential of 256 random bits; the prefix lets secret scanners know it."""
    return prefix + secrets.token_urlsafe(32)


def hash_credential(credential: str) -> bytes:
    """SHA-256: enough for 256 random bits, and it can be looked up by an index."""
    return hashlib.sha256(credential.encode("utf-8", "surrogatepass")).digest()
