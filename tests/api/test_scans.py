"""POST /scans: receipts in order, in the caller's language, without a person."""

import json
import re

from lending.loop.codes import format_code, make_code
from tests.api.conftest import Program, moment, scan
from tests.personas import DANA, HARU, NABI, SORA, WASH, Loop


def test_a_cup_goes_round(programs: dict[str, Program], loop: Loop) -> None:
    mina, jun = programs["mina"], programs["jun"]
    (cup,) = jun.post("/items", {"kind": "cup-355", "count": 1, "site": WASH})["codes"]
    wash, passed = jun.scan(scan("wash", cup, "ask"), scan("pass", format_code(cup), "ask"))
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


def test_emoji_and_long_notes_are_kept(mina: Program, loop: Loop) -> None:
    cup, note = loop.clean_cup(), "🥤깨진\n컵 " * 200
    receipt = mina.scan(scan("hold", cup, note=note, reason="crack 🥲"))[0]
    assert (receipt["result"], receipt["item"]["hold"]) == ("recorded", "crack 🥲")
    assert mina.get(f"/items/{cup}/scans")["items"][0]["note"] == note.strip()


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


def test_many_calls_in_a_row_are_not_limited(mina: Program) -> None:
    for _ in range(250):
        assert mina.scan(None)[0]["result"] == "refused"
