"""The office's pages at the door: who may open them, what they answer and refuse."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.steps import State
from lending.loop.tables import Scan
from lending.people.tables import AccessLog, Role
from tests.callers import Caller, device_caller, staff_caller
from tests.offices.filled import OfficesMade, fill_offices
from tests.offices.office import Office
from tests.personas import DAY, HARU, OFFICE, Loop

PATHS = ("/offices", "/offices/new", "/offices/desk", "/offices/month")


@pytest.fixture
def made(loop: Loop) -> OfficesMade:
    loop.now = datetime.now(UTC)
    return fill_offices(loop)


@pytest.fixture
def tablet(app: Flask, loop: Loop, made: OfficesMade) -> Caller:
    with transaction(loop.engine) as session:
        return device_caller(app, session, loop.town, OFFICE)


@pytest.fixture
def olga(app: Flask, loop: Loop, made: OfficesMade) -> Caller:
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def beep(caller: Caller, code: str, act: str = "back", **more: Any) -> Any:
    now = datetime.now(UTC).isoformat()
    body = {"id": str(uuid.uuid4()), "act": act, "code": code, "at": now, "sent_at": now} | more
    return caller.open("/offices/desk/beep", "POST", json=body)


def test_the_offices_tablet_opens_its_pages(tablet: Caller, made: OfficesMade) -> None:
    for path in (*PATHS, "/offices/desk?part=1", f"/offices/bookings/{made.out}"):
        answer = tablet.open(path)
        assert answer.status_code == 200, path
    assert "직원 연수" in tablet.open("/offices").text
    assert tablet.open("/offices/departments").status_code in (302, 403)


def test_officers_choose_the_office_first(olga: Caller, made: OfficesMade) -> None:
    for path in PATHS:
        assert "어느 청사인가요?" in olga.open(path).text
        assert olga.open(f"{path}?site={made.site}").status_code == 200
        assert olga.open(f"{path}?site=NOWHERE").status_code == 404
        assert olga.open(f"{path}?site={HARU}").status_code == 403


def test_a_cafe_opens_none_of_them(app: Flask, loop: Loop, made: OfficesMade) -> None:
    with transaction(loop.engine) as session:
        cafe = device_caller(app, session, loop.town, HARU)
    for path in PATHS:
        assert cafe.open(path).status_code == 403
    assert cafe.open(f"/offices/bookings/{made.out}").status_code == 404
    cafe.open(f"/offices/bookings/{made.planned}/cancel", "POST")
    with transaction(loop.engine) as session:
        tablet = device_caller(app, session, loop.town, OFFICE)
    assert "예약 취소됨" not in tablet.open(f"/offices/bookings/{made.planned}").text


def test_an_odd_week_or_month_is_refused(tablet: Caller) -> None:
    for path in ("/offices?week=2026-13-01", "/offices?week=x", "/offices?week=9999-12-31"):
        assert tablet.open(path).status_code in (400, 404, 422), path
    assert tablet.open("/offices/month?month=2026-13").status_code in (400, 404, 422)


def test_a_scan_is_answered_in_words(tablet: Caller, loop: Loop, made: OfficesMade) -> None:
    loop.now = datetime.now(UTC)
    (cup,) = loop.clean_cups(1, OFFICE)
    answer = beep(tablet, cup, "hand", booking=made.planned).get_json()
    assert (answer["error"], answer["tone"], answer["word"]) == (None, "good", "주었어요")
    assert loop.item(cup).state is State.LENT
    assert beep(tablet, cup, "hand", booking=made.planned).get_json()["error"] == "already_lent"
    assert beep(tablet, cup, "hand").get_json()["error"] == "invalid"
    assert beep(tablet, cup, "card", card="K7R4M2WQPX8A").get_json()["error"] == "not_found"
    assert beep(tablet, cup).get_json()["tone"] == "back"
    unknown = make_code()
    assert beep(tablet, unknown).get_json()["error"] is None
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(Scan.code).where(Scan.code == unknown)) == unknown


def test_an_odd_body_is_refused(tablet: Caller, loop: Loop) -> None:
    for odd in ({"act": "steal"}, {"code": "a\0b"}, {"booking": "x"}, {"at": "yesterday"}):
        answer = beep(tablet, **({"code": make_code()} | odd))
        assert answer.status_code == 422, odd
    assert tablet.open("/offices/desk/beep", "POST", json=[]).status_code == 422


def test_a_booking_is_typed_changed_and_called_off(tablet: Caller, made: OfficesMade) -> None:
    id, day = str(uuid.uuid4()), (datetime.now(UTC) + 3 * DAY).date()
    typed = {
        "id": id, "department": str(made.department), "title": "설명회", "place": "대강당",
        "from_at": f"{day}T09:00", "until_at": f"{day}T12:00", "wanted-cup-355": "1,0",
    }  # fmt: skip
    assert (
        tablet.open("/offices/new", "POST", data=typed | {"wanted-cup-355": "x"}).status_code == 422
    )
    answer = tablet.open("/offices/new", "POST", data=typed)
    assert answer.status_code == 302, answer.text
    page = f"/offices/bookings/{id}"
    assert "대강당" in tablet.open(page).text
    assert tablet.open(f"{page}/change").status_code == 200
    changed = typed | {"title": "", "id": str(uuid.uuid4())}
    assert tablet.open(f"{page}/change", "POST", data=changed).status_code == 422
    assert (
        tablet.open(f"{page}/change", "POST", data=changed | {"title": "공청회"}).status_code == 302
    )
    assert "공청회" in tablet.open(page).text
    assert tablet.open(f"{page}/cancel", "POST").status_code == 302
    assert "예약 취소됨" in tablet.open(page).text


def test_what_was_not_given_is_taken_back_by_a_button(tablet: Caller, made: OfficesMade) -> None:
    page = f"/offices/bookings/{made.overdue}"
    lend = tablet.open(page).text.split('name="lend" value="')[1].split('"')[0]
    sent = {"id": str(uuid.uuid4()), "lend": lend}
    assert tablet.open(f"{page}/unused", "POST", data=sent).status_code == 302
    assert "쓰지 않았어요" in tablet.open(page).text


def test_a_file_is_given_for_a_reason_that_is_logged(
    tablet: Caller, olga: Caller, loop: Loop, made: OfficesMade
) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    asked = {"month": month, "format": "csv"}
    assert tablet.open("/offices/month/file", "POST", data=asked).status_code == 422
    answer = tablet.open("/offices/month/file", "POST", data=asked | {"reason": "보고"})
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    given = asked | {"reason": "보고", "site": made.site, "format": "xlsx"}
    assert olga.open("/offices/month/file", "POST", data=given).data.startswith(b"PK")
    with Session(loop.engine) as session:
        logged = session.execute(sa.select(AccessLog.what, AccessLog.reason)).all()
    assert {("departments csv", "보고"), ("departments xlsx", "보고")} <= {tuple(x) for x in logged}


def test_departments_and_cards_by_page(olga: Caller, made: OfficesMade) -> None:
    assert "문화과" in olga.open(f"/offices/departments?site={made.site}").text
    add = {"site": made.site, "name": "환경과", "name_en": "Environment"}
    page = olga.open("/offices/departments", "POST", data=add).headers["Location"]
    assert olga.open("/offices/departments", "POST", data=add).status_code == 422
    assert olga.open(page).status_code == 200
    assert olga.open(page, "POST", data={"name": "기후과"}).status_code == 302
    assert "기후과" in olga.open(page).text
    assert olga.open(f"{page}/cards", "POST", data={"card": "K7R4M2WQPX8A"}).status_code == 422
    own = f"/offices/departments/{made.department}"
    code = olga.open(own).text.split('name="card" value="')[1].split('"')[0]
    assert olga.open(f"{own}/cards/end", "POST", data={"card": code}).status_code == 302
    assert "그만 씀" in olga.open(own).text


def test_the_week_says_which_departments_cards_are_late(
    app: Flask, loop: Loop, office: Office
) -> None:
    loop.now = datetime.now(UTC) - 12 * DAY
    cups = loop.clean_cups(2, OFFICE)
    booking = office.book(begins=loop.now + 13 * DAY, wanted={"cup-355": 7})
    office.hand(cups[0], card=office.new_card(office.culture))
    with transaction(loop.engine) as session:
        tablet = device_caller(app, session, loop.town, OFFICE)
    page = tablet.open("/offices").text
    assert "돌려줄 날이 지난 것이 있어요" in page and "문화과 1" in page
    assert "지금 깨끗한 것 1개" in tablet.open(f"/offices/bookings/{booking}").text
    loop.now = datetime.now(UTC)
    office.back(cups[0])
    assert "돌려줄 날이 지난 것이 있어요" not in tablet.open("/offices").text
