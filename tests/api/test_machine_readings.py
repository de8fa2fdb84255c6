"""POST /wash/readings: machines send what they measure; every answer is as published."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.washing.batches.tables import BatchReading
from tests.api.conftest import Program, moment
from tests.personas import WASH, Loop
from tests.washing.centre import Centre


@pytest.fixture
def centre(loop: Loop) -> Centre:
    loop.now = datetime.now(UTC)
    return Centre(loop)


@pytest.fixture
def machine(app: Any, programs: dict[str, Program], centre: Centre) -> Program:
    """A washing machine's own token."""
    with transaction(centre.loop.engine) as session:
        made = create_token(session, site=WASH, role=Role.MACHINE, now=datetime.now(UTC))
    headers = {"Authorization": f"Bearer {made.token}"}
    return Program(app.test_client(), headers, programs["jun"].validate)


def reading(value: Any = 82.5, **more: Any) -> dict[str, Any]:
    told = {"id": str(uuid.uuid4()), "measure": "temperature", "value": value, "at": moment()}
    return told | more


def send(program: Program, *readings: Any) -> list[Any]:
    return program.post("/wash/readings", {"readings": list(readings)})["receipts"]


def stored(loop: Loop) -> list[tuple[uuid.UUID, float]]:
    query = sa.select(BatchReading.batch_id, BatchReading.value).order_by(BatchReading.value)
    with Session(loop.engine) as session:
        return [tuple(row) for row in session.execute(query)]


@pytest.mark.parametrize("who", ["machine", "jun"])
def test_readings_find_the_batch_that_runs_in_their_machine(
    centre: Centre, machine: Program, programs: dict[str, Program], who: str
) -> None:
    other, batch = centre.begin("B"), centre.begin("A")
    by_number = str(centre.machine("A"))
    sender = machine if who == "machine" else programs["jun"]
    receipts = send(
        sender, reading(81, machine="A"), reading("82", machine=by_number),
        reading(83, batch=str(batch)),
    )  # fmt: skip
    assert [one["result"] for one in receipts] == ["recorded"] * 3
    assert {one["batch"] for one in receipts} == {str(batch)}
    assert other != batch
    assert stored(centre.loop) == [(batch, 81.0), (batch, 82.0), (batch, 83.0)]


def test_one_wrong_reading_spoils_no_other(centre: Centre, machine: Program) -> None:
    centre.begin("A")
    wrong = [
        reading("82 °C", machine="A"), reading("2000RLU", machine="A"), reading(900, machine="A"),
        reading(machine="Z"), reading(batch=str(uuid.uuid4())), reading(),
        reading(machine="A", batch=str(uuid.uuid4())), reading(machine="A", measure="weight"),
        reading(machine="A", at=moment(days=-1)), reading(machine="A\x00"), reading([1], machine="A"),
        reading(True, machine="A"), "82", None, {},
    ]  # fmt: skip
    receipts = send(machine, *wrong, reading(81, machine="A"))
    assert [one["result"] for one in receipts] == ["refused"] * len(wrong) + ["recorded"]
    fields = [one["error"].get("field") for one in receipts[:-1]]
    assert fields[:5] == ["value", "value", "value", "machine", "batch"]
    assert "숫자만" in receipts[0]["error"]["next_step"]
    assert [value for _, value in stored(centre.loop)] == [81.0]


def test_a_reading_that_comes_late_is_of_the_batch_that_ran_then(
    centre: Centre, machine: Program
) -> None:
    early = centre.begin("A")
    at = datetime.now(UTC).isoformat()
    centre.loop.now = datetime.now(UTC)
    centre.finish(early)
    centre.loop.now = datetime.now(UTC)
    late = centre.begin("A")
    receipts = send(machine, reading(machine="A", at=at), reading(machine="A"))
    assert [one["batch"] for one in receipts] == [str(early), str(late)]


def test_the_same_call_again_notes_nothing_twice(centre: Centre, machine: Program) -> None:
    batch = centre.begin("A")
    one, two = reading(81, machine="A"), reading(82, machine="A")
    send(machine, one, two, one)
    receipts = send(machine, one, two, two | {"value": 99})
    assert [receipt["result"] for receipt in receipts] == ["repeated", "repeated", "refused"]
    assert receipts[2]["error"]["code"] == "id_reused"
    assert stored(centre.loop) == [(batch, 81.0), (batch, 82.0)]


def test_only_machines_and_washers_of_the_centre_send(
    centre: Centre, programs: dict[str, Program]
) -> None:
    batch = centre.begin("A")
    body = {"readings": [reading(batch=str(batch))]}
    for who in ("mina", "courier", "officer"):
        programs[who].post("/wash/readings", body, 403)
    programs["stranger"].post("/wash/readings", body, 401)
    [told] = programs["machine"].post("/wash/readings", body)["receipts"]  # the return box's
    assert told["error"]["code"] == "not_found"
    assert stored(centre.loop) == []


def test_calls_of_a_wrong_shape_or_too_long(machine: Program) -> None:
    for body in ({}, {"readings": []}, {"readings": "82"}, {"readings": [1], "more": 1}, [], b"{"):
        machine.post("/wash/readings", body, 422)
    machine.post("/wash/readings", {"readings": [reading(machine="A")] * 501}, 413)
