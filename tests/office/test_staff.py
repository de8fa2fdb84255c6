"""Staff and tokens: secrets are shown once, and end at once."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import reading
from lending.people.staff import list_staff
from lending.people.tables import ApiToken, Role, Staff
from tests.callers import PASSWORD, Caller
from tests.office.conftest import post, upload
from tests.personas import HARU, Loop


def test_staff_are_added_with_a_password_shown_once(
    officer: Caller, app: Flask, loop: Loop
) -> None:
    made = post(officer, "/office/staff", login="Sumin", role="cafe", site=loop.site(HARU))
    assert made.status_code == 200
    password = made.text.split('class="secret">')[1].split("<")[0]
    assert password not in officer.open("/office/staff").text
    visitor = Caller("visitor", app.test_client())
    form = {"login": "sumin", "password": password}
    assert visitor.open("/staff/sign-in", "POST", data=form).location == "/scan"
    assert post(officer, "/office/staff", login="noplace", role="cafe").status_code == 422
    assert post(officer, "/office/staff", login="sumin", role="courier").status_code == 422
    with reading(loop.engine) as session:
        sumin = next(
            one for one in list_staff(session, district_id=loop.town.id) if one.login == "sumin"
        )
    assert post(officer, f"/office/staff/{sumin.id}/stop").status_code == 302
    assert visitor.open("/scan").status_code == 302  # signed out at once
    assert post(officer, f"/office/staff/{sumin.id}/start").status_code == 302
    renewed = post(officer, f"/office/staff/{sumin.id}/password")
    assert "sumin" in renewed.text
    assert password not in renewed.text
    assert post(officer, "/office/staff/999999/password").status_code == 404


def test_the_last_officer_stays(officer: Caller, loop: Loop) -> None:
    with Session(loop.engine) as session:
        me = session.scalar(sa.select(Staff.id).where(Staff.role == Role.OFFICER))
    refused = post(officer, f"/office/staff/{me}/stop")
    assert refused.status_code == 409
    assert "마지막 담당자" in refused.text
    made = post(officer, "/office/staff", login="second", role="officer")
    assert made.status_code == 200
    assert officer.open("/office/staff").status_code == 200


def test_staff_from_a_file(officer: Caller, loop: Loop) -> None:
    wrong = f"login,role,site\na.b,cafe,{loop.site(HARU)}\nc.d,cafe,\ne.f,king,\n"
    refused = upload(officer, "/office/staff/file", wrong)
    assert refused.status_code == 422
    assert "모르는 역할" in refused.text
    right = f"login,role,site,password\na.b,cafe,{loop.site(HARU)},\nc.d,courier,,{PASSWORD}-x\n"
    made = upload(officer, "/office/staff/file", right)
    assert made.status_code == 200
    assert made.text.count('class="secret"') == 1
    assert f"{PASSWORD}-x" not in made.text


def test_a_token_is_shown_once_works_and_ends(officer: Caller, app: Flask, loop: Loop) -> None:
    form = {"name": "회수기", "role": "machine", "site": loop.site(HARU)}
    made = post(officer, "/office/tokens", **form)
    token = made.text.split('tabindex="0">reuse_')[1].split("<")[0]
    headers = {"Authorization": f"Bearer reuse_{token}"}
    client = app.test_client()
    assert client.get("/api/v1/sites", headers=headers).status_code == 200
    assert token not in officer.open("/office/tokens").text
    assert post(officer, "/office/tokens", **form | {"site": "NOWHERE"}).status_code == 422
    with Session(loop.engine) as session:
        token_id = session.scalar(sa.select(ApiToken.id))
    assert post(officer, f"/office/tokens/{token_id}/revoke").status_code == 302
    assert client.get("/api/v1/sites", headers=headers).status_code == 401
    assert post(officer, f"/office/tokens/{token_id}/revoke").status_code == 404
