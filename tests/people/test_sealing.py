"""Sealed texts open with the same key for the same row only; digests keep purposes apart."""

import pytest

from lending.people.keys import Keys, make_keys
from lending.people.sealing import Unreadable, digest, seal, unseal

KEYS = make_keys()


@pytest.mark.parametrize("text", ["", "+821012345678", "소라@컵.한국", "\ud800", "x" * 100_000])
def test_sealed_text_opens_again(text: str) -> None:
    sealed = seal(KEYS, text, about=b"row 1")
    assert unseal(KEYS, sealed, about="row 1") == text


def test_nothing_of_the_text_is_seen_and_no_two_are_alike() -> None:
    sealed = [seal(KEYS, "+821012345678", about="row") for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert not any(b"1234" in one for one in sealed)


def test_another_row_key_or_byte_does_not_open() -> None:
    sealed = seal(KEYS, "secret", about="row 1")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for keys, text, about in [
        (KEYS, sealed, "row 2"),
        (make_keys(), sealed, "row 1"),
        (KEYS, changed, "row 1"),
        (KEYS, b"", "row 1"),
        (KEYS, b"\x01short", "row 1"),
        (KEYS, b"\x02" + sealed[1:], "row 1"),
    ]:
        with pytest.raises(Unreadable):
            unseal(keys, text, about=about)


def test_digests_differ_by_purpose_and_key() -> None:
    one = digest(KEYS, "contact", "+821012345678")
    assert one == digest(KEYS, "contact", "+821012345678")
    assert len(one) == 32
    assert one != digest(KEYS, "borrower", "+821012345678")
    assert one != digest(make_keys(), "contact", "+821012345678")


def test_keys_of_the_wrong_length_are_refused_and_never_printed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys("session", b"short", b"y" * 32)
    assert str(KEYS.contact) not in repr(KEYS)
