"""The first officer: a one-time link, a district with its terms, and a set-up by pages alone."""

import io
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import reading, transaction
from lending.loop.policy.edit import list_limits, list_terms
from lending.people.first_officer import make_first_officer_link
from lending.places.districts import list_districts
from tests.callers import PASSWORD, Caller
from tests.office.conftest import post


@pytest.fixture
def visitor(app: Flask) -> Caller:
    return Caller("visitor", app.test_client())


@pytest.fixture
def link(engine: sa.Engine) -> str:
    with transaction(engine) as session:
        return f"/first/{make_first_officer_link(session, now=datetime.now(UTC))}"


FORM = {"district_name": "서해구", "login": "olga", "password": PASSWORD}


def test_the_link_makes_a_district_with_terms_and_signs_in_once(
    engine: sa.Engine, visitor: Caller, link: str
) -> None:
    assert "처음 시작하기" in visitor.open(link).text
    answer = post(visitor, link, **FORM)
    assert (answer.status_code, answer.location) == (302, "/office/start")
    assert "구를 만들었어요" in visitor.open("/office/start").text
    with reading(engine) as session:
        (made,) = list_districts(session)
        assert made.name == "서해구"
        assert list_terms(session, district_id=made.id)
        assert list_limits(session, district_id=made.id)
    assert visitor.open(link).status_code == 404
    assert post(visitor, link, **FORM).status_code == 404


def test_a_weak_password_leaves_the_link_usable(visitor: Caller, link: str) -> None:
    weak = post(visitor, link, **FORM | {"password": "short"})
    assert weak.status_code == 422
    assert "short" not in weak.text
    assert post(visitor, link, **FORM | {"district_name": " "}).status_code == 422
    assert post(visitor, link, **FORM).status_code == 302
    assert visitor.open("/first/wrong").status_code == 404


def test_a_new_district_is_set_up_by_pages_and_files_alone(
    app: Flask, engine: sa.Engine, visitor: Caller, link: str
) -> None:
    post(visitor, link, **FORM)
    assert visitor.open("/office").location == "/office/start"

    def upload(path: str, text: str) -> int:
        data = {"file": (io.BytesIO(text.encode()), "x.csv")}
        return visitor.open(path, "POST", data=data, content_type="multipart/form-data").status_code

    sites = "code,kind,name\nHARU,cafe,하루\nNABI,cafe,나비\nWASH,wash_centre,세척장\n"
    assert upload("/office/sites/file", sites) == 302
    assert upload("/office/kinds/file", "code,name\ncup-355,컵 355 mL\n") == 302
    assert upload("/office/staff/file", "login,role,site\nmina,cafe,HARU\njun,wash,WASH\n") == 200
    pairing = post(visitor, "/office/devices", site="HARU", name="계산대")
    assert pairing.status_code == 200
    assert post(visitor, "/office/labels", kind="cup-355", count="54").status_code == 302
    page = visitor.open("/office/start").text
    assert page.count("됐어요") >= 5
    overview = visitor.open("/office")
    assert overview.status_code == 200
    assert "아직 준비할 것이 남았어요" not in overview.text
