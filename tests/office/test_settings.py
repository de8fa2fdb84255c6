"""What a district decides, changed by form and by file: each page, each refusal."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.loop.limits import load_limits
from lending.loop.policy_edit import list_terms, terms_in_force
from lending.loop.read.pieces import list_kinds
from lending.people.staff import list_staff
from lending.people.tables import AccessLog, ApiToken, Role, Staff
from lending.places.districts import load_district
from lending.places.opening import list_closures, list_opening
from lending.places.sites import list_sites
from tests.callers import PASSWORD, Caller, staff_caller
from tests.office.conftest import post, text_of
from tests.personas import BOX, HARU, Loop

TERMS = {
    "free_days": 7, "extension_days": 7, "extensions": 1, "max_open": 5,
    "max_open_unconfirmed": 2, "max_open_no_contact": 1, "max_open_group": 10,
    "remind_before_days": 1, "late_first_days": 3, "late_second_days": 7, "final_days": 14,
    "lost_days": 30, "pause_after_days": 3, "notice_lead_days": 3, "pause_end_days": 60,
    "resume_days": 3, "claim_review_days": 7, "claim_close_days": 30, "claims_trusted": 2,
    "claims_window_days": 90, "retention_days": 90, "quiet_from": "21:00", "quiet_to": "08:00",
}  # fmt: skip
PAGES = (
    "", "/loans", "/loans/unreachable", "/residents", "/review", "/review?settled=1", "/settings",
    "/start", "/district", "/sites", "/kinds", "/terms", "/terms/new", "/limits", "/staff",
    "/tokens", "/access-log",
)  # fmt: skip


def upload(caller: Caller, path: str, text: str | bytes):
    raw = text.encode() if isinstance(text, str) else text
    data = {"file": (io.BytesIO(raw), "list.csv")}
    return caller.open(path, "POST", data=data, content_type="multipart/form-data")


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


def test_a_site_is_added_changed_and_refused(officer: Caller, loop: Loop) -> None:
    new = {"code": "new-1", "kind": "cafe", "name": "새 카페", "name_en": "New Café"}
    assert post(officer, "/office/sites", **new).status_code == 302
    again = post(officer, "/office/sites", **new)
    assert again.status_code == 422
    assert "이미 쓰고 있어요" in again.text
    assert post(officer, "/office/sites", **new | {"kind": "ship"}).status_code == 422
    with reading(loop.engine) as session:
        site = next(
            one for one in list_sites(session, district_id=loop.town.id) if one.code == "NEW-1"
        )
    page = f"/office/sites/{site.id}"
    changed = {"name": "옮긴 카페", "name_en": "", "clean_low": "3"}
    assert post(officer, page, **changed).status_code == 302
    with reading(loop.engine) as session:
        site = next(
            one for one in list_sites(session, district_id=loop.town.id) if one.code == "NEW-1"
        )
    assert (site.name, site.clean_low, site.active) == ("옮긴 카페", 3, False)
    assert post(officer, page, **changed | {"clean_low": "-1"}).status_code == 422
    assert officer.open("/office/sites/999999").status_code == 404


def test_a_place_has_a_box_and_lies_somewhere(officer: Caller, loop: Loop) -> None:
    page = f"/office/sites/{loop.town.sites[BOX]}"
    values = {"name": "역 앞", "name_en": "", "clean_low": "0", "active": "1"}
    spot = {"capacity": "120", "latitude": "37.5453", "longitude": "126.676"}
    assert post(officer, page, **values, **spot).status_code == 302
    shown = officer.open(page).text
    for text in ('value="120"', 'value="37.5453"', 'value="126.676"', "/return?site=BOX"):
        assert text in shown
    for wrong in ({"capacity": "-1"}, {"latitude": "91"}, {"longitude": "x"}, {"latitude": ""}):
        assert post(officer, page, **values, **spot | wrong).status_code == 422, wrong
    file = officer.open("/office/sites.csv")
    assert file.mimetype == "text/csv"
    assert "BOX,box,역 앞,,120,37.5453,126.676" in file.data.decode("utf-8-sig").splitlines()
    # Nothing of the refused changes was kept, and a place need not lie anywhere.
    assert post(officer, page, **values).status_code == 302
    assert "BOX,box,역 앞,,0,," in officer.open("/office/sites.csv").data.decode("utf-8-sig")


def test_sites_from_a_file_all_or_none_with_every_wrong_line(officer: Caller, loop: Loop) -> None:
    wrong = "code,kind,name\nA-1,cafe,하나\nA-1,cafe,둘\n1X,cafe,셋\nB-1,boat,넷\n"
    refused = upload(officer, "/office/sites/file", wrong)
    assert refused.status_code == 422
    words = text_of(refused)
    for line in ("3", "4", "5"):
        assert f" {line} " in words
    assert "앞줄과 같아요" in words
    with reading(loop.engine) as session:
        before = len(list_sites(session, district_id=loop.town.id))
    right = "code,kind,name\nA-1,cafe,하나\nB-1,box,반납함\n".encode("cp949")
    assert upload(officer, "/office/sites/file", right).status_code == 302
    with reading(loop.engine) as session:
        sites = list_sites(session, district_id=loop.town.id)
    assert len(sites) == before + 2
    assert "하나" in {site.name for site in sites}
    assert upload(officer, "/office/sites/file", "").status_code == 422
    assert upload(officer, "/office/sites/file", b"\xff\xfe\x00").status_code == 422


def test_opening_days_and_closures_hold_from_now_on(officer: Caller, loop: Loop) -> None:
    site = loop.town.sites[HARU]
    page = f"/office/sites/{site}"
    week = {"weekday": [0, 1, 2, 3, 4], "opens": "09:00", "closes": "18:00"}
    assert post(officer, f"{page}/opening", **week).status_code == 302
    assert post(officer, f"{page}/opening", weekday=[]).status_code == 422
    past = post(officer, f"{page}/opening", weekday=[0], from_day="2020-01-01")
    assert past.status_code == 422
    assert "지난 날" in past.text
    one_hour = post(officer, f"{page}/opening", weekday=[0], opens="09:00")
    assert one_hour.status_code == 422
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    later = tomorrow + timedelta(days=2)
    days = {"first": tomorrow.isoformat(), "last": later.isoformat()}
    assert post(officer, f"{page}/closures", **days).status_code == 302
    assert post(officer, f"{page}/closures", first="2020-01-01").status_code == 422
    assert (
        post(officer, f"{page}/closures", first=days["last"], last=days["first"]).status_code == 422
    )
    assert post(officer, f"{page}/closures/withdraw", day=days["last"]).status_code == 302
    assert post(officer, f"{page}/closures/withdraw", day=days["last"]).status_code == 404
    with reading(loop.engine) as session:
        assert list_opening(session, site_id=site)[0].weekdays == 0b11111
        closed = list_closures(session, site_id=site, since=tomorrow)
    assert closed == [tomorrow, tomorrow + timedelta(days=1)]
    assert officer.open(page).status_code == 200


def test_kinds_by_form_and_file(officer: Caller, loop: Loop) -> None:
    kind = {"code": "bowl-500", "name": "그릇", "design_uses": "2800"}
    assert post(officer, "/office/kinds", **kind).status_code == 302
    assert post(officer, "/office/kinds", **kind).status_code == 422
    assert post(officer, "/office/kinds", code="Ä", name="x").status_code == 422
    wrong = upload(
        officer, "/office/kinds/file", "code,name,design_uses\nlid-1,뚜껑,0\nlid-2,뚜껑,x\n"
    )
    assert wrong.status_code == 422
    assert text_of(wrong).count("범위를 벗어났어요") == 2
    assert upload(officer, "/office/kinds/file", "code,name\nlid-1,뚜껑\n").status_code == 302
    with reading(loop.engine) as session:
        kinds = {one.code: one for one in list_kinds(session, district_id=loop.town.id)}
    assert kinds["bowl-500"].design_uses == 2800
    page = f"/office/kinds/{kinds['lid-1'].id}"
    assert post(officer, page, name="덮개", name_en="Lid").status_code == 302
    assert "덮개" in officer.open("/office/kinds").text
    assert officer.open("/office/kinds/999999").status_code == 404


def test_terms_get_new_versions_never_for_the_past(officer: Caller, today_loop: Loop) -> None:
    loop = today_loop
    early = loop.lent_cup()
    assert post(officer, "/office/terms/new", **TERMS | {"free_days": 3}).status_code == 302
    past = post(officer, "/office/terms/new", **TERMS | {"from_day": "2020-01-01"})
    assert past.status_code == 422
    assert "지난 날" in past.text
    order = post(officer, "/office/terms/new", **TERMS | {"lost_days": 10})
    assert order.status_code == 422
    assert "범위를 벗어났어요" in order.text
    ahead = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    planned = TERMS | {"free_days": 1, "kind": "cup-355", "from_day": ahead}
    assert post(officer, "/office/terms/new", **planned).status_code == 302
    assert post(officer, "/office/terms/new", **planned).status_code == 422  # the same moment
    assert post(officer, "/office/terms/new", **TERMS | {"kind": "boat"}).status_code in {404, 422}
    now = datetime.now(UTC)
    with reading(loop.engine) as session:
        views = list_terms(session, district_id=loop.town.id)
    assert terms_in_force(views, kind="cup-355", now=now).free_days == 3
    assert terms_in_force(views, kind="cup-355", now=now + timedelta(days=40)).free_days == 1
    assert views[0].changed_by == "staff-officer"
    loop.now = datetime.now(UTC)
    late = loop.lent_cup()
    days = [(loop.due(loop.loans(cup)[0].id) - loop.now).days for cup in (early, late)]
    assert days[0] - days[1] == 4  # the loan made before keeps its seven days
    assert "예정" in officer.open("/office/terms").text


def test_limits_get_new_versions(officer: Caller, loop: Loop) -> None:
    form = {"state": "shipped", "days": "5", "owner": "officer"}
    assert post(officer, "/office/limits", **form).status_code == 302
    assert post(officer, "/office/limits", **form | {"days": "0"}).status_code == 422
    assert post(officer, "/office/limits", **form | {"state": "lent"}).status_code == 422
    assert post(officer, "/office/limits", **form | {"from_day": "2020-01-01"}).status_code == 422
    with reading(loop.engine) as session:
        limits = load_limits(session, district_id=loop.town.id, now=datetime.now(UTC))
    assert (limits["shipped"].days, limits["shipped"].owner) == (5, "officer")


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


def test_the_district_is_renamed(officer: Caller, loop: Loop) -> None:
    form = {"name": "검단구", "name_en": "Geomdan", "timezone": "Asia/Seoul", "helpdesk": "032-1"}
    assert post(officer, "/office/district", **form).status_code == 302
    assert post(officer, "/office/district", **form | {"timezone": "Mars/X"}).status_code == 422
    assert post(officer, "/office/district", **form | {"name": " "}).status_code == 422
    with reading(loop.engine) as session:
        found = load_district(session, district_id=loop.town.id)
    assert (found.name, found.helpdesk) == ("검단구", "032-1")
    assert "검단구" in officer.open("/office/district").text


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
