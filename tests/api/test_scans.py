"""POST /scans: receipts in order, wrong shapes at their place, one error shape, rights, times."""

import json
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from lending.loop.codes import make_code
from tests.api.conftest import Program, moment
from tests.personas import DANA, HARU, NABI, SORA, WASH, Loop

HUGE = 2**63


def scan(action: str, code: str, intent: str = "fact", **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "action": action, "code": code, "at": moment(), "intent": intent,
    } | more  # fmt: skip


def hyphened(code: str) -> str:
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def test_a_cup_goes_round(programs: dict[str, Program], loop: Loop) -> None:
    mina, jun = programs["mina"], programs["jun"]
    (cup,) = jun.post("/items", {"kind": "cup-355", "count": 1, "site": WASH})["codes"]
    wash, passed = jun.scan(scan("wash", cup, "ask"), scan("pass", hyphened(cup), "ask"))
    assert wash["result"] == passed["result"] == "recorded"
    assert (passed["item"]["state"], passed["item"]["clean"]) == ("ready", True)
    asked = scan("lend", cup, "ask", borrower=DANA)
    lent = mina.scan(asked)[0]
    assert set(lent) == {"id", "result", "gap", "item", "loan"}
    assert lent["id"] == asked["id"] and lent["gap"] == "missed_stock"
    assert lent["item"] | {"since": 0, "due_at": 0} == {
        "code": cup, "kind": "cup-355", "state": "lent", "clean": False, "hold": None, "site": HARU,
        "to": None, "uses": 1, "washes": 1, "due_at": 0, "since": 0, "gaps": 2,
    }  # fmt: skip
    assert lent["loan"]["id"] == asked["id"] and lent["loan"]["due_at"] == lent["item"]["due_at"]
    again = mina.scan(asked)[0]
    assert (again["result"], again["item"]) == ("repeated", lent["item"])
    back = mina.scan(scan("return", cup))[0]
    assert (back["item"]["state"], back["loan"]["outcome"]) == ("returned", "returned")
    refused = mina.scan(scan("lend", cup, "ask", borrower=DANA))[0]
    assert refused["result"] == "refused" and refused["loan"] is None
    assert set(refused["error"]) == {"code", "message", "next_step"}
    assert refused["error"]["code"] == "not_clean" and refused["item"]["state"] == "returned"
    loop.check()


def test_no_answer_holds_a_person(mina: Program, loop: Loop) -> None:
    cup = loop.clean_cup()
    receipt = json.dumps(mina.scan(scan("lend", cup, "ask", borrower=SORA)))
    listed = json.dumps(mina.get("/loans")) + json.dumps(mina.get(f"/items/{cup}/scans"))
    for text in (receipt, listed):
        assert "borrower" not in text and "resident" not in text
        # Ids, codes and moments are random digits; a number told stands by itself.
        assert not re.search(r"(?<![0-9a-f])(010-?8765-?)?4321(?![0-9a-f])", text)


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


def test_emoji_and_long_notes_are_kept(mina: Program, loop: Loop) -> None:
    cup, note = loop.clean_cup(), "🥤깨진\n컵 " * 200
    receipt = mina.scan(scan("hold", cup, note=note, reason="crack 🥲"))[0]
    assert (receipt["result"], receipt["item"]["hold"]) == ("recorded", "crack 🥲")
    assert mina.get(f"/items/{cup}/scans")["items"][0]["note"] == note.strip()


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


def test_ten_thousand_scans_are_one_call(officer: Program, loop: Loop) -> None:
    codes = officer.post("/items", {"kind": "cup-355", "count": 5000, "site": WASH})["codes"]
    facts = [scan(action, code, site=NABI) for code in codes for action in ("stock", "return")]
    receipts = officer.scan(*facts)
    assert {receipt["result"] for receipt in receipts} == {"recorded"}
    assert [receipt["id"] for receipt in receipts] == [fact["id"] for fact in facts]


