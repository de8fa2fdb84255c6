"""The request's own code: shown to whoever asked, it opens the request and nothing else; pure."""

import uuid

from lending.errors import Code, LendingError
from lending.people.keys import Keys
from lending.people.members import SYMBOLS
from lending.people.sealing import digest

LENGTH = 10  # of 32 signs each: 50 bits, guessed at by no limited visitor
_TYPED_FOR = str.maketrans("ILO", "110")


def make_request_code(keys: Keys, id: uuid.UUID) -> str:
    """The code of a request, from its id and our key: asked again, the same is shown again."""
    signs = digest(keys, "pickup_code", str(id))[:LENGTH]
    return "".join(SYMBOLS[sign % len(SYMBOLS)] for sign in signs)


def read_request_code(text: str) -> str:
    """The code as typed, in whatever case and grouping; NOT_FOUND (pickup) for what is none."""
    code = text.upper().translate(_TYPED_FOR)
    code = "".join(sign for sign in code if sign not in " -")
    if len(code) != LENGTH or not set(code) <= set(SYMBOLS):
        raise LendingError(Code.NOT_FOUND, field="pickup")
    return code


def grouped_request_code(code: str) -> str:
    """The code as it is shown: `K7R4M-2WQPX`."""
    return f"{code[:5]}-{code[5:]}"


def hash_request_code(keys: Keys, code: str) -> bytes:
    """Keyed, so that the stored value cannot be searched through without our key."""
    return digest(keys, "pickup_secret", code)


def hash_browser(keys: Keys, browser: str) -> bytes:
    """Whether the same browser asks again; of no use for anything else."""
    return digest(keys, "pickup_browser", browser)
