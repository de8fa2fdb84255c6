"""Machines at the door of the API: every answer as published, hostile input refused by itself."""

import base64
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lending.loop.codes import make_code
from lending.loop.tables import ClockStop, Scan
from lending.machines.api.refusals import PHOTOS_AN_HOUR
from lending.machines.tables import (
    BottleDeposit,
    MachineChange,
    MachineRefusal,
    MachineStatus,
)
from lending.people.tables import Role
from lending.photos.tables import Photo
from lending.web.openapi import published_spec
from tests.api.conftest import response_validator
from tests.machines.conftest import GLAS, Door, Machines, open_door
from tests.personas import HARU, MINJI, WASH
from tests.photos.pictures import jpeg_with_metadata, picture, sent_as
from tests.sealed import seal_borrower


def moment(**back: float) -> str:
    return (datetime.now(UTC) - timedelta(**back)).isoformat()


def times(**more: Any) -> dict[str, Any]:
    return {"at": moment(), "sent_at": moment()} | more


def refusal(code: str = "", **more: Any) -> dict[str, Any]:
    return times(id=str(uuid.uuid4()), why="full", code=code) | more


def put_in(code: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "code": code, "at": moment()} | more


def bottles(offered: Any = 3, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "offered": offered, "at": moment()} | more


def send(door: Door, what: str, *rows: Any, status: int = 200, **more: Any) -> Any:
    name = {"returns": "returns", "bottles": "deposits"}[what]
    answer = door.post(what, {"sent_at": moment(), name: list(rows)} | more)
    assert answer.status_code == status, answer.text
    return answer.get_json()


# -- heartbeat --------------------------------------------------------------------------------------


def test_a_heartbeat_is_answered_by_settings_until_they_are_known(
    app: Flask, door: Door, today: Machines
) -> None:
    validate = response_validator(published_spec(app))
    told = {"fullness": 40, "temperature": 21.5, "software": "1.0", "errors": ["E12"]}
    answer = door.post("heartbeat", told)
    validate("post", "/machines/heartbeat", 200, answer.get_json())
    body = answer.get_json()
    assert body["settings"]["heartbeat_seconds"] == 60 and body["settings"]["accepts"] is None
    assert body["settings"]["sealing_key"] and body["settings"]["timezone"] == "Asia/Seoul"
    again = door.post("heartbeat", told | {"settings": body["version"]}).get_json()
    assert (again["settings"], again["version"]) == (None, body["version"])
    [status] = today.all(MachineStatus)
    assert (status.fullness, status.temperature, status.errors) == (40, 21.5, "E12")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"fullness": 101}, "fullness"), ({"fullness": -1}, "fullness"),
        ({"fullness": "40"}, "fullness"), ({"fullness": 40.5}, "fullness"),
        ({"temperature": "NaN"}, "temperature"), ({"temperature": 1e300}, "temperature"),
        ({"temperature": [1]}, "temperature"), ({"software": "1\x00"}, "software"),
        ({"software": "v" * 41}, "software"), ({"software": 7}, "software"),
        ({"errors": "E12"}, "errors"), ({"errors": ["E"] * 11}, "errors"),
        ({"errors": ["\x00"]}, "errors"), ({"errors": ["e" * 81]}, "errors"),
        ({"errors": ["\ud800"]}, "errors"), ({"settings": "x" * 21}, "settings"),
        ({"site": "HARU"}, "site"), ([], None), ("x", None), (None, None),
    ],
)  # fmt: skip
def test_a_heartbeat_of_a_wrong_shape_writes_nothing(
    door: Door, today: Machines, told: Any, field: str | None
) -> None:
    answer = door.post("heartbeat", told)
    assert answer.status_code == 422
    found = answer.get_json()["error"].get("field")
    assert (found or "").split(".")[0] == (field or "")
    assert not today.all(MachineStatus) and not today.all(MachineChange)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"fullness": 1e999}'])
def test_a_body_that_is_no_json(door: Door, today: Machines, body: bytes) -> None:
    for path in ("heartbeat", "returns", "refusals", "bottles"):
        assert door.post(path, body).status_code == 422
    assert not today.all(MachineStatus)


