"""POST /scans: a wrong shape is refused at its place, a wrong call as one error."""

import json
import uuid
from typing import Any

import pytest

from lending.loop.codes import make_code
from tests.api.conftest import Program, moment, scan
from tests.personas import Loop

HUGE = 2**63

VALID = {
    "id": str(uuid.UUID(int=7)), "action": "return", "code": "482109375518",
    "at": "2026-03-02T10:15:30.123456+09:00", "intent": "fact",
}  # fmt: skip

WRONG: list[tuple[Any, str | None]] = [
    (None, None),
    (7, None),
    ("return", None),
    ([], None),
    ({}, "action"),
    *((VALID | {"id": bad}, "id") for bad in (None, 7, "x", "", "7" * 32, [], {"a": 1}, "\x00")),
    *((VALID | {"action": bad}, "action") for bad in (None, 7, "register", "LEND", "", [1], "\x00")),
    *((VALID | {"code": bad}, "code") for bad in (None, 482109375518, "", "1" * 1_000_000, "\x00")),
    *(
        (VALID | {"at": bad}, "at")
        for bad in (
            None, 7, "", "now", "2026-03-02", "2026-03-02T10:15:30", "2026-02-30T10:15:30Z",
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-02T10:15:30+99:00", "\x00" * 20,
        )
    ),
    *((VALID | {"intent": bad}, "intent") for bad in (None, "", "maybe", True, "Ask")),
    *((VALID | {"seq": bad}, "seq") for bad in (HUGE, -1, 2**70, "1", 1.5, True, [])),
    *((VALID | {"clock_error": bad}, "clock_error") for bad in ("1", 1e300, True, [], -(2**70))),
    *((VALID | {"override": bad}, "override") for bad in ("x", {}, {"reason": 7}, {"reason": ""}, [])),
    *((VALID | {"of": bad}, "of") for bad in (7, "x", [])),
    *((VALID | {"site": bad}, "site") for bad in (7, "", "A\x00", "A" * 21, {})),
    *((VALID | {"to": bad}, "to") for bad in (7, "", "\x1b[0m")),
    *((VALID | {"from": bad}, "from") for bad in (7, "", "A" * 21)),
    *((VALID | {"borrower": bad}, "borrower") for bad in (7, "", "a\x00b", "1" * 301, " ")),
    *((VALID | {"note": bad}, "note") for bad in (7, "a\x00b", "🥤" * 2001, "\ud83e")),
    *((VALID | {"reason": bad}, "reason") for bad in (7, "\x07", "x" * 501)),
    (VALID | {"borower": "x"}, "borower"),
    (VALID | {"x" * 1000: "x"}, None),
]  # fmt: skip


def test_each_wrong_shape_is_refused_at_its_place(mina: Program, loop: Loop) -> None:
    """One call: a good scan before and after each bad one."""
    good = [scan("return", make_code()) for _ in WRONG]
    sent = [one for pair in zip(good, WRONG, strict=True) for one in (pair[0], pair[1][0])]
    receipts = mina.scan(*sent)
    assert {receipt["result"] for receipt in receipts[::2]} == {"recorded"}
    assert [receipt["id"] for receipt in receipts[::2]] == [one["id"] for one in good]
    for receipt, (bad, field) in zip(receipts[1::2], WRONG, strict=True):
        error = receipt["error"]
        told = (receipt["result"], error["code"], error.get("field"))
        assert told == ("refused", "invalid", field), bad
        readable = isinstance(bad, dict) and bad.get("id") == VALID["id"]
        assert receipt["id"] == (VALID["id"] if readable else None), bad
        assert receipt["item"] is None and receipt["loan"] is None


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_json_has_not_are_one_scans_fault(mina: Program, word: str) -> None:
    good, bad = scan("return", make_code()), scan("return", make_code(), clock_error="NUMBER")
    body = json.dumps({"sent_at": moment(), "scans": [good, bad]}).replace('"NUMBER"', word)
    if word == "9" * 5000:  # no number any reader takes: not JSON
        assert mina.post("/scans", body.encode(), 422)["error"]["code"] == "invalid"
        return
    receipts = mina.post("/scans", body.encode())["receipts"]
    assert [r["result"] for r in receipts] == ["recorded", "refused"]
    assert receipts[1]["error"]["field"] == "clock_error"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"no json", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b"7", None),
        (b"[]", None),
        (b"null", None),
        (b'{"sent_at": "2026-03-02T10:15:30Z"}', "scans"),
        (b'{"sent_at": "2026-03-02T10:15:30Z", "scans": []}', "scans"),
        (b'{"sent_at": "2026-03-02T10:15:30Z", "scans": {}}', "scans"),
        (b'{"sent_at": "2026-03-02T10:15:30Z", "scans": "x"}', "scans"),
        (b'{"scans": [1]}', "sent_at"),
        (b'{"sent_at": null, "scans": [1]}', "sent_at"),
        (b'{"sent_at": "2026-03-02T10:15:30", "scans": [1]}', "sent_at"),
        (b'{"sent_at": "2026-03-02T10:15:30Z", "scans": [1], "sender": 1}', "sender"),
        (json.dumps({"sent_at": "2026-03-02T10:15:30Z", "scans": [0] * 10_001}).encode(), "scans"),
    ],
)
def test_a_call_that_is_no_list_of_scans_is_422(
    mina: Program, body: bytes, field: str | None
) -> None:
    error = mina.post("/scans", body, 422)["error"]
    assert (error["code"], error.get("field")) == ("invalid", field)


def test_a_body_past_the_limit_is_413(mina: Program) -> None:
    answer = mina.client.post("/api/v1/scans", headers=mina.headers, data=b"x" * (13 * 1024**2))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")


def test_a_field_nobody_can_write_down_is_that_scans_fault(mina: Program, loop: Loop) -> None:
    cup = loop.lent_cup()
    strange = scan("return", cup) | {"\ud800": 1}
    body = {"sent_at": moment(), "scans": [scan("return", cup), strange]}
    receipts = mina.post("/scans", json.dumps(body).encode())["receipts"]
    assert [one["result"] for one in receipts] == ["recorded", "refused"]
    assert receipts[1]["error"]["code"] == "invalid"
