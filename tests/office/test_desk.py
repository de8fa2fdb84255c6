"""The desk's pages: for officers only, in both languages, never by a forged form."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import reading, transaction
from lending.people.tables import AccessLog, Role
from lending.places.districts import load_district
from tests.callers import Caller, staff_caller
from tests.office.conftest import post
from tests.personas import Loop

PAGES = (
    "", "/loans", "/loans/unreachable", "/residents", "/review", "/review?settled=1", "/settings",
    "/start", "/district", "/sites", "/kinds", "/terms", "/terms/new", "/limits", "/staff",
    "/tokens", "/access-log",
)  # fmt: skip


@pytest.mark.parametrize("role", [Role.CAFE, Role.WASH, Role.COURIER])
def test_the_desk_is_for_officers_only(
    app: Flask, engine: sa.Engine, loop: Loop, role: Role
) -> None:
    with transaction(engine) as session:
        caller = staff_caller(app, session, loop.town, role)
    for page in PAGES:
        assert caller.open(f"/office{page}").status_code == 403, page
    stranger = app.test_client()
    assert stranger.get("/office/sites").location == "/staff/sign-in?next=/office/sites"


def test_every_page_opens_in_both_languages(officer: Caller, loop: Loop) -> None:
    loop.lent_cup()
    for language, word in (("ko", "설정"), ("en", "Settings")):
        officer.client.set_cookie("lang", language)
        for page in PAGES:
            answer = officer.open(f"/office{page}")
            assert answer.status_code == 200, page
            assert word in answer.text


def test_the_access_log_is_reviewed(officer: Caller, loop: Loop) -> None:
    assert post(officer, "/office/access-log/reviewed").status_code == 302
    assert "접속 기록 점검" in officer.open("/office/access-log").text
    assert officer.open("/office/access-log?after=W10").status_code == 422
    with transaction(loop.engine) as session:
        rows = [
            {
                "district_id": loop.town.id,
                "at": loop.now,
                "address": "-",
                "what": "search",
                "reason": f"r{n}",
            }
            for n in range(150)
        ]
        session.execute(sa.insert(AccessLog), rows)
    first = officer.open("/office/access-log").text
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = officer.open(link.replace("&amp;", "&")).text
    assert first.count("<tr") + second.count("<tr") == 151 + 2


def test_a_form_without_its_token_changes_nothing(officer: Caller, loop: Loop) -> None:
    form = {"name": "남", "timezone": "Asia/Seoul"}
    assert officer.client.post("/office/district", data=form).status_code == 403
    with reading(loop.engine) as session:
        assert load_district(session, district_id=loop.town.id).name == "서해구"