def test_only_a_machines_token_opens_the_door(app: Flask, today: Machines) -> None:
    paths = ("heartbeat", "returns", "refusals", "bottles")
    for role, site in ((Role.CAFE, HARU), (Role.OFFICER, HARU), (Role.WASH, WASH)):
        other = open_door(app, today, site, role)
        assert {other.post(path, {}).status_code for path in paths} == {403}
    stranger = Door(app.test_client(), {"Authorization": "Bearer reuse_nothing"})
    assert {stranger.post(path, {}).status_code for path in paths} == {401}
    washer = open_door(app, today, WASH)  # a washing machine's
    assert washer.post("heartbeat", {}).status_code == 403
    assert washer.post("refusals", refusal()).status_code == 403
    answer = washer.post("bottles", {"sent_at": moment(), "deposits": [bottles()]})
    assert answer.status_code == 403
    assert not today.all(MachineStatus) and not today.all(BottleDeposit)


# -- returns ----------------------------------------------------------------------------------------


def test_returns_come_in_batches_and_once(app: Flask, door: Door, today: Machines) -> None:
    loop = today.loop
    lent, free = loop.lent_cup(), loop.clean_cup()
    rows = [put_in(lent, at=moment(hours=1)), put_in(free), put_in(make_code())]
    first = send(door, "returns", *rows)
    response_validator(published_spec(app))("post", "/machines/returns", 200, first)
    assert [one["result"] for one in first["receipts"]] == ["recorded"] * 3
    again = send(door, "returns", *rows)
    assert [one["result"] for one in again["receipts"]] == ["repeated"] * 3
    assert loop.loans(lent)[0].closed_at is not None
    assert loop.item(lent).site == today.sites["ROBO"].id
    loop.check()


def test_one_wrong_return_spoils_no_other(door: Door, today: Machines) -> None:
    cup = today.loop.lent_cup()
    wrong = [
        None, "x", 7, {}, put_in(cup, action="lend"), put_in(cup, intent="ask"),
        put_in(cup, borrower="010-2345-6789"), put_in(cup, site="HARU"), put_in(cup, id="7"),
        put_in(cup, at="yesterday"), put_in("A\x00B"), put_in(cup, seq=-1), put_in(7),
        put_in("482109375519"),
    ]  # fmt: skip
    before = len(today.all(Scan))
    receipts = send(door, "returns", *wrong, put_in(cup))["receipts"]
    assert [one["result"] for one in receipts] == ["refused"] * len(wrong) + ["recorded"]
    assert len(today.all(Scan)) == before + 1
    for body in ({}, {"returns": []}, {"returns": "x"}, {"returns": [1], "more": 1}):
        assert door.post("returns", {"sent_at": moment()} | body).status_code == 422
    assert door.post("returns", {"returns": [put_in(cup)]}).status_code == 422
    assert send(door, "returns", *[put_in(cup)] * 1001, status=413)


# -- refusals ---------------------------------------------------------------------------------------


def test_a_refusal_is_answered_by_where_to_go_in_both_languages(
    app: Flask, door: Door, today: Machines
) -> None:
    cup = today.loop.lent_cup()
    photo = base64.b64encode(jpeg_with_metadata(90, 60, orientation=1)).decode()
    told = refusal(cup, photo=photo)
    answer = door.post("refusals", told).get_json()
    response_validator(published_spec(app))("post", "/machines/refusals", 200, answer)
    assert answer["result"] == "recorded" and len(answer["places"]) == 3
    ko, en = answer["screen"]["ko"], answer["screen"]["en"]
    assert answer["places"][0]["name"] in ko["where"] and "24시간" in ko["clock"]
    assert answer["places"][0]["name_en"] in en["where"] and "24 hours" in en["clock"]
    assert door.post("refusals", told).get_json()["result"] == "repeated"
    assert len(today.all(ClockStop)) == len(today.all(Photo)) == 1
    assert b"Mina's phone" not in today.all(Photo)[0].jpeg
    page = app.test_client().get(f"/i/{cup}").text
    assert "회수기 로보에서 이 컵을 받지 못했어요." in page


