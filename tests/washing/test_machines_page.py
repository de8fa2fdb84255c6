"""/wash/machines: a centre's machines, programmes, plan and rules, by its staff and officers."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.pieces.stains import kept_stained
from lending.people.tables import Role
from lending.places.tables import Site
from lending.washing.batches.machines import list_machines, list_programmes
from lending.washing.centre import load_plan
from tests.callers import Caller, staff_caller
from tests.personas import HARU, WASH, Loop, Town


@pytest.fixture
def jun(app: Flask, engine: sa.Engine, town: Town) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, town, Role.WASH)


def post(caller: Caller, path: str, status: int = 302, **form: Any) -> str:
    answer = caller.open(f"/wash/machines{path}", "POST", data=form)
    assert answer.status_code == status, answer.text[:500]
    return str(answer.text)


def test_machines_programmes_and_the_plan(jun: Caller, engine: sa.Engine, town: Town) -> None:
    site = town.sites[WASH]
    assert "아직 등록된 기계가 없어요" in jun.open("/wash/machines").text
    post(jun, "", name="1호기", capacity="400")
    assert "이미 쓰고 있어요" in post(jun, "", 422, name="1호기", capacity="5")
    post(jun, "", 422, name="2호기", capacity="-1")
    with Session(engine) as session:
        [machine] = list_machines(session, site_id=site)
    post(jun, f"/{machine.id}", capacity="350", active="1")
    post(jun, "/programmes", name="표준", stages=["dry", "wash"], min_temperature="82.5")
    assert "숫자만" in post(
        jun, "/programmes", 422, name="x", stages=["wash"], min_temperature="80°C"
    )
    assert "단계를 하나 이상" in post(jun, "/programmes", 422, name="x")
    post(jun, "/plan", per_hour="600")
    with Session(engine) as session:
        [machine] = list_machines(session, site_id=site)
        [programme] = list_programmes(session, district_id=town.id)
        assert (machine.capacity, machine.active) == (350, True)
        assert (programme.stages, programme.min_temperature) == (("wash", "dry"), 82.5)
        assert load_plan(session, site_id=site) == 600
    post(jun, f"/programmes/{programme.id}/stop")
    post(jun, f"/{machine.id}", capacity="350")
    page = jun.open("/wash/machines").text
    assert "쓰지 않음" in page
    assert "표준" not in page


def test_which_ware_a_stain_does_not_retire(jun: Caller, engine: sa.Engine, town: Town) -> None:
    post(jun, "/stains", kept=["cup-473", "nothing"])
    with Session(engine) as session:
        assert kept_stained(session, district_id=town.id) == {"cup-473"}
    post(jun, "/stains")
    with Session(engine) as session:
        assert kept_stained(session, district_id=town.id) == set()


def test_an_officer_names_the_centre_and_requires_batches(
    app: Flask, engine: sa.Engine, town: Town, loop: Loop
) -> None:
    with transaction(engine) as session:
        olga = staff_caller(app, session, town, Role.OFFICER)
    asked = f"?site={loop.site(WASH)}"
    assert "어느 세척장" in olga.open("/wash/machines").text
    post(olga, asked, name="1호기", capacity="0")
    assert "1호기" in olga.open(f"/wash/machines{asked}").text
    for name, expected in ((WASH, True), (HARU, False)):
        path = f"/office/sites/{town.sites[name]}"
        form = {"name": "x", "clean_low": "10", "active": "1", "batch_required": "1"}
        assert olga.open(path, "POST", data=form).status_code == 302
        with Session(engine) as session:
            site = session.get(Site, town.sites[name])
            assert site is not None
            assert site.batch_required is expected


def test_a_cafe_s_staff_changes_nothing(app: Flask, engine: sa.Engine, town: Town) -> None:
    with transaction(engine) as session:
        mina = staff_caller(app, session, town, Role.CAFE)
    assert mina.open("/wash/machines").status_code == 403
    post(mina, "/plan", 403, per_hour="5")
