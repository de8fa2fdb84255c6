"""Stocktaking over HTTP: begun, joined, told by tablets, ended, repaired, taken as a file."""

import csv
import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
from flask.testing import FlaskClient

from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.steps import State
from lending.loop.tables import ItemKind
from lending.wares.ways import in_crate
from tests.callers import Caller
from tests.personas import HARU, NABI, WASH
from tests.wares.conftest import CLEAN, Wares
from tests.wares.doors import Door, alerts


def begin(door: Door) -> str:
    """The address of a session that was begun, or joined."""
    path: str = door.post("/wares/stocktaking", id=str(uuid.uuid4())).location
    return path


def words(answer: Any) -> list[str]:
    return [line["word"] for line in answer["lines"]]


def test_a_stocktaking_from_the_button_to_the_undone_repair(
    wares: Wares, mina: Door, olga: Door
) -> None:
    loop = wares.loop
    here, gone = loop.clean_cups(2)
    [stray] = loop.clean_cups(1, at=NABI)
    wares.buy(50, wares.at(HARU))
    session = begin(mina)
    assert begin(mina) == begin(olga) == session  # the second tablet joins the first
    noted = mina.send(f"{session}/pieces", codes=[here, here, stray, make_code(), "no code"])
    assert sorted(words(noted)) == sorted(
        ["있어요", "이미 셌어요", "뜻밖에 있어요", "모르는 코드예요", "읽을 수 없어요"]
    )
    assert noted["tone"] == "care"
    line = str(uuid.uuid4())
    bowls = {"kind": "bowl", "condition": "clean"}
    for result in ("recorded", "repeated"):
        assert olga.send(f"{session}/lines", id=line, quantity=40, **bowls)["result"] == result
    wrong = str(uuid.uuid4())
    mina.send(f"{session}/lines", id=wrong, quantity=999, **bowls)
    for _ in range(2):
        mina.send(f"{session}/lines/back", line=wrong)
    mina.send(f"{session}/lines", quantity=7, **bowls)
    so_far = mina.caller.open(f"{session}/progress").get_json()
    assert so_far["tallies"] == [{"kind": "cup-355", "expected": 2, "noted": 2}]
    assert [one["quantity"] for one in so_far["lines"]] == [40, 7]
    assert (so_far["unknown"], so_far["open"], so_far["not_counted"]) == (1, True, [])
    assert mina.post(f"{session}/end").location == session
    assert mina.post(f"{session}/end").location == session  # twice is once

    page = olga.get(session)
    assert gone[:4] in page and "3개 모자람" in page
    assert wares.held(wares.at(HARU)) == 47
    olga.post(f"{session}/repair", lose_missing="1")
    assert loop.item(stray).site == loop.town.sites[HARU]
    assert loop.item(gone).state is State.LOST
    assert "찾은 것을 기록해 맞췄어요" in olga.get(session)
    assert "맞추지 못했어요" in alerts(
        olga.caller.open(olga.post(f"{session}/repair").location).text
    )
    olga.post(f"{session}/reopen")
    assert loop.item(stray).site == loop.town.sites[NABI]
    assert loop.item(gone).state is State.READY
    olga.post(f"{session}/keep")
    assert "그대로 두었어요" in olga.get(session)
    wares.check()


def test_the_review_queue_leads_to_the_result(wares: Wares, mina: Door, olga: Door) -> None:
    wares.buy(50, wares.at(HARU))
    session = begin(mina)
    mina.send(f"{session}/lines", quantity=49, kind="bowl", condition="clean")
    mina.post(f"{session}/end")
    assert f'href="{session}"' in olga.get("/office/review")


