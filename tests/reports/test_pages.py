"""The month's page and its files over HTTP: who may, what stands there, and that taking is logged."""

import csv
import io

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.tables import AccessLog, Role
from lending.places.tables import Site
from tests.callers import Caller, staff_caller
from tests.personas import HARU, Loop


@pytest.fixture
def officer(app: Flask, engine: sa.Engine, loop: Loop) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def download(officer: Caller, form: str, reason: str = "월례 보고", month: str = "2026-03"):
    data = {"month": month, "format": form, "reason": reason}
    return officer.open("/office/month/file", "POST", data=data)


def test_the_page_shows_numbers_chart_and_table(officer: Caller, loop: Loop) -> None:
    loop.give_back(loop.lent_cup())
    page = officer.open("/office/month?month=2026-03").text
    assert "2026년 3월" in page
    assert "카페 하루" in page
    assert "<svg" in page
    assert 'href="?month=2026-02"' in page
    assert 'href="?month=2026-04"' in page
    assert officer.open("/office/month").status_code == 200
    assert officer.open("/office/month?month=nonsense").status_code == 422
    assert "month=2026-04" in officer.open("/office/month?month=2026-03").text


def test_a_file_asks_the_reason_and_is_logged(officer: Caller, loop: Loop) -> None:
    loop.give_back(loop.lent_cup())
    assert download(officer, "csv", reason=" ").status_code == 422
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AccessLog)) == 0
    answer = download(officer, "csv")
    assert answer.status_code == 200
    assert "filename=month-2026-03.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert ["month", "2026-03"] in rows
    assert [loop.site(HARU), "카페 하루", "cup-355", "1", "1", "0", "0", "0"] in rows
    with Session(loop.engine) as session:
        entry = session.scalars(sa.select(AccessLog)).one()
        assert (entry.what, entry.reason) == ("month csv", "월례 보고")


def test_the_workbook_holds_every_table(officer: Caller, loop: Loop) -> None:
    loop.give_back(loop.lent_cup())
    answer = download(officer, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [
        "장소와 종류",
        "빠진 기록",
        "돌려줬다고 한 컵",
        "돌아온 비율",
        "컵마다 쓴 횟수",
    ]
    cells = [[cell.value for cell in row] for row in book["장소와 종류"]]
    assert cells[0][3] == "대여 수"
    assert cells[1] == [loop.site(HARU), "카페 하루", "cup-355", 1, 1, 0, 0, 0]


def test_a_name_never_becomes_a_formula(officer: Caller, loop: Loop) -> None:
    loop.give_back(loop.lent_cup())
    with transaction(loop.engine) as session:
        session.execute(sa.update(Site).where(Site.code == loop.site(HARU)).values(name="=1+1"))
    assert "'=1+1" in download(officer, "csv").data.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(download(officer, "xlsx").data))
    assert book["장소와 종류"]["B2"].data_type == "s"


def test_wrong_forms_are_refused(officer: Caller, loop: Loop) -> None:
    assert download(officer, "exe").status_code == 422
    assert download(officer, "csv", month="2026-99").status_code == 422
    assert download(officer, "csv", month="").status_code == 422


@pytest.mark.parametrize("role", [Role.CAFE, Role.WASH, Role.COURIER])
def test_only_officers_read_reports(app: Flask, engine: sa.Engine, loop: Loop, role: Role) -> None:
    with transaction(engine) as session:
        caller = staff_caller(app, session, loop.town, role)
    assert caller.open("/office/month").status_code == 403
    assert download(caller, "csv").status_code == 403
