"""Machines at the door of the API: every answer as published, hostile input refused by itself."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from lending.loop.codes import make_code
from lending.loop.tables import Scan
from lending.machines.tables import BottleDeposit, MachineChange
from lending.people.tables import Role
from lending.requests.tables import MachineStatus
from lending.web.openapi import published_spec
from tests.api.conftest import moment, response_validator
from tests.machines.conftest import GLAS, Door, Machines, open_door
from tests.machines.test_api_refusals import refusal
from tests.personas import HARU, MINJI, WASH
from tests.sealed import seal_borrower


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
