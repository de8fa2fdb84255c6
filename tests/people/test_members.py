"""Codes of people: derived every minute, judged within two, never mistaken for an item's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.people.members import (
    SYMBOLS,
    check_member_code,
    grouped_card,
    make_card_code,
    make_member_number,
    make_member_secret,
    member_code,
    member_digits,
    read_card_code,
    read_member_code,
)

AT = datetime(2026, 11, 23, 3, 20, 30, tzinfo=UTC)
SECRET = bytes(range(32))
NUMBER = "K7R4WQ81W"


def test_the_code_is_the_one_the_phone_derives() -> None:
    """Worked out apart from the code, with openssl dgst -sha256 -mac HMAC."""
    assert member_code(SECRET, NUMBER, AT) == "M1.K7R4WQ81W.29923400.HJPDZYTKWR24MKPC"
    assert member_digits(SECRET, NUMBER, AT) == "K7R4WQ81W-903947"


@pytest.mark.parametrize("make", [member_code, member_digits])
@pytest.mark.parametrize("minutes", range(-4, 5))
def test_it_holds_for_two_minutes_either_way(make, minutes: int) -> None:  # type: ignore[no-untyped-def]
    claim = read_member_code(make(SECRET, NUMBER, AT))
    assert claim is not None
    right = check_member_code(SECRET, claim, AT + timedelta(minutes=minutes))
    assert right == (abs(minutes) <= 2)


def test_another_secret_number_or_minute_is_refused() -> None:
    code = member_code(SECRET, NUMBER, AT)
    other = make_member_number()
    later = code.replace(".29923400.", ".29923401.")
    for secret, text in [
        (make_member_secret(), code),
        (SECRET, code.replace(NUMBER, other)),
        (SECRET, later),
        (SECRET, code[:-1] + ("A" if code[-1] != "A" else "B")),
    ]:
        claim = read_member_code(text)
        assert claim is not None
        assert not check_member_code(secret, claim, AT)


def test_small_letters_blanks_and_misread_signs_are_taken() -> None:
    code = member_code(SECRET, NUMBER, AT)
    for text in (code.lower(), f" {code}\r\n", code.replace("1", "I").replace("0", "o")):
        claim = read_member_code(text)
        assert claim is not None
        assert check_member_code(SECRET, claim, AT)


@given(st.sampled_from([make_member_number, make_card_code]), st.randoms())
def test_a_wrong_sign_is_found(make, random) -> None:  # type: ignore[no-untyped-def]
    code = make()
    place = random.randrange(len(code))
    wrong = [
        code[:place] + sign + code[place + 1 :]
        for sign in SYMBOLS
        if (SYMBOLS.index(sign) - SYMBOLS.index(code[place])) % 22
    ]
    assert not any(read_card_code(text) or read_member_code(f"{text}-123456") for text in wrong)


def test_peoples_codes_and_items_codes_are_never_taken_for_each_other() -> None:
    for _ in range(500):
        number, card = make_member_number(), make_card_code()
        for text in (number, card, member_code(SECRET, number, AT), f"https://x.kr/c/{card}"):
            assert not re.fullmatch(r"[\d\s-]*", text)
            assert not re.search(r"/i/\d+", text)
    for item in ("482109375518", "4821-0937-5518", "https://x.kr/i/482109375518"):
        assert read_card_code(item) is None
        assert read_member_code(item) is None


def test_a_card_is_read_from_its_address_or_as_printed() -> None:
    card = make_card_code()
    for text in (
        card,
        card.lower(),
        grouped_card(card),
        f"https://cups.example.kr/c/{card.lower()}",
        f"HTTP://LOCALHOST:8000/C/{card}",
        f"/c/{card}/",
    ):
        assert read_card_code(text) == card
    for text in (f"https://x.kr/i/{card}", f"https://x.kr/c/{card}?x=1", card[:-1], f"{card}A"):
        assert read_card_code(text) is None
