"""Calls of every wrong shape, size and time: refused or kept, never a crash."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from lending.loop.codes import make_code
from tests.personas import MINJI, Loop
from tests.station.conftest import Till

HOSTILE: list[Any] = [
    None, [], "x", 1, {}, {"scans": []}, {"scans": {}}, {"scans": [None] * 501},
    {"scans": [None], "sent_at": 5}, {"scans": [None], "site": "NOWHERE"},
    {"scans": [None], "site": "a\0b"}, {"scans": [None], "site": ["x"]},
    {"scans": [None], "sent_at": "9999-12-31T23:59:59Z"},
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_a_call_of_a_wrong_shape(till: Till, body: Any) -> None:
    if isinstance(body, dict):
        body = {"sent_at": datetime.now(UTC).isoformat()} | body
    answer = till.caller.open(
        "/station/scans", "POST", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code in {403, 404, 422}
    assert answer.get_json()["error"]["next_step"]


GARBAGE: list[Any] = [
    None, True, -1, 10**400, 1e308, "", "\0", "a\0b", "\ud800", "😀" * 200, [], {}, [[]], "9" * 4000,
]  # fmt: skip

FIELDS = (
    "id", "action", "code", "at", "seq", "clock_error", "clock_lost", "borrower", "of", "override",
    "reason", "note", "by",
)  # fmt: skip


def test_garbage_in_every_field_is_never_a_crash(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(2)
    base = till.entry("lend", cups[0], borrower=MINJI)
    queue = [base | {"id": str(uuid.uuid4()), name: bad} for name in FIELDS for bad in GARBAGE]
    queue += [bad for bad in GARBAGE if bad != ""]
    queue += [{"id": str(uuid.uuid4())}, {name: {name: []} for name in FIELDS}]
    good = till.entry("lend", cups[1], borrower=MINJI)
    body = {"sent_at": datetime.now(UTC).isoformat(), "scans": [*queue, good]}
    answer = till.caller.open(
        "/station/scans", "POST", data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()["receipts"]
    assert len(told) == len(queue) + 1
    assert told[-1]["result"] == "recorded"
    assert all(one["final"] for one in told if one["error"] and one["error"]["code"] == "invalid")
    loop.check()


def test_a_body_beyond_all_measure(till: Till) -> None:
    huge = till.entry("return", make_code(), note="x" * 5_000_000)
    assert till.send(huge, status=413)["error"]["code"] == "too_large"
    most = [till.entry("return", make_code(), note="메모" * 900) for _ in range(300)]
    assert {one["result"] for one in till.send(*most)} == {"recorded"}


def test_five_hundred_go_at_once(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(100)
    queue = []
    for turn in range(5):
        ago = 300 - turn * 50
        action = ("lend", "return")[turn % 2]
        queue += [till.entry(action, cup, ago, borrower=MINJI) for cup in cups]
    assert {one["result"] for one in till.send(*queue)} == {"recorded"}
    assert {one["result"] for one in till.send(*queue)} == {"repeated"}
    loop.check()


def test_times_at_the_edges_of_the_calendar(till: Till, loop: Loop) -> None:
    for at in ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"):
        for error in (None, 1e10, -1e10):
            cup = loop.clean_cup()
            entry = till.entry("lend", cup, at=at, clock_error=error, borrower=till.sealed(MINJI))
            for sent_at in ("1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"):
                [told] = till.send(entry, sent_at=sent_at)
                assert told["result"] in {"recorded", "repeated"}
    loop.check()
