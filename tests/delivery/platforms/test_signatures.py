"""A signature says: this body, by one of our secrets, a moment ago."""

from datetime import timedelta

import pytest

from lending.delivery.platforms.signatures import GOOD_FOR, is_signed, sign
from tests.personas import MONDAY

BODY, SECRET = b'{"order":"A-1"}', "reuse_sign_x"
GOOD = sign(BODY, secrets=[SECRET], at=MONDAY)


def test_it_is_what_the_description_says() -> None:
    # openssl: printf '1772413200.{"order":"A-1"}' | openssl dgst -sha256 -hmac reuse_sign_x
    assert GOOD.startswith("t=1772413200,v1=")
    assert is_signed(GOOD, BODY, secrets=[SECRET], now=MONDAY)
    assert len(GOOD.split("v1=")[1]) == 64


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (GOOD, BODY + b" "),
        (GOOD.replace("t=1772413200", "t=1772413201"), BODY),
        (GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), BODY),
        (sign(BODY, secrets=["reuse_sign_y"], at=MONDAY), BODY),
        ("", BODY),
        ("t=1772413200", BODY),
        ("v1=" + GOOD.split("v1=")[1], BODY),
        (f"t=1772413200,{GOOD}", BODY),  # two times
        (GOOD.upper(), BODY),
        ("t=１７７２４１３２００," + GOOD.split(",")[1], BODY),
        (GOOD + "," * 500, BODY),
        ("t=999999999999999999999," + GOOD.split(",")[1], BODY),
        ("\x00", BODY),
    ],
)
def test_anything_else_is_none(header: str, body: bytes) -> None:
    assert not is_signed(header, body, secrets=[SECRET], now=MONDAY)


@pytest.mark.parametrize(
    ("seconds", "good"),
    [(0, True), (GOOD_FOR, True), (GOOD_FOR + 1, False), (-GOOD_FOR, True), (-GOOD_FOR - 1, False)],
)
def test_it_is_good_for_five_minutes(seconds: int, good: bool) -> None:
    now = MONDAY + timedelta(seconds=seconds)
    assert is_signed(GOOD, BODY, secrets=[SECRET], now=now) is good


def test_while_keys_change_either_side_may_be_ahead() -> None:
    both = sign(BODY, secrets=["new", "old"], at=MONDAY)
    for known in (["new"], ["old"], ["new", "old"]):
        assert is_signed(both, BODY, secrets=known, now=MONDAY)
    assert is_signed(
        sign(BODY, secrets=["old"], at=MONDAY), BODY, secrets=["new", "old"], now=MONDAY
    )
    assert not is_signed(both, BODY, secrets=[], now=MONDAY)
