"""Residents sign in by contact and one-time code; nobody learns who is known."""

import re

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.people.contacts import read_contact
from lending.people.residents import contact_digest
from lending.people.tables import LoginCode, Resident
from tests.callers import Caller
from tests.personas import DANA, MINJI, SORA, Loop
from tests.residents.conftest import Phones
from tests.windows import in_one_window


def ask(phone: Caller, contact: str, **more: str):
    return phone.open("/my/sign-in", "POST", data={"contact": contact} | more)


def enter(phone: Caller, code: str, **more: str):
    return phone.open("/my/sign-in/code", "POST", data={"code": code} | more)


def row_of(loop: Loop, contact: str):
    digest = contact_digest(loop.keys, read_contact(contact))
    with transaction(loop.engine) as session:
        query = sa.select(Resident.__table__).where(Resident.contact_digest == digest)
        return session.execute(query).one_or_none()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def without_contact(page: str, contact: str) -> str:
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page)
    return page.replace(contact, "CONTACT")


@pytest.mark.parametrize("contact", [MINJI, DANA, SORA, "+49 151 23456789", "new@example.org"])
def test_a_code_opens_the_door(phones: Phones, contact: str) -> None:
    phone = phones.stranger()
    assert ask(phone, contact).location == "/my/sign-in/code?next=/my"
    [code] = phones.sent_codes()
    answer = enter(phone, code)
    assert answer.status_code == 302
    cookies = "".join(answer.headers.getlist("Set-Cookie"))
    assert re.search(r"resident=[^;]+; .*Max-Age=7776000", cookies)
    assert phone.open("/my").status_code in {200, 302}


def test_known_and_unknown_contacts_get_the_same_answer(phones: Phones) -> None:
    pages = []
    for contact in (MINJI, SORA):
        phone = phones.stranger()
        answer = ask(phone, contact)
        page = phone.open(answer.location).text
        pages.append((answer.status_code, answer.location, without_contact(page, contact)))
    assert pages[0] == pages[1]
    assert len(phones.sent_codes()) == 2
    assert row_of(phones.loop, SORA) is None  # asking alone makes nobody known


def test_the_code_is_kept_only_as_a_hash(phones: Phones, stranger: Caller) -> None:
    ask(stranger, MINJI)
    [code] = phones.sent_codes()
    with transaction(phones.loop.engine) as session:
        row = session.execute(sa.select(LoginCode.__table__)).one()
    assert code.encode() not in b"".join(v for v in row if isinstance(v, bytes))


def test_a_code_works_once_in_the_browser_that_asked(phones: Phones) -> None:
    phone, thief = phones.stranger(), phones.stranger()
    ask(phone, MINJI)
    [code] = phones.sent_codes()
    with phone.client.session_transaction() as cookies:
        asked = cookies["code_asked"]
    with thief.client.session_transaction() as cookies:
        cookies["code_asked"], cookies["browser"] = asked, "another"
    assert enter(thief, code).status_code == 422
    assert enter(phone, code).status_code == 302
    assert enter(phone, code).location.startswith("/my/sign-in")  # nothing is being asked


def test_five_wrong_tries_end_a_code(phones: Phones, stranger: Caller) -> None:
    ask(stranger, MINJI)
    [code] = phones.sent_codes()
    for _ in range(5):
        answer = enter(stranger, other(code))
        assert answer.status_code == 422
        assert "번호가 다르거나 시간이 지났어요." in answer.text
    assert enter(stranger, code).status_code == 422


def test_a_code_ends_after_five_minutes(phones: Phones, stranger: Caller) -> None:
    ask(stranger, MINJI)
    [code] = phones.sent_codes()
    with transaction(phones.loop.engine) as session:
        session.execute(sa.update(LoginCode).values(expires_at=phones.loop.now))
    assert enter(stranger, code).status_code == 422


def test_asking_too_often_is_slowed(phones: Phones) -> None:
    people = (MINJI, DANA, SORA)
    answers = in_one_window(3600, lambda n: [ask(phones.stranger(), people[n]) for _ in range(6)])
    assert [one.status_code for one in answers] == [302] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ("hello", "다시 확인해 주세요"),
        ("050-7777-1234", "안심번호"),
        ("4821-0937-5518", "다시 확인해 주세요"),
        ("", "이 칸을 채워 주세요."),
        ("010\x00", "쓸 수 없는 글자"),
        ("a" * 500 + "@b.kr", "너무 길어요"),
    ],
)
def test_what_is_no_contact_is_said_at_the_field(
    stranger: Caller, contact: str, words: str
) -> None:
    answer = ask(stranger, contact)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_code_page_without_asking_leads_back(stranger: Caller) -> None:
    assert stranger.open("/my/sign-in/code").location == "/my/sign-in?next=/my"


def test_the_page_asked_for_comes_after_sign_in(phones: Phones, stranger: Caller) -> None:
    assert stranger.open("/my/history").location == "/my/sign-in?next=/my/history"
    door = ask(stranger, MINJI, next="/my/history").location
    assert door.endswith("next=/my/history")
    [code] = phones.sent_codes()
    assert enter(stranger, code, next="/my/history").location == "/my/history"
    assert stranger.open("/my/sign-in").location == "/my"  # signed in already


def test_a_foreign_next_is_not_followed(phones: Phones, stranger: Caller) -> None:
    ask(stranger, MINJI)
    [code] = phones.sent_codes()
    assert enter(stranger, code, next="https://evil.example").location == "/my"


def test_the_first_time_the_notice_is_given_and_age_is_stated(
    phones: Phones, stranger: Caller
) -> None:
    stranger.client.set_cookie("lang", "en")
    ask(stranger, SORA)
    [code] = phones.sent_codes()
    assert enter(stranger, code, next="/my/history").location == "/my/welcome?next=/my/history"
    for path in ("/my", "/my/history", "/my/settings", "/my/code", "/my/offline"):
        assert stranger.open(path).location.startswith("/my/welcome"), path
    notice = stranger.open("/my/welcome?next=/my/history").text
    for words in ("What", "Why", "How long", "Your rights", "90 days", "14 or older"):
        assert words in notice
    assert stranger.open("/my/welcome", "POST", data={}).status_code == 422
    before = row_of(phones.loop, SORA)
    assert (before.terms_agreed_at, before.language) == (None, "en")
    agreed = stranger.open("/my/welcome", "POST", data={"agreed": "1", "next": "/my/history"})
    assert agreed.location == "/my/history"
    after = row_of(phones.loop, SORA)
    assert after.terms_agreed_at is not None
    assert after.terms_agreed_how == "page /my/welcome"
    assert after.confirmed_at is not None
    assert stranger.open("/my").status_code == 200
    assert stranger.open("/my/welcome").location == "/my"


def test_who_does_not_agree_is_erased_at_once(phones: Phones, stranger: Caller) -> None:
    ask(stranger, SORA)
    [code] = phones.sent_codes()
    enter(stranger, code)
    assert "/my/erase" in stranger.open("/my/welcome").text
    assert stranger.open("/my/erase", "POST").location == "/"
    assert row_of(phones.loop, SORA) is None
    assert stranger.open("/my").location.startswith("/my/sign-in")


def test_signing_out_forgets_the_phone(minji: Caller) -> None:
    assert minji.open("/my").status_code == 200
    assert minji.open("/my/sign-out", "POST").location == "/my/sign-in"
    assert minji.open("/my").location == "/my/sign-in?next=/my"
    assert "residents/signed_out" in minji.open("/my/sign-in").text  # wipes the member code
