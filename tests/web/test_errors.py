"""Every failure answers in the one shape, with words and a next step, in JSON or as a page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from sqlalchemy.exc import OperationalError

from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.places.texts import Problem
from lending.web.access import public
from lending.web.errors import BY_STATUS, TABLE, EdgeCode, explain
from lending.web.problems import WORDS
from tests.callers import form_token

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}


def add_route(
    app: Flask, view, path: str = "/api/v1/tried", methods: tuple[str, ...] = ("GET",)
) -> None:
    """A further route; flask allows it before the first request only."""
    app.add_url_rule(path, "tried", public(view), methods=methods)


def shape(answer) -> dict[str, str]:
    body = answer.get_json()
    assert set(body) == {"error"}
    error = body["error"]
    assert (
        {"code", "message", "next_step"} <= set(error) <= {"code", "message", "next_step", "field"}
    )
    assert all(isinstance(text, str) and text for text in error.values())
    return error


def test_every_code_has_a_status_and_two_sentences(app: Flask) -> None:
    assert set(TABLE) == {*Code, *EdgeCode}
    assert len({str(code) for code in TABLE}) == len(TABLE)
    for language in ("ko", "en"):
        with app.test_request_context(headers={"Cookie": f"lang={language}"}):
            for code, words in TABLE.items():
                message, next_step = explain(code)
                assert message.strip()
                assert next_step.strip()
                assert 400 <= words.status < 600
                assert any("가" <= char <= "힣" for char in message + next_step) is (
                    language == "ko"
                )
    assert all(TABLE[code].status // 100 == status // 100 for status, code in BY_STATUS.items())


@pytest.mark.parametrize("code", list(Code))
def test_a_refusal_of_the_domain_is_answered_from_the_table(app: Flask, code: Code) -> None:
    def refuse() -> str:
        raise LendingError(code, field="site", detail="secret", retry_after=7)

    add_route(app, refuse)
    answer = app.test_client().get("/api/v1/tried")
    assert answer.status_code == TABLE[code].status
    assert shape(answer)["code"] == code
    assert shape(answer)["field"] == "site"
    assert "secret" not in answer.text
    assert answer.headers["Retry-After"] == "7"
    assert ("WWW-Authenticate" in answer.headers) is (answer.status_code == 401)


def test_unknown_addresses_and_methods(client: FlaskClient) -> None:
    assert shape(client.get("/api/v1/nothing"))["code"] == "not_found"
    wrong = client.post("/healthz", headers=JSON)
    assert (wrong.status_code, shape(wrong)["code"]) == (405, "method_not_allowed")
    assert {"GET", "HEAD"} <= set(wrong.headers["Allow"].replace(",", " ").split())


def test_a_page_gets_a_page_in_the_same_words(client: FlaskClient) -> None:
    page = client.get("/nothing", headers=PAGE)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "찾는 것이 없어요." in page.text
    assert "주소나 번호를 확인해 주세요." in page.text
    client.set_cookie("lang", "en")
    assert "There is nothing here." in client.get("/nothing", headers=PAGE).text


def test_schema_failures_name_the_field(app: Flask) -> None:
    class Inner(Schema):
        count = fields.Integer(required=True, strict=True)

    class Outer(Schema):
        scans = fields.List(fields.Nested(Inner), required=True)

    from flask_smorest import Blueprint

    blueprint = Blueprint("tried", __name__)

    @blueprint.post("/api/v1/tried")
    @public
    @blueprint.arguments(Outer)
    def tried(_body: dict) -> dict:
        return {}

    app.register_blueprint(blueprint)
    app.view_functions["web.healthz"] = app.view_functions["web.healthz"]
    client = app.test_client()
    token = form_token(client)
    send = {"headers": {"X-CSRFToken": token}}
    wrong = client.post("/api/v1/tried", json={"scans": [{"count": 1}, {"count": "x"}]}, **send)
    assert (wrong.status_code, shape(wrong)["field"]) == (422, "scans.1.count")
    for body in ("{", "", "\x00"):
        broken = client.post("/api/v1/tried", data=body, content_type="application/json", **send)
        assert (broken.status_code, shape(broken)["code"]) == (422, "invalid")


def test_a_body_beyond_the_limit_is_refused(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    from flask import request

    add_route(app, lambda: {"got": len(request.get_data())}, methods=("POST",))
    client = app.test_client()
    token = form_token(client)
    large = client.post("/api/v1/tried", data=b"x" * 1001, headers={"X-CSRFToken": token})
    assert (large.status_code, shape(large)["code"]) == (413, "too_large")


def crash() -> str:
    raise ZeroDivisionError("010-1234-5678")


def lose_the_race() -> str:
    raise ChangedMeanwhile


def lose_the_database() -> str:
    raise OperationalError("SELECT contact", {}, Exception("gone"))


@pytest.mark.parametrize(
    ("view", "status", "code"),
    [
        (crash, 500, "internal"),
        (lose_the_race, 503, "unavailable"),
        (lose_the_database, 503, "unavailable"),
    ],
)
def test_what_breaks_is_said_calmly_and_logged_without_contents(
    app: Flask, capsys: pytest.CaptureFixture[str], view, status: int, code: str
) -> None:
    app.testing = False
    add_route(app, view)
    answer = app.test_client().get("/api/v1/tried?phone=010-9999-8888")
    assert (answer.status_code, shape(answer)["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) is (status == 503)
    printed = capsys.readouterr()
    assert "010-" not in answer.text + printed.out + printed.err
    if view is crash:
        assert "ZeroDivisionError" in printed.out
        assert "test_errors.py" in printed.out


def test_the_error_page_stands_without_a_database(app: Flask) -> None:
    from dataclasses import replace

    from lending.db import make_engine

    app.testing = False
    services = app.extensions["lending"]
    services.engine.dispose()
    nowhere = make_engine("sqlite:////nonexistent/folder/lending.sqlite3")
    app.extensions["lending"] = replace(services, engine=nowhere)
    page = app.test_client().get("/staff/sign-in", headers=PAGE)
    assert page.status_code == 503
    assert "지금은 처리할 수 없어요." in page.text
    health = app.test_client().get("/healthz")
    assert (health.status_code, health.get_json()["checks"]) == (503, ["database"])


def test_every_problem_of_typed_input_has_words() -> None:
    assert set(WORDS) == set(Problem)