def test_an_ended_session_takes_nothing_more(wares: Wares, mina: Door) -> None:
    session = begin(mina)
    mina.post(f"{session}/abandon")
    assert mina.send(f"{session}/pieces", 409, codes=[make_code()])["error"]["code"] == "conflict"
    mina.send(f"{session}/lines", 409, quantity=1, kind="bowl", condition="clean")
    assert "그만둔 조사" in mina.get(session)
    assert begin(mina) != session
    for ending in ("csv", "xlsx"):
        mina.get(f"{session}/result.{ending}", 404)


def test_wrong_numbers_and_codes_are_refused_and_nothing_counts(wares: Wares, mina: Door) -> None:
    session = begin(mina)
    line: dict[str, Any] = {"quantity": 1, "kind": "bowl", "condition": "clean"}
    for wrong in (
        {"quantity": -1}, {"quantity": "12"}, {"quantity": 1.5}, {"quantity": 1_000_001},
        {"quantity": None}, {"quantity": True}, {"kind": "cup-355"}, {"kind": "x\x00"},
        {"condition": "shiny"}, {"crate": "x"}, {"crate": wares.loop.new_cups()[0]},
        {"id": "1"}, {"at": "now"}, {"at": "0001-01-01T00:00:00Z"}, {"more": 1},
    ):  # fmt: skip
        answer = mina.send(f"{session}/lines", 422, **line | wrong)
        assert answer["error"]["field"] in {*wrong, "crate", "code"}, wrong
    for codes in ([], "x", [1], ["x" * 301], ["1"] * 501, ["a\x00b"], None):
        mina.send(f"{session}/pieces", 422, codes=codes)
    mina.send(f"{session}/lines/back", 404, line=str(uuid.uuid4()))
    assert mina.caller.open(f"{session}/progress").get_json()["lines"] == []


def test_another_places_session_is_not_ones_own(wares: Wares, mina: Door, jun: Door) -> None:
    session = begin(mina)
    jun.get(session, 403)
    jun.send(f"{session}/pieces", 403, codes=[make_code()])
    jun.post(f"{session}/end", 403)
    jun.get(f"/wares/stocktaking/{uuid.uuid4()}", 404)
    for verb in ("repair", "keep", "reopen"):
        mina.post(f"{session}/{verb}", 401)
    assert session not in jun.get("/wares/stocktaking")


def test_an_opened_crate_is_counted_inside(wares: Wares, jun: Door) -> None:
    loop = wares.loop
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    loop.pack(crate, *cups)
    wares.buy(10, in_crate(loop.item_id(crate), CLEAN))
    session = begin(jun)
    sealed = jun.send(f"{session}/pieces", codes=[crate])
    assert sealed["lines"][0]["line"] == "안에 든 3개도 함께"
    jun.send(f"{session}/lines", quantity=8, kind="bowl", condition="clean", crate=crate)
    jun.post(f"{session}/end")
    assert "2개 모자람" in jun.get(session)


