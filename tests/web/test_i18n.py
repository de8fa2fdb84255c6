"""Every text has its English, and times, numbers and codes are written as people write them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lending.web.i18n import (
    group_code,
    language,
    write_clock,
    write_day,
    write_moment,
    write_number,
)
from tests.web.texts_used import all_catalogues, package_of, texts_used

NOON = datetime(2026, 11, 23, 5, 5, tzinfo=UTC)


def test_every_text_has_an_english_translation() -> None:
    catalogues = all_catalogues()
    missing = []
    for path, text in texts_used():
        singular = text if isinstance(text, str) else text[0]
        found = [each.get(singular) for each in catalogues.values()]
        texts = [message.string for message in found if message]
        if not any(all(text if isinstance(text, tuple) else [text]) for text in texts):
            missing.append(f"{package_of(path)}: {singular}")
    assert not missing


def test_translations_keep_the_places_of_values() -> None:
    """`%(count)s` in Korean stands in English too, and nothing else does."""
    import re

    for package, catalogue in all_catalogues().items():
        for message in catalogue:
            if not message.id or not message.string:
                continue
            ids = message.id if isinstance(message.id, tuple | list) else [message.id]
            strings = message.string if isinstance(message.string, tuple) else [message.string]
            wanted = {name for text in ids for name in re.findall(r"%\((\w+)\)", text)}
            used = {name for text in strings for name in re.findall(r"%\((\w+)\)", text)}
            assert used == wanted, f"{package}: {ids[0]}"


def test_the_last_catalogue_is_as_good_as_the_first(app: Flask) -> None:
    """Texts of two packages in one page: both come in English."""
    client = app.test_client()
    client.set_cookie("lang", "en")
    page = client.get("/staff/sign-in").text
    assert "Skip to content" in page  # lending/web
    assert "User name" in page  # lending/people
    assert '<html lang="en">' in page


def test_the_switch_keeps_the_language_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/language/en?next=/staff/sign-in")
    assert answer.location == "/staff/sign-in"
    assert "Staff sign-in" in client.get("/staff/sign-in").text
    client.get("/language/ko")
    assert "직원 로그인" in client.get("/staff/sign-in").text
    client.get("/language/xx")
    assert "직원 로그인" in client.get("/staff/sign-in").text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/\t/evil"],
)
def test_the_switch_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    assert client.get("/language/en", query_string={"next": target}).location == "/"


def test_pages_are_korean_whatever_the_browser_speaks_and_programs_may_choose(app: Flask) -> None:
    english = {"Accept-Language": "en-US,en;q=0.9"}
    with app.test_request_context("/", headers=english):
        assert language() == "ko"
    with app.test_request_context("/api/v1/scans", headers=english):
        assert language() == "en"
    with app.test_request_context("/api/v1/scans"):
        assert language() == "ko"


@pytest.mark.parametrize(
    ("lang", "moment", "day", "month", "number"),
    [
        ("ko", "11월 23일 (월) 오후 2:05", "2026년 11월 1일 (일)", "2026년 11월", "12,345"),
        ("en", "Mon 23 Nov 2:05 PM", "Sun 1 Nov 2026", "November 2026", "12,345"),
    ],
)
def test_times_and_numbers(
    app: Flask, lang: str, moment: str, day: str, month: str, number: str
) -> None:
    with app.test_request_context("/", headers={"Cookie": f"lang={lang}"}):
        assert write_moment(NOON, "Asia/Seoul").replace("\u202f", " ") == moment
        assert write_day(date(2026, 11, 1), style="date") == day
        assert write_day(date(2026, 11, 1), style="month") == month
        assert write_number(12345) == number
        assert write_number(0.5, 2) == "0.5"


def test_times_stand_in_the_districts_zone(app: Flask) -> None:
    with app.test_request_context("/"):
        assert write_clock(NOON, "UTC") == "오전 5:05"


def test_codes_are_grouped() -> None:
    assert group_code("482109375518") == "4821-0937-5518"
    assert group_code("M12") == "M12"
