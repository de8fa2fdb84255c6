"""The secrets of one installation: without them its contacts can be neither read nor found."""

import os
import secrets
from dataclasses import dataclass

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`session` signs cookies and links; `contact` seals and `digest` finds (32 bytes each)."""

    session: str
    contact: bytes
    digest: bytes

    def __post_init__(self) -> None:
        if len(self.contact) != KEY_BYTES or len(self.digest) != KEY_BYTES:
            raise ValueError(f"the contact and digest keys have {KEY_BYTES} bytes each")


def make_keys() -> Keys:
    """New random keys."""
    return Keys(secrets.token_urlsafe(KEY_BYTES), os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))