def test_texts_come_in_the_callers_language(mina: Program, loop: Loop) -> None:
    bad = scan("lend", loop.new_cups()[0], "ask", borrower=DANA)
    said = {
        language: mina.post(
            "/scans", {"sent_at": moment(), "scans": [bad]}, **{"Accept-Language": language}
        )["receipts"][0]["error"]["message"]
        for language in ("ko", "en", "en-GB,en;q=0.8", "fr", "")
    }
    assert said["ko"] == said["fr"] == said[""] == "아직 세척을 마치지 않은 컵이에요."
    assert said["en"] == said["en-GB,en;q=0.8"] != said["ko"]
    assert said["en"].isascii()


def test_a_check_digit_and_an_unknown_code(mina: Program, loop: Loop) -> None:
    good = make_code()
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    digit, fact, asked = mina.scan(
        scan("return", wrong), scan("return", good), scan("lend", good, "ask", borrower=DANA)
    )
    assert (digit["result"], digit["error"]["code"]) == ("refused", "bad_check_digit")
    assert (fact["result"], fact["gap"], fact["item"]) == ("recorded", "unknown_code", None)
    assert (asked["result"], asked["error"]["code"]) == ("refused", "unknown_code")


def test_the_same_id_for_another_scan(mina: Program, loop: Loop) -> None:
    first = scan("return", loop.lent_cup())
    other = scan("return", loop.lent_cup()) | {"id": first["id"]}
    ok, reused = mina.scan(first, other)
    assert ok["result"] == "recorded"
    assert (reused["error"]["code"], reused["item"], reused["loan"]) == ("id_reused", None, None)
    assert mina.scan(first | {"id": first["id"].upper()})[0]["result"] == "repeated"


def test_a_refused_question_comes_again_as_a_fact(mina: Program, loop: Loop) -> None:
    asked = scan("lend", loop.new_cups()[0], "ask", borrower=DANA)
    assert mina.scan(asked)[0]["result"] == "refused"
    fact = mina.scan(asked | {"intent": "fact"})[0]
    assert (fact["result"], fact["gap"]) == ("recorded", "unclean_lend")


def test_microseconds_and_zones_are_kept(mina: Program, loop: Loop) -> None:
    cup = loop.clean_cup()
    at = datetime.fromisoformat(moment(minutes=5)).replace(microsecond=123457)
    sent = at.astimezone(tz=None).isoformat()
    mina.scan(scan("return", cup) | {"at": at.isoformat().replace("+00:00", "Z")})
    stored = mina.get(f"/items/{cup}/scans")["items"][0]
    assert datetime.fromisoformat(stored["at"]) == datetime.fromisoformat(sent) == at
    assert datetime.fromisoformat(stored["occurred_at"]) == at


def test_a_wrong_clock_is_taken_off(mina: Program, loop: Loop) -> None:
    cup, ahead = loop.clean_cup(), timedelta(hours=3)
    now = datetime.fromisoformat(moment())
    fast = scan("return", cup) | {"at": (now + ahead).isoformat()}
    mina.scan(fast, sent_at=(now + ahead).isoformat())
    stored = mina.get(f"/items/{cup}/scans")["items"][0]
    assert abs(datetime.fromisoformat(stored["occurred_at"]) - now) < timedelta(seconds=20)
    told = scan("return", cup, clock_error=3600.5) | {"at": (now + ahead).isoformat()}
    assert mina.scan(told)[0]["result"] == "recorded"


def test_a_clock_set_anew_unmeasured_marks_the_scan(mina: Program, loop: Loop) -> None:
    scans = [
        scan("lend", cup, clock_lost=lost)
        for cup, lost in zip(loop.clean_cups(3), (True, False, "yes"), strict=True)
    ]
    receipts = mina.scan(*scans)
    assert [receipt.get("gap") for receipt in receipts] == ["clock_suspect", None, None]
    assert receipts[2]["error"]["field"] == "clock_lost"


