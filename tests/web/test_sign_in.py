"""Staff sign in on a page, come to the page of their role, and are slowed when they guess."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from lending.db import transaction
from lending.people.sessions import end_staff_sessions
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.places.sites import add_site
from tests.callers import PASSWORD, Caller, device_caller, resident_caller
from tests.personas import HARU, Town
from tests.windows import address, in_one_window


@pytest.fixture
def visitor(app: Flask) -> Caller:
    return Caller("visitor", app.test_client())


def hire(engine: sa.Engine, town: Town, login: str, role: Role, language: str = "ko") -> int:
    site = town.sites[HARU] if role is Role.CAFE else None
    new = NewStaff(login, PASSWORD, role, site, language)
    with transaction(engine) as session:
        return add_staff(session, district_id=town.id, new=new, now=datetime.now(UTC))


def sign_in(
    visitor: Caller, login: str, password: str = PASSWORD, *, next: str = "", **far: Any
) -> Any:
    form = {"login": login, "password": password, "next": next}
    return visitor.open("/staff/sign-in", "POST", data=form, **far)


def test_each_role_comes_to_its_page(engine: sa.Engine, town: Town, visitor: Caller) -> None:
    for login, role, page in (("mina", Role.CAFE, "/scan"), ("olga", Role.OFFICER, "/office")):
        hire(engine, town, login, role)
        answer = sign_in(visitor, login)
        assert (answer.status_code, answer.location) == (302, page)
        visitor.open("/staff/sign-out", "POST")


@pytest.mark.parametrize(
    ("kind", "page"),
    [("shop", "/delivery"), ("hall", "/events/rooms"), ("office", "/offices"), ("cafe", "/scan")],
)
def test_people_of_a_place_come_to_its_own_page(
    engine: sa.Engine, town: Town, visitor: Caller, kind: str, page: str
) -> None:
    """And the page is theirs to open."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        site = add_site(
            session, district_id=town.id, code=f"A-{kind}", kind=kind, name="새 장소", now=now
        )
        new = NewStaff("bora", PASSWORD, Role.CAFE, site.id)
        add_staff(session, district_id=town.id, new=new, now=now)
    assert sign_in(visitor, "bora").location == page
    assert visitor.open(page).status_code == 200


def test_the_page_asked_for_comes_after_sign_in(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "olga", Role.OFFICER)
    assert sign_in(visitor, "olga", next="/office/loans").location == "/office/loans"
    assert sign_in(visitor, "olga", next="//evil.example").location == "/office"


def test_wrong_details_are_told_apart_by_nothing(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "mina", Role.CAFE)
    known, unknown = sign_in(visitor, "mina", "wrong"), sign_in(visitor, "nobody", "wrong")
    assert known.status_code == unknown.status_code == 401
    assert "로그인 정보가 맞지 않아요." in known.text
    assert known.text.replace("mina", "nobody").count("nobody") == unknown.text.count("nobody")
    assert "wrong" not in known.text.replace("field-wrong", "")
    empty = sign_in(visitor, "", "")
    assert empty.status_code == 422
    assert empty.text.count("이 칸을 채워 주세요.") == 2


def test_guessing_is_slowed(engine: sa.Engine, town: Town, visitor: Caller) -> None:
    hire(engine, town, "mina", Role.CAFE)

    def guess(turn: int):
        far = address(turn)
        guesses = [sign_in(visitor, "mina", f"guess {n}", **far) for n in range(9)]
        return [one.status_code for one in guesses], sign_in(visitor, "mina", **far)

    codes, late = in_one_window(900, guess)
    assert codes == [401] * 8 + [429]
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) >= 1


def test_a_session_ends_on_sign_out_and_everywhere_at_once(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    staff_id = hire(engine, town, "olga", Role.OFFICER)
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}
    sign_in(visitor, "olga")
    assert visitor.open("/metrics", **far).status_code == 200
    visitor.open("/staff/sign-out", "POST")
    assert visitor.open("/metrics", **far).status_code in {302, 401}
    sign_in(visitor, "olga")
    with transaction(engine) as session:
        end_staff_sessions(session, staff_id=staff_id)
    assert visitor.open("/metrics", **far).status_code in {302, 401}


