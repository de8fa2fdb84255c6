"""Wash batches over HTTP: every call is safe to repeat, a refusal names what to do."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.loop.steps import State
from tests.callers import Caller, device_caller
from tests.personas import HARU, WASH, Loop, Town
from tests.wares.conftest import DIRTY, WASHED, Wares
from tests.wares.conftest import wares as wares
from tests.washing.centre import Centre


@pytest.fixture
def tablet(app: Flask, engine: sa.Engine, town: Town) -> Caller:
    with transaction(engine) as session:
        return device_caller(app, session, town, WASH)


@pytest.fixture(autouse=True)
def today(loop: Loop) -> None:
    """HTTP knows no other time than now."""
    loop.now = datetime.now(UTC) - timedelta(hours=1)


def call(tablet: Caller, path: str, status: int = 200, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    body = {"id": str(uuid.uuid4()), "at": now, "sent_at": now} | more
    answer = tablet.open(f"/wash/batches{path}", "POST", json=body)
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


def begin(tablet: Caller, **more: Any) -> str:
    return str(call(tablet, "", **more)["batch"]["id"])


def test_a_batch_from_its_begin_to_its_end(tablet: Caller, loop: Loop) -> None:
    cups, machine = loop.new_cups(3), Centre(loop).machine("A", 2)
    batch = begin(tablet, machine=machine)
    put = call(tablet, f"/{batch}/put", codes=[*cups, cups[0], "nonsense"])
    assert [line["fate"] for line in put["lines"]] == ["refused", *["added"] * 3, "already"]
    assert put["batch"]["total"] == 3
    assert put["batch"]["over"] is True
    told = call(tablet, f"/{batch}/take-out", codes=cups[:1])
    assert (told["taken_out"], told["batch"]["over"]) == (1, False)
    call(tablet, f"/{batch}/reading", measure="temperature", value="82.5")
    done = call(tablet, f"/{batch}/finish")
    assert done["batch"]["state"] == "finished"
    assert [loop.item(cup).state for cup in cups] == [State.DIRTY, State.WASHED, State.WASHED]
    told = tablet.open(f"/wash/batches/{batch}/now").get_json()
    assert [event["event"] for event in told["story"]] == ["begun", "put", "reading", "finished"]
    assert told["story"][1]["by"]
    assert {piece["code"] for piece in told["pieces"]} == set(cups[1:])


def test_every_call_again_changes_nothing(tablet: Caller, loop: Loop, wares: Wares) -> None:
    cup, id = loop.new_cups()[0], str(uuid.uuid4())
    wares.buy(50, wares.at(WASH, DIRTY))
    for _ in range(2):
        assert begin(tablet, id=id) == id
    calls: list[tuple[str, dict[str, Any]]] = [
        ("put", {"codes": [cup]}),
        ("count", {"kind": "bowl", "quantity": 20}),
        ("reading", {"measure": "detergent", "value": "1.5"}),
        ("finish", {}),
    ]
    for what, body in calls:
        same = {"id": str(uuid.uuid4()), **body}
        for _ in range(2):
            told = call(tablet, f"/{id}/{what}", **same)
    assert told["batch"]["total"] == 21
    assert len(told["batch"]["readings"]) == 1
    assert loop.item(cup).washes == 1
    assert wares.held(wares.at(WASH, WASHED)) == 20
    loop.check()


def test_refusals_name_what_to_do(tablet: Caller, loop: Loop) -> None:
    batch = begin(tablet)
    bad = call(tablet, f"/{batch}/reading", 422, measure="temperature", value="82°C")
    assert bad["error"]["message"] == "단위 없이 숫자만 써 주세요. 예: 82.5"
    assert bad["error"]["field"] == "value"
    for quantity in (0, -5):
        bad = call(tablet, f"/{batch}/count", 422, kind="bowl", quantity=quantity)
        assert bad["error"]["field"] == "quantity"
    assert (
        call(tablet, f"/{batch}/count", 422, kind="nothing", quantity=5)["error"]["field"] == "kind"
    )
    call(tablet, f"/{batch}/finish")
    bad = call(tablet, f"/{batch}/finish", 409)
    assert bad["error"]["message"] == "이미 끝난 배치예요"
    bad = call(tablet, f"/{batch}/put", 409, codes=loop.new_cups())
    assert bad["error"]["next_step"] == "새 배치를 시작하고 다시 해 주세요."
    call(tablet, f"/{uuid.uuid4()}/finish", 404)
    assert call(tablet, "", 422, machine=999)["error"]["field"] == "machine"
    call(tablet, "", 422, note="\x00")
    call(tablet, f"/{batch}/put", 422, codes=["a\x00"])
    call(tablet, f"/{batch}/put", 422, codes=[])


def test_another_place_neither_sees_nor_changes_a_batch(
    tablet: Caller, app: Flask, engine: sa.Engine, town: Town, loop: Loop
) -> None:
    batch = begin(tablet)
    with transaction(engine) as session:
        cafe = device_caller(app, session, town, HARU)
    for path in ("", "/now", f"/{batch}", f"/{batch}/now"):
        assert cafe.open(f"/wash/batches{path}").status_code == 403
    call(cafe, f"/{batch}/finish", 403)
    assert tablet.open(f"/wash/batches/{batch}").status_code == 200
    assert tablet.open(f"/wash/batches/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("required", [False, True])
def test_with_batches_required_a_pass_needs_one(
    tablet: Caller, loop: Loop, make_table: Callable[..., Any], required: bool
) -> None:
    if required:
        Centre(loop).require_batch()
    cup, table = loop.new_cups()[0], make_table()
    table.beep(cup)
    table.command("wash")
    told = table.command("pass")
    assert (told["outcome"] == "refused") is required
    assert loop.item(cup).clean is not required
    if required:
        batch = begin(tablet)
        call(tablet, f"/{batch}/put", codes=[cup])
        call(tablet, f"/{batch}/finish")
        assert table.command("pass")["count"] == 1
    assert loop.item(cup).clean


def test_the_batches_of_the_shift(tablet: Caller, loop: Loop) -> None:
    first, second, third = begin(tablet), begin(tablet), begin(tablet)
    call(tablet, f"/{second}/put", codes=loop.new_cups(2))
    call(tablet, f"/{second}/finish")
    call(tablet, f"/{third}/abort")
    told = tablet.open("/wash/batches/now").get_json()
    assert [one["id"] for one in told["running"]] == [first]
    states = {one["id"]: one["state"] for one in told["done"]}
    assert states == {second: "finished", third: "aborted"}
