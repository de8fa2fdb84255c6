"""Who may use the table, and what it shows between beeps: counts, first pass, waits, alerts."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.notices.tables import Alert, AlertOwner
from lending.people.tables import Role
from tests.callers import Caller, device_caller, resident_caller, staff_caller
from tests.personas import HARU, WASH, Loop, Town
from tests.washing.conftest import Table


@pytest.fixture
def callers(app: Flask, engine: sa.Engine, town: Town) -> dict[str, Caller]:
    with transaction(engine) as session:
        return {
            "till": device_caller(app, session, town, HARU),
            "cafe": staff_caller(app, session, town, Role.CAFE),
            "wash": staff_caller(app, session, town, Role.WASH),
            "officer": staff_caller(app, session, town, Role.OFFICER),
            "resident": resident_caller(app, town),
        }


def body(**what: object) -> dict[str, object]:
    now = datetime.now(UTC).isoformat()
    return {"id": str(uuid.uuid4()), "lane": str(uuid.uuid4()), "at": now, "sent_at": now} | what


def test_the_table_is_for_the_centre_and_officers(callers: dict[str, Caller]) -> None:
    for name, status in {"till": 403, "cafe": 403, "wash": 200, "officer": 200}.items():
        assert callers[name].open("/wash").status_code == status, name
        assert callers[name].open("/wash/wall.pdf").status_code == status, name
    assert callers["resident"].open("/wash").status_code == 302  # to the staff's sign-in
    answer = callers["cafe"].open("/wash/beep", "POST", json=body(command="wash"))
    assert answer.status_code == 403


def test_a_beep_without_the_form_token_is_refused(table: Table) -> None:
    answer = table.caller.client.post("/wash/beep", json=body(command="wash"))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "form_expired")


def test_the_wall_sheet_is_a_pdf(callers: dict[str, Caller]) -> None:
    answer = callers["wash"].open("/wash/wall.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


def test_an_officer_names_the_centre(loop: Loop, callers: dict[str, Caller]) -> None:
    officer = callers["officer"]
    assert "/wash?site=WASH" in officer.open("/wash").get_data(as_text=True)
    assert officer.open("/wash?site=WASH").status_code == 200
    assert officer.open("/wash?site=NOWHERE").status_code == 404
    assert officer.open("/wash/table").status_code == 422
    table = Table(officer, site=loop.site(WASH))
    [cup] = loop.new_cups(1)
    assert table.beep(cup)["outcome"] == "recorded"
    assert table.command("wash")["count"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"code": "482109375518", "command": "wash"},
        {"command": "fly"},
        {"code": "a\x00b"},
        {"code": 5},
        {"take": "x"},
        {"code": "1" * 400},
        {"command": "wash", "at": "yesterday"},
        {"command": "wash", "seq": -1},
    ],
)
def test_wrong_shapes_are_refused_in_one_shape(table: Table, wrong: dict[str, object]) -> None:
    answer = table.caller.open("/wash/beep", "POST", json=body(**wrong))
    assert answer.status_code == 422
    assert answer.get_json()["error"]["code"] == "invalid"


def test_a_set_of_another_centre_cannot_be_taken_up(table: Table) -> None:
    answer = table.caller.open("/wash/beep", "POST", json=body(take=str(uuid.uuid4())))
    assert answer.status_code == 404


def test_today_and_what_waits_longest(loop: Loop, table: Table) -> None:
    old = loop.new_cups(2)  # since March
    cups = loop.new_cups(3, "cup-473")
    table.beep(*cups)
    table.command("wash", "lipstick")
    table.beep(cups[0])
    table.command("pass")
    board = table.board()
    assert board["today"] == {
        "received": 3, "washed": 3, "passed": 2, "rewash": 1, "retired": 0
    }  # fmt: skip
    assert board["first_pass"] == {"inspected": 3, "passed": 2}
    dirty, ready = board["lines"]
    assert (dirty["state"], dirty["count"], dirty["late"]) == ("dirty", 3, True)
    assert dirty["kinds"] == {"cup-355": 2, "cup-473": 1}
    assert (ready["state"], ready["count"], ready["late"]) == ("ready", 2, False)
    assert [one["code"] for one in board["oldest"][:2]] == old
    assert board["oldest"][0]["hours"] > 24 and board["oldest"][0]["late"]
    table.command("undo")  # the pass of both
    board = table.board()
    assert board["today"]["passed"] == 0
    assert board["first_pass"] == {"inspected": 1, "passed": 0}


def test_a_piece_that_passes_after_a_rewash_is_no_first_pass(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    table.beep(cup)
    table.command("wash", "foreign_matter")
    table.beep(cup)
    table.command("wash")
    table.beep(cup)
    assert table.command("pass")["count"] == 1
    assert table.board()["first_pass"] == {"inspected": 1, "passed": 0}


def test_alerts_of_the_centre_are_shown_until_somebody_saw_them(
    loop: Loop, engine: sa.Engine, make_table: Callable[[], Table]
) -> None:
    town, table = loop.town, make_table()
    with transaction(engine) as session:
        for site in (WASH, HARU):
            session.add(
                Alert(
                    district_id=town.id, site_id=town.sites[site], kind="waiting_dirty",
                    owner=AlertOwner.PLACE, count=7, opened_at=datetime.now(UTC),
                )
            )  # fmt: skip
    [alert] = table.board()["alerts"]
    assert alert["words"] == "세척할 컵 7개가 오래 기다려요"
    assert table.caller.open("/wash/seen", "POST", json={"alert": alert["id"]}).status_code == 200
    assert make_table().board()["alerts"] == []


def test_the_page_speaks_english(table: Table) -> None:
    table.caller.client.set_cookie("lang", "en")
    table.caller.open("/language/en?next=/wash")
    page = table.caller.open("/wash").get_data(as_text=True)
    assert "Wall codes" in page and "Lipstick" in page
    assert table.command("finish")["word"] == "No open set"
