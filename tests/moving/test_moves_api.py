"""POST /api/v1/moves: each step recorded once, by itself, with a receipt; nothing spoils another."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lending.db import transaction
from lending.loop.steps import State
from lending.people.tables import Role
from tests.callers import Caller, token_caller
from tests.moving.conftest import Moving
from tests.personas import HARU, NABI, OFFICE, WASH, Loop


@pytest.fixture
def courier(app: Flask, moving: Moving) -> Caller:
    moving.loop.now = datetime.now(UTC) - timedelta(hours=3)
    with transaction(moving.loop.engine) as session:
        return token_caller(app, session, Role.COURIER, OFFICE)


def step(move: str, crate: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "move": move, "crate": crate,
        "at": datetime.now(UTC).isoformat(),
    } | more  # fmt: skip


def post(caller: Caller, *moves: dict[str, Any], status: int = 200) -> Any:
    body = {"sent_at": datetime.now(UTC).isoformat(), "moves": list(moves)}
    answer = caller.open("/api/v1/moves", "POST", json=body)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_a_crates_way_in_one_call(loop: Loop, moving: Moving, courier: Caller) -> None:
    crate = moving.sealed_crate(HARU, count=3)
    moves = [
        step("load", crate, site=WASH), step("deliver", crate, site=HARU),
        step("receive", crate, site=HARU), step("take", crate, site=HARU, to=WASH),
    ]  # fmt: skip
    receipts = post(courier, *moves)["receipts"]
    assert [(one["result"], one["carried"]) for one in receipts] == [
        ("recorded", 3), ("recorded", 0), ("recorded", 3), ("recorded", 3),
    ]  # fmt: skip
    assert receipts[0]["crate"]["to"] == HARU and receipts[0]["crate"]["loaded_at"]
    assert (receipts[3]["crate"]["way"], receipts[3]["crate"]["to"]) == ("back", WASH)
    again = post(courier, *moves)["receipts"]
    assert [one["result"] for one in again] == ["repeated"] * 4
    assert loop.item(crate).state is State.COLLECTED
    loop.check()


def test_a_bad_step_never_spoils_its_neighbours(
    loop: Loop, moving: Moving, courier: Caller
) -> None:
    crate, open_crate = moving.sealed_crate(HARU), loop.new_crate()
    moving.pack(moving.list_for(NABI), open_crate, *loop.passed_cups(1))
    cup = loop.passed_cups(1)[0]
    receipts = post(
        courier, step("load", "no code"), step("load", cup), step("load", open_crate, ask=True),
        step("load", crate), step("load", loop.new_crate()),
    )["receipts"]  # fmt: skip
    assert [one["result"] for one in receipts] == ["refused"] * 3 + ["recorded", "refused"]
    errors = [
        (one["error"]["code"], one["error"].get("field")) for one in receipts if "error" in one
    ]
    assert errors == [
        ("invalid", "code"), ("invalid", "crate"), ("conflict", "crate"), ("conflict", "crate"),
    ]  # fmt: skip
    assert loop.item(open_crate).state is not State.SHIPPED


def test_shapes_and_rights(app: Flask, loop: Loop, moving: Moving, courier: Caller) -> None:
    crate = moving.sealed_crate(HARU)
    for wrong in (
        {"move": "throw"}, {"id": "x"}, {"at": "x"}, {"crate": "\x00"}, {"more": 1}, {"seq": -1},
    ):  # fmt: skip
        assert post(courier, step("load", crate) | wrong, status=422)["error"]["field"]
    post(courier, status=422)
    post(courier, *[step("load", crate)] * 201, status=422)
    with transaction(loop.engine) as session:
        machine = token_caller(app, session, Role.MACHINE, WASH)
    [receipt] = post(machine, step("load", crate, site=WASH))["receipts"]
    assert receipt["error"]["code"] in ("not_allowed", "not_allowed_here")
    assert app.test_client().post("/api/v1/moves", json={}).status_code == 401
    assert loop.item(crate).state is not State.SHIPPED
