"""A tray: pieces read together take one step in one call, each counts once, undone as a whole."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lending.loop.codes import make_code
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from tests.personas import Loop
from tests.washing.conftest import Table


def carry(
    table: Table,
    command: str,
    codes: list[str],
    *,
    id: uuid.UUID | None = None,
    at: datetime | None = None,
    late: int = 0,
) -> dict[str, Any]:
    """One call for the whole tray; its answer."""
    now = datetime.now(UTC)
    body = {
        "id": str(id or uuid.uuid4()),
        "lane": str(table.lane),
        "at": (at or now - timedelta(minutes=late)).isoformat(),
        "sent_at": now.isoformat(),
        "command": command,
        "codes": codes,
    }
    answer = table.caller.open("/wash/tray", "POST", json=body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def count_scans(loop: Loop, action: Action) -> int:
    query = sa.select(sa.func.count()).where(Scan.action == action)
    with sa.orm.Session(loop.engine) as session:
        return session.scalar(query) or 0


def test_a_tray_goes_through_the_centre_in_three_calls(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(24)
    received = carry(table, "receive", [f"https://cups.example.kr/i/{cup}" for cup in cups])
    assert (received["word"], received["tone"]) == ("24개 받음", "back")
    assert [line["fate"] for line in received["lines"]] == ["taken"] * 24
    assert received["lane"]["set"]["total"] == 24
    washed = carry(table, "wash", cups)
    assert (washed["word"], washed["lane"]["set"]["washed"]) == ("24개 세척", 24)
    passed = carry(table, "pass", cups)
    assert (passed["word"], passed["lane"]["set"]["passed"]) == ("24개 검사 통과", 24)
    assert all(loop.item(cup).clean for cup in cups)
    assert not any(loop.gaps(cup) for cup in cups)
    loop.check()


def test_a_code_read_twice_counts_once(loop: Loop, table: Table) -> None:
    cup, other = loop.new_cups(2)
    before = count_scans(loop, Action.RECEIVE)
    answer = carry(table, "receive", [cup, f"https://cups.example.kr/i/{cup}", other, cup])
    assert answer["word"] == "2개 받음"
    assert len(answer["lines"]) == 2
    assert count_scans(loop, Action.RECEIVE) == before + 2


def test_the_same_tray_again_is_done_once(loop: Loop, table: Table) -> None:
    cups, tray, at = loop.new_cups(3), uuid.uuid4(), datetime.now(UTC)
    first = carry(table, "receive", cups, id=tray, at=at)
    scans = count_scans(loop, Action.RECEIVE)
    again = carry(table, "receive", cups, id=tray, at=at)
    assert count_scans(loop, Action.RECEIVE) == scans
    assert again["word"] == first["word"]
    assert [line["id"] for line in again["lines"]] == [line["id"] for line in first["lines"]]
    assert {line["result"] for line in again["lines"]} == {"repeated"}
    assert first["lines"][0]["id"] == str(uuid.uuid5(tray, first["lines"][0]["code"]))
    assert again["lane"]["set"]["total"] == 3
    assert table.command("undo")["count"] == 3
    assert table.command("undo")["outcome"] == "nothing"


def test_what_needs_a_look_comes_first_and_holds_nobody_up(loop: Loop, table: Table) -> None:
    good, dirty, broken = loop.new_cups(3)
    carry(table, "receive", [good, dirty, broken])
    carry(table, "wash", [good])
    carry(table, "break", [broken])
    strange, wrong = make_code(), good[:-1] + str((int(good[-1]) + 5) % 10)
    answer = carry(table, "pass", [good, dirty, wrong, "hello"])
    assert answer["word"] == "1개 검사 통과 · 3개 확인 필요"
    assert (answer["taken"], answer["check"], answer["tone"]) == (1, 3, "care")
    told = {line["code"]: (line["word"], line["check"]) for line in answer["lines"]}
    assert told[good] == ("검사 통과", False)
    assert told[dirty] == ("다시 세척", True)
    assert told[wrong] == ("번호 한 자리가 틀려요", True)
    assert [line["check"] for line in answer["lines"]] == [True, True, True, False]
    assert loop.item(good).clean and loop.item(dirty).state is State.DIRTY
    aside = carry(table, "receive", [strange, broken])  # noted, and put aside
    assert (aside["taken"], aside["check"]) == (2, 2)
    assert aside["lane"]["set"]["total"] == 2
    loop.check()


def test_what_was_done_before_is_said_and_not_done_again(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(3)
    carry(table, "receive", cups[:2])
    answer = carry(table, "receive", cups)
    assert answer["word"] == "1개 받음 · 2개는 이미 했어요"
    assert carry(table, "receive", cups)["word"] == "3개는 이미 했어요"
    assert loop.item(cups[0]).gaps == 0


def test_pieces_of_two_sets_on_one_tray_stay_in_their_sets(
    loop: Loop, make_table: Callable[[], Table]
) -> None:
    jun, other, third = make_table(), make_table(), make_table()
    mine, theirs, loose = loop.new_cups(2), loop.new_cups(3), loop.new_cups(1)
    carry(jun, "receive", mine)
    carry(other, "receive", theirs)
    answer = carry(third, "wash", [mine[0], *theirs, *loose])
    assert answer["taken"] == 5
    assert jun.set()["washed"] == 1 and other.set()["washed"] == 3
    assert answer["lane"]["set"]["total"] == 1
    undone = third.command("undo")  # the whole tray, whatever sets it touched
    assert (undone["count"], undone["lane"]["set"]) == (5, None)
    assert jun.set()["washed"] == 0 and other.set()["washed"] == 0
    assert {loop.item(cup).state for cup in (*mine, *theirs)} == {State.DIRTY}
    loop.check()


def test_a_fault_for_a_whole_tray_takes_it_out_of_its_set(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(4)
    carry(table, "receive", cups)
    carry(table, "wash", cups)
    table.command("lipstick")
    answer = carry(table, "lipstick", cups[:2])
    assert answer["word"] == "2개 다시 세척"
    assert answer["lane"]["fault"] is None
    assert answer["lane"]["set"]["rewash"] == 2
    assert carry(table, "pass", cups[2:])["lane"]["set"]["passed"] == 2
    assert loop.item(cups[0]).state is State.DIRTY


def test_a_tray_sent_late_is_what_happened(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    carry(table, "receive", [cup], late=90)
    answer = carry(table, "pass", [cup], late=60)  # never washed, but it happened
    assert answer["taken"] == 1
    assert not loop.item(cup).clean


@pytest.mark.parametrize(
    "wrong",
    [{"codes": []}, {"codes": ["1"] * 501}, {"command": "undo"}, {"command": None}, {"codes": "1"}],
)
def test_a_call_of_another_shape_is_refused(table: Table, wrong: dict[str, Any]) -> None:
    now = datetime.now(UTC).isoformat()
    body = {
        "id": str(uuid.uuid4()), "lane": str(table.lane), "at": now, "sent_at": now,
        "command": "receive", "codes": ["1"],
    } | wrong  # fmt: skip
    assert table.caller.open("/wash/tray", "POST", json=body).status_code == 422


def test_a_tray_takes_no_statement_per_piece(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(200)
    counted = []
    engine = table.caller.client.application.extensions["lending"].engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    assert carry(table, "receive", cups)["taken"] == 200
    assert len(counted) < 60


def test_a_tray_of_which_nothing_was_done_says_only_what_to_check(loop: Loop, table: Table) -> None:
    assert carry(table, "pass", loop.new_cups(2))["word"] == "2개 확인 필요"