def test_a_session_lasts_while_it_is_used_and_ends_after_a_working_day(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "olga", Role.OFFICER)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        sign_in(visitor, "olga")
        for _ in range(30):
            clock.shift(timedelta(hours=1))
            assert visitor.open("/office").status_code == 200
        clock.shift(timedelta(hours=13))
        assert visitor.open("/office").status_code == 302


def test_who_is_refused_gets_no_session(engine: sa.Engine, town: Town, visitor: Caller) -> None:
    """Nor is one kept going that has ended: it could take the place of the next sign-in's."""
    visitor.open("/staff/sign-in")
    refused = visitor.open("/station/scans", "POST", json={"scans": []})
    assert (refused.status_code, refused.headers.get("Set-Cookie")) == (401, None)
    staff_id = hire(engine, town, "mina", Role.CAFE)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        sign_in(visitor, "mina")
        with transaction(engine) as session:
            end_staff_sessions(session, staff_id=staff_id)
        clock.shift(timedelta(hours=1))
        refused = visitor.client.post("/station/scans", json={"scans": []})
    assert (refused.status_code, refused.headers.get("Set-Cookie")) == (401, None)


def test_an_answer_under_way_does_not_undo_a_sign_out(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "olga", Role.OFFICER)
    sign_in(visitor, "olga")
    visitor.open("/office")  # whatever a page begins in the session has begun
    assert "Set-Cookie" not in visitor.open("/office").headers
    assert "Set-Cookie" not in visitor.open("/form-token").headers


def test_pages_come_in_the_language_of_the_person(
    engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "olga", Role.OFFICER, "en")
    sign_in(visitor, "olga")
    assert "Overview" in visitor.open("/").text


def test_the_cookies_of_tablets_and_residents_are_renewed_by_use(
    app: Flask, engine: sa.Engine, town: Town
) -> None:
    with transaction(engine) as session:
        tablet = device_caller(app, session, town)
    for caller, name in ((tablet, "device"), (resident_caller(app, town), "resident")):
        cookies = caller.open("/").headers.getlist("Set-Cookie")
        renewed = [cookie for cookie in cookies if cookie.startswith(f"{name}=")]
        assert len(renewed) == 1
        assert "Max-Age=7776000" in renewed[0]
        assert "HttpOnly" in renewed[0]


def test_a_forged_or_foreign_cookie_is_nobody(app: Flask, town: Town) -> None:
    resident = resident_caller(app, town)
    genuine = resident.client.get_cookie("resident").value
    forged = genuine[:-9] + ("x" if genuine[-9] != "x" else "y") + genuine[-8:]
    for value in (forged, "x" * 4000, "", "\x00"):
        client = app.test_client()
        client.set_cookie("resident", value)
        client.set_cookie("device", value)
        assert client.get("/").status_code == 200
        assert "/my/history" not in client.get("/").text
    assert "/my/history" in resident.open("/").text


def test_a_changed_password_ends_the_other_sessions(
    app: Flask, engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "mina", Role.CAFE)
    other = Caller("other", app.test_client())
    sign_in(visitor, "mina")
    sign_in(other, "mina")
    page, new = "/staff/account/password", "a much longer phrase"
    wrong = visitor.open(page, "POST", data={"old": "wrong", "password": new})
    assert wrong.status_code == 422
    assert visitor.open(page, "POST", data={"old": PASSWORD, "password": new}).status_code == 302
    assert "비밀번호를 바꿨어요." in visitor.open("/staff/account").text
    assert other.open("/staff/account").status_code == 302
    assert sign_in(other, "mina").status_code == 401
    assert sign_in(other, "mina", new).status_code == 302


def test_the_language_of_an_account_is_kept(
    app: Flask, engine: sa.Engine, town: Town, visitor: Caller
) -> None:
    hire(engine, town, "mina", Role.CAFE)
    sign_in(visitor, "mina")
    answer = visitor.open("/staff/account/language", "POST", data={"language": "en"})
    assert answer.location == "/language/en?next=/staff/account"
    elsewhere = Caller("elsewhere", app.test_client())
    sign_in(elsewhere, "mina")
    assert "My account" in elsewhere.open("/staff/account").text
    assert (
        visitor.open("/staff/account/language", "POST", data={"language": "fr"}).status_code == 422
    )
