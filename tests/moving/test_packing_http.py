"""The packing table over HTTP: answers in words, repeats, late beeps, who may, and bad input."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lending.db import transaction
from lending.loop.codes import make_code
from lending.moving.supply.orders import local_today
from lending.people.tables import Role
from tests.callers import Caller, device_caller, staff_caller
from tests.moving.conftest import Moving
from tests.moving.test_counted import bowl as bowl
from tests.personas import HARU, NABI, WASH, Loop

CUP = "cup-355"


@pytest.fixture
def tablet(app: Flask, moving: Moving) -> Caller:
    """A tablet of the centre; the town's time is an hour ago by the real clock."""
    moving.loop.now = datetime.now(UTC) - timedelta(hours=1)
    with transaction(moving.loop.engine) as session:
        return device_caller(app, session, moving.town, WASH)


def today(moving: Moving):
    """By the real clock, in the town's zone."""
    return moving.read(local_today, district_id=moving.town.id, now=datetime.now(UTC))


def tell(caller: Caller, packing: Any, what: str, status: int = 200, **body: Any) -> Any:
    now = datetime.now(UTC).isoformat()
    sent = {"id": str(uuid.uuid4()), "at": now, "sent_at": now} | body
    answer = caller.open(f"/moving/packing/{packing.id}/{what}", "POST", json=sent)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def codes(caller: Caller, packing: Any, *read: str, **more: Any) -> Any:
    return tell(caller, packing, "codes", codes=list(read), **more)


def test_a_shift_at_the_table(loop: Loop, moving: Moving, tablet: Caller) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    day = today(moving)
    moving.decide(HARU, 2, day=day)
    packing = moving.list_for(HARU, day=day)
    assert codes(tablet, packing, cups[0])["outcome"] == "no_crate"
    seen = codes(tablet, packing, f"https://cups.example.kr/i/{crate}")
    assert (seen["outcome"], seen["hand"], seen["word"]) == ("crate", crate, "새 상자")
    packed = codes(tablet, packing, cups[0], crate=crate)
    assert (packed["word"], packed["tone"], packed["hand"]) == ("담았어요", "good", crate)
    [line] = packed["state"]["lines"]
    assert (line["packed"], line["left"], line["lots"][0]["codes"]) == (1, 1, [cups[1]])
    full = codes(tablet, packing, cups[1], crate=crate)
    assert full["next_step"] == "이 종류는 다 담았어요."
    sealed = tell(tablet, packing, "crate", crate=crate, do="seal")
    assert (sealed["word"], sealed["state"]["crates"][0]["sealed"]) == ("봉인했어요", True)
    again = codes(tablet, packing, loop.passed_cups(1)[0], crate=crate)
    assert (again["outcome"], again["word"]) == ("refused", "봉인한 상자예요")
    assert tell(tablet, packing, "crate", crate=crate, do="reopen")["word"] == "봉인을 열었어요"
    out = codes(tablet, packing, cups[0], crate=crate, out=True)
    assert (out["word"], out["state"]["lines"][0]["packed"]) == ("뺐어요", 1)
    assert tell(tablet, packing, "crate", crate=crate, do="seal")["tone"] == "good"
    closed = tell(tablet, packing, "close")
    assert (closed["state"]["list"], closed["word"]) == ("closed", "포장을 마쳤어요")
    slip = tablet.open(f"/moving/packing/{packing.id}/slip?crate={crate}").text
    assert f"{crate[:4]}-{crate[4:8]}-{crate[8:]}" in slip and "컵 355 mL" in slip
    loop.check()


@pytest.mark.parametrize("wrong", ["dirty", "held", "retired", "unknown", "other kind"])
def test_a_wrong_piece_is_refused_in_words_and_stays_out(
    loop: Loop, moving: Moving, tablet: Caller, wrong: str
) -> None:
    crate, cup = loop.new_crate(), loop.passed_cups(1)[0]
    day = today(moving)
    moving.decide(HARU, 2, kind="cup-473" if wrong == "other kind" else CUP, day=day)
    packing = moving.list_for(HARU, day=day)
    if wrong == "dirty":
        loop.rewash(cup)
    elif wrong == "held":
        loop.hold(cup, by=loop.town.jun)
    elif wrong == "retired":
        loop.retire(cup)
    answer = codes(tablet, packing, make_code() if wrong == "unknown" else cup, crate=crate)
    words = {
        "dirty": "깨끗하지 않은 컵", "held": "사용 중지된 컵", "retired": "폐기된 컵",
        "unknown": "처음 보는 컵", "other kind": "목록에 없는 종류예요",
    }  # fmt: skip
    assert (answer["word"], answer["tone"]) == (words[wrong], "bad")
    assert answer["next_step"]
    assert loop.item(cup).stay is None
    if wrong == "other kind":
        assert codes(tablet, packing, cup, crate=crate, extra=True)["outcome"] == "surplus"


def test_a_beep_sent_again_is_one_piece_and_says_the_same(
    loop: Loop, moving: Moving, tablet: Caller
) -> None:
    crate, cup = loop.new_crate(), loop.passed_cups(1)[0]
    packing = moving.list_for(HARU, day=today(moving))
    id = str(uuid.uuid4())
    first = codes(tablet, packing, cup, crate=crate, id=id, extra=True, clock_error=1.0)
    again = codes(tablet, packing, cup, crate=crate, id=id, extra=True, clock_error=1.4)
    assert (first["outcome"], again["outcome"]) == ("surplus", "surplus")
    assert again["state"]["crates"][0]["count"] == 1
    assert loop.gaps(cup) == []


