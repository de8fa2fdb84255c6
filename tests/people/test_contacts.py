"""A contact is a phone number of any country or an e-mail address, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.errors import Code
from lending.people.contacts import (
    BadContact,
    Contact,
    ContactKind,
    SafeNumber,
    grouped,
    last_four,
    masked,
    read_contact,
)


@pytest.mark.parametrize(
    "text",
    ["010-1234-5678", "01012345678", "+82 10 1234 5678", "0082-10-1234-5678", "010 1234 5678"]
    + ["(010) 1234.5678", "０１０１２３４５６７８", "+82 010-1234-5678"],
)
def test_one_number_in_every_writing(text: str) -> None:
    assert read_contact(text) == Contact(ContactKind.PHONE, "+821012345678")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+1 650 253 0000", "+16502530000"),
        ("0044 20 7946 0018", "+442079460018"),
        ("02-312-3456", "+8223123456"),
        ("070-1234-5678", "+827012345678"),
        ("Mina.Kim@Example.com", "mina.kim@example.com"),
        ("  sora@cup.kr ", "sora@cup.kr"),
    ],
)
def test_other_contacts(text: str, normal: str) -> None:
    assert read_contact(text).normal == normal


@pytest.mark.parametrize(
    "text", ["050-7123-4567", "0507-1234-5678", "+82 502 1234 5678", "05012345678"]
)
def test_a_safe_number_is_nobodys(text: str) -> None:
    with pytest.raises(SafeNumber):
        read_contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "482109375518",  # an item's code
        "4821-0937-5518",
        "https://cups.example.kr/i/482109375518",
        "/i/482109375518",
        "821012345678",  # a country code needs + or 00
        "6502530000",
        "1588-1234",
        "060-700-1234",
        "119",
        "010-1234",
        "010-1234-5678 ext. 3",
        "010-CUPS-CUPS",
        "010\u00001234\u00005678",
        "010\t1234\n5678",
        "sora@",
        "sora@localhost",
        "so\u0000ra@cup.kr",
        "소라",
        "🥤",
        "\ud800@cup.kr",
        "",
        "   ",
        "+",
        "x" * 1_000_000,
    ],
)
def test_no_contact(text: str) -> None:
    with pytest.raises(BadContact) as caught:
        read_contact(text)
    assert caught.value.code is Code.INVALID
    assert caught.value.field == "contact"


@given(st.integers(min_value=100_000_000_000, max_value=999_999_999_999))
def test_twelve_digits_are_never_a_contact(digits: int) -> None:
    code = str(digits)
    for text in (code, f"{code[:4]}-{code[4:8]}-{code[8:]}", f"https://x.kr/i/{code}"):
        with pytest.raises(BadContact):
            read_contact(text)


@given(st.text())
def test_any_text_is_a_contact_or_a_clear_error(text: str) -> None:
    try:
        contact = read_contact(text)
    except BadContact:
        return
    assert read_contact(contact.normal) == contact


def test_what_staff_see_and_read_back() -> None:
    phone, foreign, email = (
        read_contact(text) for text in ("01012345678", "+16502530000", "mina@cup.kr")
    )
    assert [last_four(contact) for contact in (phone, foreign, email)] == ["5678", "0000", "mi…"]
    assert grouped(phone) == "010-1234-5678"
    assert grouped(foreign) == "+1 650-253-0000"
    assert grouped(email) == "mina@cup.kr"
    assert masked(phone) == "010-****-5678"
    assert masked(foreign) == "+1 ***-***-0000"
    assert masked(email) == "mi***@cup.kr"