def test_extreme_clocks_are_no_crash(mina: Program, loop: Loop) -> None:
    cup = loop.clean_cup()
    years = ("1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2199-12-31T23:59:59Z")
    scans = [
        scan("return", cup, **more) | {"at": at}
        for at in years
        for more in ({}, {"clock_error": 1e10}, {"clock_error": -1e10})
    ]
    for sent_at in years:
        receipts = mina.scan(*scans, sent_at=sent_at)
        assert {receipt["result"] for receipt in receipts} <= {"recorded", "repeated"}
    loop.check()


def test_rights_by_role_and_site(programs: dict[str, Program], loop: Loop) -> None:
    cup = loop.clean_cup()
    allowed = [
        ("officer", scan("return", cup, site=HARU)),
        ("courier", scan("collect", cup, site=HARU)),
        ("machine", scan("return", cup)),
        ("jun", scan("receive", cup, **{"from": HARU})),
    ]
    for name, one in allowed:
        assert programs[name].scan(one)[0]["result"] == "recorded", name
    refused = [
        ("machine", scan("lend", cup), "not_allowed_here"),
        ("courier", scan("wash", cup, site=WASH), "not_allowed_here"),
        ("mina", scan("wash", cup), "not_allowed_here"),
        ("mina", scan("return", cup, site=NABI), "not_allowed_here"),
        ("officer", scan("return", cup), "invalid"),
        ("officer", scan("return", cup, site="NOWHERE"), "invalid"),
    ]
    for name, one, code in refused:
        receipt = programs[name].scan(one)[0]
        assert (receipt["result"], receipt["error"]["code"]) == ("refused", code), name


def test_an_override_needs_its_reason(mina: Program, loop: Loop) -> None:
    cups = loop.clean_cups(6)
    for cup in cups[:5]:
        assert mina.scan(scan("lend", cup, "ask", borrower=DANA))[0]["result"] == "recorded"
    sixth = scan("lend", cups[5], "ask", borrower=DANA)
    assert mina.scan(sixth)[0]["error"]["code"] == "too_many_open"
    assert mina.scan(sixth | {"override": {"reason": "school class"}})[0]["result"] == "recorded"


def test_a_fact_with_an_unreadable_borrower_is_kept(mina: Program, loop: Loop) -> None:
    fact = scan("lend", loop.clean_cup(), borrower="no such card")
    receipt = mina.scan(fact)[0]
    assert (receipt["result"], receipt["gap"]) == ("recorded", "borrower_unresolved")
    assert [entry["subject"] for entry in mina.get("/review")["items"]] == ["borrower_unresolved"]
    asked = scan("lend", loop.clean_cup(), "ask", borrower="no such card")
    assert mina.scan(asked)[0]["error"]["code"] == "borrower_unknown"


def test_a_field_nobody_can_write_down_is_that_scans_fault(mina: Program, loop: Loop) -> None:
    cup = loop.lent_cup()
    strange = scan("return", cup) | {"\ud800": 1}
    body = {"sent_at": moment(), "scans": [scan("return", cup), strange]}
    receipts = mina.post("/scans", json.dumps(body).encode())["receipts"]
    assert [one["result"] for one in receipts] == ["recorded", "refused"]
    assert receipts[1]["error"]["code"] == "invalid"


def test_the_token_decides(programs: dict[str, Program], loop: Loop) -> None:
    stranger, body = programs["stranger"], {"sent_at": moment(), "scans": [VALID]}
    error = stranger.post("/scans", body, 401)["error"]
    assert error["code"] == "sign_in_needed" and error["next_step"]
    stranger.headers = {"Authorization": "Bearer reuse_wrong"}
    stranger.post("/scans", body, 401)
    stranger.headers = {"Authorization": "Basic bWluYTptaW5h"}
    stranger.post("/scans", body, 401)


def test_many_calls_in_a_row_are_not_limited(mina: Program) -> None:
    for _ in range(250):
        assert mina.scan(None)[0]["result"] == "refused"
