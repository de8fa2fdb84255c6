"""What a district decides: kinds, terms, limits and its own name."""

from datetime import UTC, datetime, timedelta

from lending.db import reading
from lending.loop.policy.edit import list_terms, terms_in_force
from lending.loop.policy.limits import load_limits
from lending.loop.read.pieces import list_kinds
from lending.places.districts import load_district
from tests.callers import Caller
from tests.office.conftest import post, text_of, upload
from tests.personas import Loop

TERMS = {
    "free_days": 7, "extension_days": 7, "extensions": 1, "max_open": 5,
    "max_open_unconfirmed": 2, "max_open_no_contact": 1, "max_open_group": 10,
    "remind_before_days": 1, "late_first_days": 3, "late_second_days": 7, "final_days": 14,
    "lost_days": 30, "pause_after_days": 3, "notice_lead_days": 3, "pause_end_days": 60,
    "resume_days": 3, "claim_review_days": 7, "claim_close_days": 30, "claims_trusted": 2,
    "claims_window_days": 90, "retention_days": 90, "quiet_from": "21:00", "quiet_to": "08:00",
}  # fmt: skip


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


def test_the_district_is_renamed(officer: Caller, loop: Loop) -> None:
    form = {"name": "검단구", "name_en": "Geomdan", "timezone": "Asia/Seoul", "helpdesk": "032-1"}
    assert post(officer, "/office/district", **form).status_code == 302
    assert post(officer, "/office/district", **form | {"timezone": "Mars/X"}).status_code == 422
    assert post(officer, "/office/district", **form | {"name": " "}).status_code == 422
    with reading(loop.engine) as session:
        found = load_district(session, district_id=loop.town.id)
    assert (found.name, found.helpdesk) == ("검단구", "032-1")
    assert "검단구" in officer.open("/office/district").text
