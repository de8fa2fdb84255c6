"""Limits, cursors, fields, forms, assets and health: each by what it lets through and refuses."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from marshmallow import Schema, ValidationError

from lending.errors import Code, LendingError
from lending.people.tables import Budget
from lending.web import health
from lending.web.access import public
from lending.web.assets import Manifest
from lending.web.forms import read_form
from lending.web.limits import limited
from lending.web.schemas import Cursor, Text, decode_cursor, encode_cursor, page_of


def test_a_busy_address_is_slowed_and_a_quiet_one_costs_no_write(
    app: Flask, engine: sa.Engine
) -> None:
    app.add_url_rule("/tried", "tried", public(limited("tried", per_minute=10)(lambda: "ok")))
    client = app.test_client()

    def ask(address: str):
        return client.get("/tried", environ_base={"REMOTE_ADDR": address})

    assert [ask("203.0.113.1").status_code for _ in range(5)] == [200] * 5
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Budget)) == 0
    # More than two windows' worth: one that ends meanwhile does not matter.
    slowed = [one for _ in range(16) if (one := ask("203.0.113.1")).status_code == 429]
    assert slowed
    assert int(slowed[0].headers["Retry-After"]) <= 60
    assert ask("203.0.113.2").status_code == 200


def test_one_household_of_ipv6_counts_as_one(app: Flask) -> None:
    from lending.web.limits import client_address

    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            assert client_address() == "2001:db8:1:2::/64"


def test_cursors_come_back_as_they_went() -> None:
    at = datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC)
    assert decode_cursor(encode_cursor([at, 7, "0937", None])) == [at.isoformat(), 7, "0937", None]


@pytest.mark.parametrize(
    "text", ["", "!", "e30", "bnVsbA", "W3t9XQ", "W3RydWVd", "A" * 401, "WyJcdTAwMDAiXQ", "WzFlMzA5XQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "한글"]
)  # fmt: skip
def test_anything_else_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(text)
    with pytest.raises(ValidationError):
        Schema.from_dict({"after": Cursor()})().load({"after": text})


@pytest.mark.parametrize(
    "text", ["a\x00b", "line\nbreak", "\ud800", "x" * 11, "   ", "", None, 5, ["a"]]
)
def test_what_a_text_may_not_be(app: Flask, text: object) -> None:
    schema = Schema.from_dict({"name": Text(required=True, max_length=10)})()
    with app.test_request_context("/"), pytest.raises(ValidationError):
        schema.load({"name": text})


def test_what_a_text_may_be() -> None:
    schema = Schema.from_dict({"a": Text(), "b": Text(lines=True), "c": Text(strip=False)})()
    loaded = schema.load({"a": " 컵 ☕ ", "b": "one\r\ntwo\n", "c": " pass "})
    assert loaded == {"a": "컵 ☕", "b": "one\r\ntwo", "c": " pass "}


def test_a_page_of_a_list() -> None:
    class SiteOut(Schema):
        code = Text()

    dumped = page_of(SiteOut)().dump({"items": [{"code": "HARU"}], "next": None})
    assert dumped == {"items": [{"code": "HARU"}], "next": None}


def test_a_form_is_read_or_says_what_is_wrong(app: Flask) -> None:
    schema = Schema.from_dict({"name": Text(required=True), "note": Text(load_default="")})
    with app.test_request_context(
        "/", method="POST", data={"name": " 하루 ", "note": " ", "x": "y"}
    ):
        form = read_form(schema())
        assert (form.values, form.errors) == ({"name": "하루", "note": ""}, {})
    with app.test_request_context("/", method="POST", data={"name": " "}):
        form = read_form(schema())
        assert form.errors == {"name": "이 칸을 채워 주세요."}
        form.refuse(LendingError(Code.CONFLICT, field="name"))
        assert "그 사이에" in form.errors["name"]


def test_the_manifest_is_as_fresh_as_its_file(tmp_path) -> None:
    manifest = Manifest(tmp_path / "manifest.json")
    assert manifest.names() == {}
    for name in ("one", "another"):
        (tmp_path / "manifest.json").write_text(json.dumps({"a.js": f"a-{name}.js"}))
        assert manifest.names() == {"a.js": f"a-{name}.js"}


def test_a_failed_check_is_told_to_machines_and_staff(app: Flask, callers) -> None:
    def silent(session, now) -> str | None:
        assert now.tzinfo is not None
        return "알림이 15분째 나가지 않고 있어요."

    health.health_checks.append(silent)
    try:
        answer = callers["stranger"].open("/healthz")
        assert answer.status_code == 503
        assert answer.get_json() == {
            "status": "failing",
            "checks": ["알림이 15분째 나가지 않고 있어요."],
        }
        assert "15분째" in callers["staff cafe"].open("/").text
        assert "15분째" not in callers["resident"].open("/").text
        assert "15분째" not in callers["stranger"].open("/").text
    finally:
        health.health_checks.remove(silent)
    assert callers["stranger"].open("/healthz").status_code == 200


def test_each_role_sees_its_menu(callers) -> None:
    assert 'href="/office/review"' in callers["staff officer"].open("/").text
    assert 'href="/office' not in callers["staff cafe"].open("/").text
    assert "카페 하루" in callers["staff cafe"].open("/").text
    assert 'href="/my/history"' in callers["resident"].open("/").text
    assert 'href="/my/history"' not in callers["stranger"].open("/").text
