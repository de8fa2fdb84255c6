"""Kinds of every sort at the officer's desk, and pieces registered from a file."""

import io
import re
from typing import Any

from lending.db import reading
from lending.loop.codes import make_codes
from lending.loop.pieces.kinds import Sort
from lending.loop.read.pieces import KindView, list_kinds
from tests.callers import Caller
from tests.loop.test_registering import counts, wrong_digit, xlsx
from tests.office.conftest import post, text_of, upload
from tests.personas import WASH, Loop


def kinds(loop: Loop) -> dict[str, KindView]:
    with reading(loop.engine) as session:
        found = list_kinds(session, district_id=loop.town.id, counted=None)
    return {kind.code: kind for kind in found}


def send(officer: Caller, rows: list[list[Any]], request_id: str | None = None) -> Any:
    """Uploads a workbook of pieces under the id that the page gave."""
    page = officer.open("/office/pieces").text
    given = re.search(r'name="id" value="([^"]+)"', page)
    assert given is not None
    data = {"file": (io.BytesIO(xlsx(rows)), "ware.xlsx"), "id": request_id or given[1]}
    return officer.open("/office/pieces", "POST", data=data, content_type="multipart/form-data")


def test_a_kind_is_tracked_counted_or_a_crate_for_good(officer: Caller, loop: Loop) -> None:
    add = "/office/kinds"
    assert post(officer, add, code="lid-l", name="큰 뚜껑", sort="counted").status_code == 302
    assert post(officer, add, code="tub", name="통", sort="crate").status_code == 302
    assert post(officer, add, code="box-l", name="용기", part="lid-l").status_code == 302
    assert post(officer, add, code="heap", name="x", sort="heap").status_code == 422
    assert post(officer, add, code="bag-1", name="x", sort="crate", part="lid-l").status_code == 422
    known = kinds(loop)
    assert [known[code].sort for code in ("lid-l", "tub", "box-l")] == [
        Sort.COUNTED, Sort.CRATE, Sort.TRACKED,
    ]  # fmt: skip
    assert known["box-l"].part_id == known["lid-l"].id
    page = text_of(officer.open(add))
    assert "나르는 상자·가방" in page and "짝: 큰 뚜껑" in page
    tub = f"/office/kinds/{known['tub'].id}"
    assert post(officer, tub, name="큰 통", sort="tracked").status_code == 302
    assert kinds(loop)["tub"].sort is Sort.CRATE
    assert 'name="part"' not in officer.open(tub).text
    assert "용기" in text_of(officer.open(f"/office/kinds/{known['lid-l'].id}"))


def test_a_lid_stays_with_its_containers_once_there_are_any(officer: Caller, loop: Loop) -> None:
    for code in ("lid-l", "lid-s"):
        post(officer, "/office/kinds", code=code, name=code, sort="counted")
    post(officer, "/office/kinds", code="box-l", name="용기")
    box = kinds(loop)["box-l"]
    page = f"/office/kinds/{box.id}"
    loop.new_cups(1, "box-l")
    assert post(officer, page, name="용기", part="lid-l").status_code == 302  # it had none
    for other in ("lid-s", ""):
        refused = post(officer, page, name="용기", part=other)
        assert refused.status_code == 422 and "이미 등록한 용기가 있어" in refused.text
    assert post(officer, page, name="새 이름", part="lid-l").status_code == 302
    assert 'name="part"' not in officer.open(page).text
    assert post(officer, page, name="또 새 이름").status_code == 302
    now = kinds(loop)
    assert (now["box-l"].name, now["box-l"].part_id) == ("또 새 이름", now["lid-l"].id)


def test_a_file_brings_containers_with_their_lids(officer: Caller, loop: Loop) -> None:
    head = "code,name,sort,part\n"
    wrong = upload(
        officer, "/office/kinds/file",
        head + "a-1,가,counted,a-2\na-2,나,counted,\na-3,다,,nothing\na-4,라,heap,\n",
    )  # fmt: skip
    assert wrong.status_code == 422
    assert text_of(wrong).count("짝으로 써 주세요") == 2 and "tracked, counted" in text_of(wrong)
    good = head + "box-l,용기,,lid-l\nlid-l,뚜껑,Counted,\n"
    assert upload(officer, "/office/kinds/file", good).status_code == 302
    known = kinds(loop)
    assert known["box-l"].part_id == known["lid-l"].id and "a-1" not in known


def test_pieces_come_from_a_spreadsheet_all_or_none(officer: Caller, loop: Loop) -> None:
    codes = make_codes(300)
    rows: list[list[Any]] = [[code, "cup-355", WASH] for code in codes]
    rows[7][0], rows[200][1], rows[299][2] = wrong_digit(codes[7]), "mug", "NOWHERE"
    before = counts(loop)
    refused = send(officer, rows)
    words = text_of(refused)
    assert refused.status_code == 422 and "3줄을 고쳐 다시 올려 주세요" in words
    for said in (
        "9 code " + wrong_digit(codes[7]) + " 코드의 한 자리가 틀렸어요",
        "202 kind mug 모르는 종류예요",
        "301 site NOWHERE 그런 장소가 없어요",
    ):
        assert said in words
    assert counts(loop) == before
    fixed = [[code, "cup-355", WASH] for code in codes]
    done = send(officer, fixed, "9a6ed1f4-3f3e-4ab7-a4bd-5b6b2d4c1f10")
    assert done.status_code == 302
    again = send(officer, fixed, "9a6ed1f4-3f3e-4ab7-a4bd-5b6b2d4c1f10")  # a second click
    assert again.status_code == 302
    assert counts(loop) == [have + 300 for have in before]
    assert "300개를 등록했어요" in officer.open("/office/pieces").text


def test_a_file_full_of_faults_shows_the_first_of_them(officer: Caller) -> None:
    refused = send(officer, [["1", "cup-355", WASH]] * 700)
    assert "700줄을 고쳐" in refused.text and "200가지가 더" in refused.text


def test_uploads_that_hurt_are_refused_with_what_to_do(officer: Caller) -> None:
    for path in ("/office/sites/file", "/office/staff/file", "/office/kinds/file"):
        old = upload(officer, path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64)
        assert old.status_code == 422 and ".xlsx로 저장" in old.text
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = head + b"x" * 4_000_001 + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        assert officer.open(path, "POST", data=body, content_type=kind).status_code == 422
    assert officer.open("/office/pieces", "POST", data={}).status_code == 422