def test_the_answer_and_the_page_never_tell_whether_a_cup_is_lent(
    app: Flask, door: Door, today: Machines
) -> None:
    lent, free = today.loop.lent_cup(), today.loop.clean_cup()
    answers = [door.post("refusals", refusal(cup)).get_json() for cup in (lent, free)]
    assert answers[0]["screen"] == answers[1]["screen"]
    assert answers[0]["places"] == answers[1]["places"]

    def said(cup: str) -> str:
        page = app.test_client().get(f"/i/{cup}").text
        return page[page.index("refused-way") : page.index("refused-places")]

    assert said(lent) == said(free)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"why": "tired"}, 422), ({"id": "7"}, 422), ({"at": "now"}, 422), ({"code": "A\x00"}, 422),
        ({"code": "9" * 301}, 422), ({"site": "HARU"}, 422), ({"photo": "no base64!"}, 422),
        ({"photo": base64.b64encode(b"GIF89a").decode()}, 422), ({"photo": "é"}, 422),
        ({"photo": base64.b64encode(sent_as(picture(9, 9), "JPEG").ljust(5 * 1024 * 1024 + 1)).decode()}, 413),
        ({"clock_error": "NaN"}, 422), ({"more": 1}, 422),
    ],
)  # fmt: skip
def test_a_refusal_of_a_wrong_shape_stores_nothing(
    door: Door, today: Machines, wrong: dict[str, Any], status: int
) -> None:
    answer = door.post("refusals", refusal() | wrong)
    assert answer.status_code in {status, 422}
    assert not today.all(MachineRefusal) and not today.all(Photo)


def test_another_refusal_under_a_known_id(door: Door) -> None:
    told = refusal()
    assert door.post("refusals", told).status_code == 200
    answer = door.post("refusals", told | {"why": "closed"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "id_reused")


def test_photos_of_a_machine_are_bounded(door: Door, today: Machines) -> None:
    photo = base64.b64encode(sent_as(picture(9, 9), "JPEG")).decode()
    taken: Counter[str] = Counter()  # by the hour of each answer: the clock may strike meanwhile
    for _ in range(2 * PHOTOS_AN_HOUR + 1):
        answer = door.post("refusals", refusal(photo=photo))
        if answer.status_code != 200:
            break
        hour = answer.get_json()["now"][:13]
        taken[hour] += 1
    assert (answer.status_code, taken[hour]) == (429, PHOTOS_AN_HOUR)
    assert int(answer.headers["Retry-After"]) > 0
    assert door.post("refusals", refusal()).status_code == 200  # words alone cost nothing
    assert len(today.all(Photo)) == sum(taken.values())


# -- bottles ----------------------------------------------------------------------------------------


def test_bottles_count_once_and_to_thirty_over_two_machines(
    app: Flask, door: Door, today: Machines
) -> None:
    other = open_door(app, today, GLAS)
    key = door.post("heartbeat", {}).get_json()["settings"]["sealing_key"]
    sealed = seal_borrower(key, MINJI, datetime.now(UTC))
    one, two = bottles(20, person=MINJI), bottles(20, person=sealed)
    first = send(door, "bottles", one)
    response_validator(published_spec(app))("post", "/machines/bottles", 200, first)
    second = send(other, "bottles", two, one)
    assert [(r["result"], r["granted"], r["named"]) for r in first["receipts"]] == [
        ("recorded", 20, True)
    ]
    assert [(r["result"], r["granted"]) for r in second["receipts"]] == [
        ("recorded", 10), ("refused", 0),
    ]  # fmt: skip
    assert second["receipts"][1]["error"]["code"] == "id_reused"  # it was another machine's
    assert send(door, "bottles", one)["receipts"][0]["result"] == "repeated"


def test_one_wrong_deposit_spoils_no_other(door: Door, today: Machines) -> None:
    wrong = [
        None, "x", {}, bottles(0), bottles(501), bottles("3"), bottles(True), bottles(2.5),
        bottles(id="7"), bottles(at="now"), bottles(person="a\x00b"), bottles(person=7),
        bottles(person="x" * 2001), bottles(granted=30), bottles(clock_error="NaN"),
        bottles(2**70),
    ]  # fmt: skip
    receipts = send(door, "bottles", *wrong, bottles(3))["receipts"]
    assert [one["result"] for one in receipts] == ["refused"] * len(wrong) + ["recorded"]
    assert [one.offered for one in today.all(BottleDeposit)] == [3]
    for body in ({}, {"deposits": []}, {"deposits": {}}, {"deposits": [1], "more": 1}):
        assert door.post("bottles", {"sent_at": moment()} | body).status_code == 422
    assert send(door, "bottles", *[bottles()] * 201, status=413)


def test_anonymous_bottles_are_bounded_in_one_go(door: Door) -> None:
    receipts = send(door, "bottles", bottles(500), bottles(12))["receipts"]
    assert [(one["granted"], one["named"]) for one in receipts] == [(30, False), (12, False)]