def test_beeps_kept_for_later_fall_into_the_crate_they_were_scanned_into(
    loop: Loop, moving: Moving, tablet: Caller
) -> None:
    old, new, cups = loop.new_crate(), loop.new_crate(), loop.passed_cups(2)
    packing = moving.list_for(HARU, day=today(moving))
    moving.pack(packing, old, loop.passed_cups(1)[0])
    at = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
    late = {"crate": old, "extra": True, "at": at, "clock_error": 0.0}
    codes(tablet, packing, new, **late, trail=[])
    codes(tablet, packing, cups[0], **late, trail=[new])
    answer = codes(tablet, packing, cups[1], **late, trail=[new, cups[0]])
    assert answer["hand"] == new
    assert {one["code"]: one["count"] for one in answer["state"]["crates"]} == {old: 1, new: 2}


@pytest.mark.usefixtures("bowl")
def test_counted_ware_by_number(loop: Loop, moving: Moving, tablet: Caller) -> None:
    crate, day = loop.new_crate(), today(moving)
    moving.decide(HARU, 60, kind="bowl", day=day)
    packing = moving.list_for(HARU, day=day)
    bowls = {"crate": crate, "kind": "bowl"}
    id = str(uuid.uuid4())
    tell(tablet, packing, "counted", **bowls, quantity=40, id=id)
    state = tell(tablet, packing, "counted", **bowls, quantity=40, id=id)["state"]
    [line] = state["lines"]
    assert (line["packed"], line["left"], line["loose"]) == (40, 20, 60)
    out = tell(tablet, packing, "counted", **bowls, quantity=41, out=True)
    assert (out["outcome"], out["word"]) == ("refused", "그만큼 들어 있지 않아요")
    assert tell(tablet, packing, "counted", **bowls, quantity=5, out=True)["word"] == "뺐어요"
    for quantity in (0, -1, 20_001, 1.5, "3"):
        error = tell(tablet, packing, "counted", 422, **bowls, quantity=quantity)["error"]
        assert error["field"] == "quantity"
    assert tell(tablet, packing, "counted", 404, crate=crate, kind="no", quantity=1)["error"]


def test_the_tray_names_those_to_take_out(loop: Loop, moving: Moving, tablet: Caller) -> None:
    crate, cups, dirty = loop.new_crate(), loop.passed_cups(3), loop.new_cups()[0]
    day = today(moving)
    moving.decide(HARU, 5, day=day)
    packing = moving.list_for(HARU, day=day)
    answer = codes(tablet, packing, *cups, dirty, crate=crate)
    assert (answer["outcome"], answer["word"], answer["check"]) == ("tray", "3개 담았어요", 1)
    assert answer["lines"][0]["code"] == dirty and answer["lines"][0]["check"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"codes": []}, {"codes": ["\x00"]}, {"codes": ["1"] * 501}, {"codes": "1"}, {"id": "no"},
        {"at": "yesterday"}, {"more": 1}, {"trail": ["\x00"]}, {"out": "maybe"},
    ],
)  # fmt: skip
def test_bad_shapes_are_refused(moving: Moving, tablet: Caller, wrong: dict[str, Any]) -> None:
    packing = moving.list_for(HARU, day=today(moving))
    error = tell(tablet, packing, "codes", 422, **({"codes": ["1"]} | wrong))["error"]
    assert error["code"] == "invalid"


def test_who_may_pack(app: Flask, loop: Loop, moving: Moving, tablet: Caller) -> None:
    day = today(moving)
    packing, crate = moving.list_for(HARU, day=day), loop.new_crate()
    with transaction(loop.engine) as session:
        cafe = device_caller(app, session, moving.town, HARU)
        officer = staff_caller(app, session, moving.town, Role.OFFICER)
    now = datetime.now(UTC).isoformat()
    body = {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "codes": [crate]}
    refused = cafe.open(f"/moving/packing/{packing.id}/codes", "POST", json=body)
    assert refused.status_code == 403
    assert codes(officer, packing, crate)["outcome"] == "crate"
    gone = f"/moving/packing/{uuid.uuid4()}"
    assert tablet.open(gone).status_code == 404
    assert tablet.open(f"{gone}/state").status_code == 404


def test_the_board_opens_lists(loop: Loop, moving: Moving, tablet: Caller) -> None:
    day = today(moving)
    moving.decide(HARU, 7, day=day)
    address = f"/moving/packing?day={day.isoformat()}"
    page = tablet.open(address).text
    assert "카페 하루" in page and "0 / 7개" in page and "시작" in page
    form = {"id": str(uuid.uuid4()), "to": loop.site(HARU), "day": day.isoformat()}
    opened = tablet.open("/moving/packing", "POST", data=form)
    assert opened.status_code == 302
    assert tablet.open(opened.location).status_code == 200
    assert tablet.open("/moving/packing", "POST", data=form).location == opened.location
    assert "열기" in tablet.open(address).text
    assert tablet.open("/moving/packing?day=no").status_code == 200
    nowhere = tablet.open("/moving/packing", "POST", data=form | {"to": loop.site(NABI) + "X"})
    assert nowhere.status_code == 404
