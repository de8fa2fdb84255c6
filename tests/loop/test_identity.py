"""The identity of a scan: what makes two sendings the same one, and what a refusal leaves behind."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.people.actors import ActorKind
from tests.personas import DANA, HARU, MINJI, NABI, Loop

OTHER_IDENTITY: list[dict[str, Any]] = [
    {"action": Action.RETURN},
    {"at": timedelta(microseconds=1)},
    {"site": NABI},
    {"borrower": DANA},
    {"borrower": None},
    {"of": uuid.UUID(int=5)},
]
NOT_IDENTITY: list[dict[str, Any]] = [
    {"ask": True},
    {"seq": 7},
    {"clock_error": 3.0},
    {"override": "asked"},
    {"reason": "said so"},
    {"note": "a note"},
    {"borrower": "+82 10-2345-6789"},
]


def logged(loop: Loop, scan_id: uuid.UUID) -> Scan | None:
    with Session(loop.engine) as session:
        return session.get(Scan, scan_id)


@pytest.mark.parametrize("change", OTHER_IDENTITY, ids=str)
def test_the_same_id_with_another_identity_is_reused(loop: Loop, change: dict[str, Any]) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, borrower=MINJI, site=HARU)
    loop.go(scan)
    if "at" in change:
        change = {"at": scan.at + change["at"]}
    again = loop.go(replace(scan, **change))[0]
    assert (again.result, again.error) == (Result.REFUSED, Code.ID_REUSED)
    assert (again.item, again.loan, again.gaps, again.borrower) == (None, None, (), None)
    assert logged(loop, scan.id).action is Action.LEND
    loop.check()


def test_the_same_id_on_another_cup_is_reused(loop: Loop) -> None:
    one, other = loop.clean_cups(2)
    scan = loop.scan(Action.LEND, one, borrower=MINJI, site=HARU)
    loop.go(scan)
    again = loop.go(replace(scan, code=other))[0]
    assert (again.error, again.item) == (Code.ID_REUSED, None)
    assert loop.item(other).uses == 0


@pytest.mark.parametrize("change", NOT_IDENTITY, ids=str)
def test_the_same_identity_is_a_repetition(loop: Loop, change: dict[str, Any]) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, borrower=MINJI, site=HARU)
    loop.go(scan)
    assert loop.go(replace(scan, **change))[0].result is Result.REPEATED
    assert loop.item(cup).uses == 1


def test_written_with_hyphens_or_as_an_address_it_is_the_same_scan(loop: Loop) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, borrower=MINJI, site=HARU)
    loop.go(scan)
    for code in (f"{cup[:4]}-{cup[4:8]}-{cup[8:]}", f"https://cups.example/i/{cup}"):
        assert loop.go(replace(scan, code=code))[0].result is Result.REPEATED


def test_another_sender_or_sending_time_is_the_same_scan(loop: Loop) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, borrower=MINJI, site=HARU)
    loop.go(scan, by=loop.town.mina)
    token = replace(loop.town.mina, kind=ActorKind.TOKEN, id=77)
    sent_at = loop.now - timedelta(hours=3)
    assert loop.go(scan, by=token, sent_at=sent_at)[0].result is Result.REPEATED


@pytest.mark.parametrize("version", [1, 4, 5, 7])
def test_any_uuid_is_an_id(loop: Loop, version: int) -> None:
    made = uuid.UUID(int=uuid.uuid4().int & ~(0xF << 76) | version << 76)
    assert loop.give_back(loop.lent_cup(), id=made).result is Result.RECORDED


def test_a_refusal_stores_nothing_under_the_id(loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=DANA)
    assert loop.go(ask, by=loop.town.mina)[0].error is Code.ALREADY_LENT
    assert logged(loop, ask.id) is None
    fact = loop.go(replace(ask, ask=False), by=loop.town.mina)[0]
    assert (fact.result, logged(loop, ask.id).asked) == (Result.RECORDED, False)
    other = loop.scan(Action.RETURN, cup, id=uuid.uuid4())
    loop.go(replace(other, code="1"), by=loop.town.mina)
    assert loop.go(other, by=loop.town.mina)[0].result is Result.RECORDED


def test_a_repetition_shows_the_item_as_it_stands_now(loop: Loop) -> None:
    cup = loop.clean_cup()
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)
    loop.go(ask, by=loop.town.mina)
    loop.give_back(cup)
    again = loop.go(ask, by=loop.town.mina)[0]
    assert (again.result, again.error) == (Result.REPEATED, None)
    assert again.item.state is State.RETURNED


def test_a_repetition_is_not_judged_again(loop: Loop) -> None:
    cups = loop.clean_cups(5)
    asks = [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI) for cup in cups]
    loop.go(*asks, by=loop.town.mina)
    loop.hold(cups[0])
    again = loop.go(*asks, by=loop.town.mina)
    assert {receipt.result for receipt in again} == {Result.REPEATED}


def test_a_repetition_fills_in_a_missing_reason_or_override(loop: Loop) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.RETIRE, cup, site=HARU)
    loop.go(scan)
    loop.go(replace(scan, reason="break", override="asked"))
    assert (logged(loop, scan.id).reason, logged(loop, scan.id).override) == ("break", "asked")
    loop.go(replace(scan, reason="stain"))
    assert logged(loop, scan.id).reason == "break"


def test_a_reason_filled_in_later_is_what_the_item_shows(loop: Loop) -> None:
    cup = loop.clean_cup()
    scan = loop.scan(Action.HOLD, cup, site=HARU)
    loop.go(scan)
    loop.go(replace(scan, reason="crack"))
    assert loop.item(cup).hold == "crack"
    loop.check()


def test_the_same_scan_twice_in_one_call_is_one(loop: Loop) -> None:
    cup = loop.clean_cup()
    ask = loop.scan(Action.LEND, cup, ask=True, borrower=MINJI)
    other = replace(ask, action=Action.RETURN, ask=False, borrower=None)
    receipts = loop.go(ask, ask, other, replace(ask, ask=False), by=loop.town.mina)
    assert [(one.result, one.error) for one in receipts] == [
        (Result.RECORDED, None),
        (Result.REPEATED, None),
        (Result.REFUSED, Code.ID_REUSED),
        (Result.REPEATED, None),
    ]
    assert loop.item(cup).uses == 1


def test_a_question_after_its_own_fact_is_a_repetition(loop: Loop) -> None:
    cup = loop.clean_cup()
    fact = loop.scan(Action.LEND, cup, borrower=MINJI)
    loop.go(fact, by=loop.town.mina)
    again = loop.go(replace(fact, ask=True), by=loop.town.mina)[0]
    assert (again.result, again.error) == (Result.REPEATED, None)


def test_the_log_keeps_the_time_as_sent(loop: Loop) -> None:
    cup = loop.lent_cup()
    at = loop.now - timedelta(hours=2)
    scan_id = loop.give_back(cup, at=at, clock_error=-60.0).id
    row = logged(loop, scan_id)
    assert (row.at, row.occurred_at) == (at, at + timedelta(seconds=60))


def test_a_wrong_neighbour_spoils_nothing(loop: Loop) -> None:
    cup = loop.lent_cup()
    bad = loop.scan(Action.RETURN, "123")
    nowhere = loop.scan(Action.RETURN, cup, site="NOWHERE")
    good = loop.scan(Action.RETURN, cup, site=HARU)
    results = [receipt.result for receipt in loop.go(bad, nowhere, good)]
    assert results == [Result.REFUSED, Result.REFUSED, Result.RECORDED]
    with Session(loop.engine) as session:
        returns = sa.select(sa.func.count()).where(Scan.action == Action.RETURN)
        assert session.scalars(returns).one() == 1
