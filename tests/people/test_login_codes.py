"""A one-time code signs in once, in the browser that asked, within five minutes and five tries."""

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lending.db import reading, transaction
from lending.errors import Code, LendingError
from lending.people.borrowers import BorrowerWanted, resolve_borrowers
from lending.people.budgets import spend_all
from lending.people.contacts import read_contact
from lending.people.login_codes import (
    PER_DISTRICT,
    Asking,
    CodeToSend,
    Confirmed,
    confirm_login_code,
    drop_old_login_codes,
    make_login_code,
)
from lending.people.profile import agree_terms, change_language, load_profile, renew_member_code
from lending.people.sessions import end_resident_sessions, find_resident
from lending.people.tables import LoginCode, Resident

BROWSER = "secret of sora's browser"


@pytest.fixture
def ask(engine: sa.Engine, place: Any, keys: Any, now: datetime) -> Any:
    def ask(text: str = "010-1234-5678", *, address: str = "10.0.0.1", at: datetime = now) -> Any:
        with transaction(engine) as session:
            return make_login_code(
                session,
                keys=keys,
                contact=read_contact(text),
                asking=Asking(place.district, BROWSER, address),
                now=at,
            )

    return ask


@pytest.fixture
def confirm(engine: sa.Engine, keys: Any, now: datetime) -> Any:
    def confirm(
        sent: CodeToSend, code: str | None = None, *, browser: str = BROWSER, at: datetime = now
    ) -> Confirmed | None:
        with transaction(engine) as session:
            return confirm_login_code(
                session,
                keys=keys,
                code_id=sent.id,
                browser=browser,
                code=sent.code if code is None else code,
                now=at,
            )

    return confirm


def wrong(sent: CodeToSend) -> str:
    return f"{(int(sent.code) + 1) % 1_000_000:06d}"


def test_the_code_makes_a_confirmed_resident(
    ask: Any, confirm: Any, engine: sa.Engine, keys: Any, now: datetime
) -> None:
    sent = ask()
    assert len(sent.code) == 6
    assert sent.expires_at == now + timedelta(minutes=5)
    signed = confirm(sent, f" {sent.code[:3]} {sent.code[3:]} ")
    assert signed.needs_terms
    with transaction(engine) as session:
        own = load_profile(session, keys=keys, resident_id=signed.resident_id)
        assert (own.contact, own.label, own.confirmed) == ("010-****-5678", "5678", True)
        agree_terms(session, resident_id=signed.resident_id, how="web ko", now=now)
        change_language(session, resident_id=signed.resident_id, language="en")
    again = confirm(ask())
    assert (again.resident_id, again.needs_terms, again.language) == (
        signed.resident_id,
        False,
        "en",
    )


def test_a_resident_known_from_the_till_is_confirmed(
    ask: Any, confirm: Any, engine: sa.Engine, place: Any, keys: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        (till,) = resolve_borrowers(
            session,
            keys=keys,
            district_id=place.district,
            wanted=[BorrowerWanted("010-1234-5678", now)],
            now=now,
        )
    assert till is not None
    assert confirm(ask()).resident_id == till.resident_id
    with reading(engine) as session:
        assert session.scalars(sa.select(Resident.confirmed_at)).one() == now


def test_it_works_once_in_its_browser_and_time(ask: Any, confirm: Any, now: datetime) -> None:
    sent = ask()
    assert confirm(sent, browser="another browser") is None
    assert confirm(sent, at=now + timedelta(minutes=5)) is None
    assert confirm(sent, at=now + timedelta(minutes=4, seconds=59)) is not None
    assert confirm(sent) is None


def test_five_tries(ask: Any, confirm: Any) -> None:
    sent = ask()
    for code in (wrong(sent), "", "\ud800", "x" * 100_000, wrong(sent)):
        assert confirm(sent, code) is None
    assert confirm(sent) is None
    other = ask()
    for _ in range(4):
        assert confirm(other, wrong(other)) is None
    assert confirm(other) is not None


def test_an_unknown_id_is_refused_like_a_wrong_code(confirm: Any, now: datetime) -> None:
    assert confirm(CodeToSend(uuid.uuid4(), 1, read_contact("01012345678"), "123456", now)) is None


def test_two_confirm_at_once_and_one_signs_in(ask: Any, confirm: Any) -> None:
    sent = ask()
    found: list[Confirmed | None] = []
    threads = [threading.Thread(target=lambda: found.append(confirm(sent))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in found) == 1


def test_codes_are_not_stored(ask: Any, engine: sa.Engine) -> None:
    sent = ask()
    with reading(engine) as session:
        row = session.execute(sa.select(LoginCode.__table__)).one()
    assert sent.code.encode() not in row.code_hash
    assert b"12345678" not in row.contact_sealed
    assert row.browser_digest != BROWSER.encode()


@pytest.mark.parametrize("what", ["contact", "address", "district"])
def test_each_budget_ends_and_opens_again(
    ask: Any, engine: sa.Engine, place: Any, keys: Any, now: datetime, what: str
) -> None:
    limit = {"contact": 5, "address": 30, "district": 5}[what]

    def once(number: int, at: datetime = now) -> None:
        contact = "01012345678" if what == "contact" else f"010{20_000_000 + number:08d}"
        ask(contact, address="10.0.0.1" if what == "address" else f"10.0.0.{number}", at=at)

    if what == "district":  # all but five are used up already
        use = ("code-district", str(place.district), PER_DISTRICT)
        with transaction(engine) as session:
            spend_all(session, keys=keys, uses=[use] * (PER_DISTRICT.limit - limit), now=now)
    for number in range(limit):
        once(number)
    with pytest.raises(LendingError) as caught:
        once(limit)
    assert caught.value.code is Code.TOO_MANY_TRIES
    assert caught.value.detail == f"code-{what}"
    once(limit, now + timedelta(hours=1))


def test_old_codes_go(ask: Any, engine: sa.Engine, now: datetime) -> None:
    ask()
    with transaction(engine) as session:
        assert drop_old_login_codes(session, now=now + timedelta(hours=1)) == 0
        assert drop_old_login_codes(session, now=now + timedelta(hours=25)) == 1


def test_a_resident_can_sign_out_everywhere_and_renew_the_code(
    ask: Any, confirm: Any, engine: sa.Engine, keys: Any
) -> None:
    signed = confirm(ask())
    who = {"resident_id": signed.resident_id}
    with transaction(engine) as session:
        actor = find_resident(session, **who, epoch=signed.epoch)
        assert actor is not None
        assert actor.resident_id == signed.resident_id
        end_resident_sessions(session, **who)
        assert find_resident(session, **who, epoch=signed.epoch) is None
        before = load_profile(session, keys=keys, **who)
        renew_member_code(session, keys=keys, **who)
        after = load_profile(session, keys=keys, **who)
        assert (before.number, before.secret) != (after.number, after.secret)
        assert find_resident(session, **who, epoch=signed.epoch + 1) is None
        with pytest.raises(LendingError):
            change_language(session, **who, language="xx")