def test_the_result_as_a_file(wares: Wares, mina: Door) -> None:
    loop = wares.loop
    here, gone = loop.clean_cups(2)
    wares.buy(50, wares.at(HARU))
    session = begin(mina)
    mina.send(f"{session}/pieces", codes=[here, "=HYPERLINK(1)"])
    mina.send(f"{session}/lines", quantity=49, kind="bowl", condition="clean")
    mina.post(f"{session}/end")
    text = mina.caller.open(f"{session}/result.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert ["bowl", "깨끗함", "", "50", "49", "-1"] in [
        [cell.lstrip("'") for cell in row] for row in rows
    ]
    found = {row[0].replace("-", ""): row[1] for row in rows if len(row) == 7}
    assert (found[here], found[gone]) == ("맞는 것", "없는 것")
    answer = mina.caller.open(f"{session}/result.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book["수량"][4]][-3:] == [50, 49, -1]
    assert re.search(
        r'filename="?stocktaking-HARU-\d{8}\.xlsx', answer.headers["Content-Disposition"]
    )


def test_a_crates_page_tells_what_is_in_it_and_where_it_has_been(
    wares: Wares, jun: Door, mina: Door, doors: dict[str, Caller]
) -> None:
    loop = wares.loop
    crate, cups = loop.new_crate(), loop.passed_cups(55)
    loop.pack(crate, *cups)
    wares.buy(10, wares.at(WASH))
    jun.record("packed", quantity="10", crate=crate)
    page = jun.get(f"/wares/crates/{crate}")
    assert "안에 든 것 65" in page and page.count("담은 때") == 1
    shown = set(re.findall(r'href="/i/(\d{12})"', page))
    after = re.findall(r'href="[^"]*[?;]after=([^"&]+)"', page)[0]
    rest = set(re.findall(r'href="/i/(\d{12})"', jun.get(f"/wares/crates/{crate}", after=after)))
    assert (len(shown), shown | rest) == (50, set(cups))
    assert crate[:4] in jun.get("/wares/crates")
    mina.get(f"/wares/crates/{crate}", 404)  # never at this place
    assert doors["driver"].open(f"/wares/crates/{crate}").status_code == 200
    jun.get(f"/wares/crates/{cups[0]}", 422)
    jun.get("/wares/crates/hello", 422)


def test_a_crates_public_page_offers_nobody_to_borrow_it(
    wares: Wares, jun: Door, client: FlaskClient
) -> None:
    crate = wares.loop.new_crate()
    stranger, staff = client.get(f"/i/{crate}").text, jun.get(f"/i/{crate}")
    inside = f'href="/wares/crates/{crate}"'
    assert inside in staff and inside not in stranger
    assert "빌리기" not in stranger + staff and "나르는 상자" in stranger
    assert "빌리기" in client.get(f"/i/{wares.loop.clean_cup()}").text


def test_lids_go_with_their_containers(wares: Wares, jun: Door, mina: Door) -> None:
    loop = wares.loop
    with_lid(wares)
    wares.buy(30, wares.at(WASH))
    lids = {"id": str(uuid.uuid4()), "kind": "cup-355", "condition": "clean"}
    for _ in range(2):
        jun.post("/wares/lids", what="joined", quantity="20", **lids)
    jun.post("/wares/lids", 422, what="joined", quantity="21", **lids)
    jun.post("/wares/lids", what="parted", quantity="5", **lids | {"id": str(uuid.uuid4())})
    assert wares.held(wares.at(WASH)) == 15
    cup, other = loop.lent_cup(), loop.lent_cup()
    loop.now = max(loop.now, now_there())
    loop.give_back(cup)
    assert "뚜껑 없는 용기 1개를 적었어요" in missed(mina, cup)
    assert "뚜껑 없는 용기 0개를 적었어요" in missed(mina, cup)
    for wrong in (f"{cup} {other}", "hello", make_code(), ""):
        mina.post("/wares/lids/missing", 422, codes=wrong)
    page = jun.get("/wares/lids")
    assert "우리 구의 뚜껑" in page and "우리 구의 뚜껑" not in mina.get("/wares/lids")
    mina.post("/wares/lids", what="found", quantity="1", **lids | {"id": str(uuid.uuid4())})
    for wrong_form in (
        {"quantity": "-1"},
        {"kind": "bowl"},
        {"what": "bought"},
        {"condition": "x"},
    ):
        values = {"what": "found", "quantity": "1"} | lids | {"id": str(uuid.uuid4())}
        mina.post("/wares/lids", 422, **values | wrong_form)
    assert wares.held(wares.at(HARU)) == 1


def with_lid(wares: Wares) -> None:
    """Cups of 355 mL have a lid: the bowls, here."""
    with transaction(wares.loop.engine) as session:
        session.get_one(ItemKind, wares.loop.town.kinds["cup-355"]).part_id = wares.bowl


def now_there() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def missed(door: Door, *codes: str) -> str:
    answer = door.post("/wares/lids/missing", codes="\n".join(codes))
    return alerts(door.caller.open(answer.location).text)
