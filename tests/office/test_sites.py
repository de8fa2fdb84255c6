"""Sites, their boxes and opening days, changed by form and by file."""

from datetime import UTC, datetime, timedelta

from lending.db import reading
from lending.places.opening import list_closures, list_opening
from lending.places.sites import list_sites
from tests.callers import Caller
from tests.office.conftest import post, text_of, upload
from tests.personas import BOX, HARU, Loop


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
