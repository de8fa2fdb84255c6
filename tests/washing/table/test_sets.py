"""A set goes through receive, wash and pass as a whole, minus what is scanned out of it."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from lending.loop.codes import make_code
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from tests.personas import Loop
from tests.washing.conftest import Table


def states(loop: Loop, cups: list[str]) -> set[State]:
    return {loop.item(cup).state for cup in cups}


def scans_of(loop: Loop, action: Action) -> list[Scan]:
    with sa.orm.Session(loop.engine) as session:
        return list(session.scalars(sa.select(Scan).where(Scan.action == action)))


def test_a_set_is_received_piece_by_piece_then_washed_and_passed_as_a_whole(
    loop: Loop, table: Table
) -> None:
    cups = loop.new_cups(5)
    assert table.command("receive")["outcome"] == "step"
    received = table.beep(*cups)
    assert (received["outcome"], received["tone"]) == ("recorded", "back")
    assert received["lane"]["set"]["total"] == 5
    washed = table.command("wash")
    assert (washed["outcome"], washed["count"], washed["word"]) == ("whole", 5, "세척")
    assert states(loop, cups) == {State.WASHED}
    passed = table.command("pass")
    assert (passed["outcome"], passed["count"], passed["word"]) == ("whole", 5, "검사 통과")
    assert all(loop.item(cup).clean for cup in cups)
    assert not any(loop.gaps(cup) for cup in cups)
    finished = table.command("finish")
    assert (finished["outcome"], finished["line"]) == ("finished", "검사 통과 5")
    assert table.set() is None and table.board()["sets"] == []
    loop.check()


def test_exceptions_leave_the_set_with_their_fault_as_the_reason(loop: Loop, table: Table) -> None:
    good, stained, broken = loop.new_cups(3)
    table.beep(good, stained, broken)
    table.command("wash")
    chosen = table.command("lipstick")
    assert (chosen["outcome"], chosen["word"]) == ("fault", "립스틱 자국")
    out = table.beep(stained)
    assert (out["word"], out["line"]) == ("다시 세척", "립스틱 자국")
    assert out["lane"]["fault"] is None  # for one piece only
    table.command("break")
    assert table.beep(broken)["word"] == "폐기"
    passed = table.command("pass")
    assert (passed["count"], passed["refused"]) == (1, [])
    assert loop.item(good).clean
    assert loop.item(stained).state is State.DIRTY
    assert loop.item(broken).state is State.RETIRED
    assert [scan.reason for scan in scans_of(loop, Action.REWASH)] == ["lipstick"]
    assert [scan.reason for scan in scans_of(loop, Action.RETIRE)] == ["break"]
    over = table.command("finish")
    assert over["line"] == "검사 통과 1 · 다시 세척 1 · 폐기 1"


def test_a_fault_scanned_twice_stays_for_all_pieces_until_the_next_command(
    loop: Loop, table: Table
) -> None:
    cups = loop.new_cups(4)
    table.beep(*cups)
    table.command("wash")
    assert table.command("water_spots", "water_spots")["outcome"] == "fault_stays"
    table.beep(*cups[:3])
    assert table.beep(cups[0])["outcome"] == "already"  # and nothing is recorded twice
    assert table.command("pass")["count"] == 1
    assert states(loop, cups[:3]) == {State.DIRTY}
    assert len(scans_of(loop, Action.REWASH)) == 3


def test_a_piece_seen_twice_is_calm_and_recorded_once(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    table.beep(cup)
    again = table.beep(cup)
    assert (again["outcome"], again["tone"], again["word"]) == ("already", "calm", "이미 담았어요")
    assert len(scans_of(loop, Action.RECEIVE)) == 1
    table.command("wash")
    assert table.command("wash")["outcome"] == "again"
    assert len(scans_of(loop, Action.WASH)) == 1


def test_pieces_without_a_set_are_washed_one_by_one(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(2)
    table.command("wash")
    assert table.beep(*cups)["word"] == "세척"
    assert states(loop, cups) == {State.WASHED}
    assert table.command("pass")["count"] == 2


def test_pass_is_asked_and_refused_without_a_wash(loop: Loop, table: Table) -> None:
    dirty, washed = loop.new_cups(2)
    loop.wash(washed)
    table.command("pass")
    refused = table.beep(dirty)
    assert (refused["outcome"], refused["error"]) == ("refused", "not_clean")
    assert (refused["word"], refused["line"]) == ("다시 세척", "세척 기록이 없어요")
    assert table.beep(washed)["outcome"] == "recorded"  # a refusal needs no dismissing
    assert loop.item(dirty).state is State.DIRTY


def test_one_piece_refused_never_holds_up_the_others_of_its_set(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(3)
    table.beep(*cups)
    table.command("wash")
    loop.now = loop.now.now(loop.now.tzinfo)
    loop.hold(
        cups[0], by=loop.town.officer, site=loop.site("WASH")
    )  # what was washed counts no more
    passed = table.command("pass")
    assert (passed["outcome"], passed["count"], passed["refused"]) == ("whole", 2, [cups[0]])
    assert passed["tone"] == "care"
    assert table.set()["passed"] == 2
    assert table.command("finish")["outcome"] == "put_down"  # one is still on its way


def test_what_happened_offline_is_recorded_as_it_was(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    table.command("pass", late=30)
    kept = table.beep(cup, late=29)
    assert (kept["outcome"], kept["word"]) == ("recorded", "다시 세척")
    assert not loop.item(cup).clean


def test_unknown_and_wrong_codes_are_told_and_forgotten(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    assert table.beep(wrong)["error"] == "bad_check_digit"
    assert table.beep("hello")["error"] == "invalid"
    assert table.beep(make_code())["word"] == "처음 보는 컵"  # kept: it is here
    assert table.beep(cup)["lane"]["set"]["total"] == 1


def test_two_hundred_pieces_take_a_step_in_a_handful_of_statements(
    loop: Loop, table: Table
) -> None:
    cups = loop.new_cups(200)
    table.command("receive")
    for cup in cups:
        table.beep(cup)
    counted = []
    engine = table.caller.client.application.extensions["lending"].engine
    event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    assert table.command("wash")["count"] == 200
    assert len(counted) < 60
    assert states(loop, cups) == {State.WASHED}


@pytest.mark.parametrize("step", ["receive", "wash"])
def test_the_same_beep_sent_again_is_done_once(loop: Loop, table: Table, step: str) -> None:
    [cup] = loop.new_cups(1)
    table.command(step)
    same = uuid.uuid4()
    at = {"at": "2026-11-20T01:00:00+00:00"}
    first = table.say(id=same, code=cup, **at)
    again = table.say(id=same, code=cup, **at)
    assert first["outcome"] == again["outcome"] == "recorded"
    assert again["result"] == "repeated"
    assert len(scans_of(loop, Action(step))) == 1
    whole = uuid.uuid4()
    assert table.say(id=whole, command="pass")["outcome"] in ("whole", "refused")
    undo = uuid.uuid4()
    table.say(id=undo, command="undo")
    counts = len(scans_of(loop, Action.VOID))
    assert table.say(id=undo, command="undo")["outcome"] == "undone"
    assert len(scans_of(loop, Action.VOID)) == counts


def test_sets_and_steps_survive_a_reload(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(3)
    table.beep(*cups)
    table.command("wash", "lipstick")
    lane = table.board()["lane"]  # what a fresh page asks for
    assert (lane["step"], lane["fault"]) == ("wash", "lipstick")
    assert (lane["set"]["total"], lane["set"]["washed"]) == (3, 3)
    assert lane["set"]["kinds"] == {"cup-355": 3}


def test_two_operators_do_not_disturb_each_other(
    loop: Loop, make_table: Callable[[], Table]
) -> None:
    jun, hana = make_table(), make_table()
    ours, theirs = loop.new_cups(3), loop.new_cups(2)
    jun.beep(*ours)
    hana.beep(*theirs)
    met = hana.beep(ours[0])
    assert (met["outcome"], met["tone"]) == ("elsewhere", "calm")
    assert jun.command("wash")["count"] == 3
    assert states(loop, theirs) == {State.DIRTY}
    assert hana.command("undo")["count"] == 1  # her own last scan, not Jun's wash
    assert jun.set()["washed"] == 3
    assert hana.command("wash")["count"] == 1


def test_who_stands_at_the_exit_goes_on_with_the_set_by_scanning_one_piece_of_it(
    loop: Loop, make_table: Callable[[], Table]
) -> None:
    jun, hana = make_table(), make_table()
    first, second = loop.new_cups(3), loop.new_cups(2)
    jun.beep(*first)
    jun.command("wash")
    jun.command("receive")  # the next basket, while the first is in the machine
    assert jun.beep(*second)["lane"]["set"]["total"] == 2
    assert [one["total"] for one in hana.board()["sets"]] == [2, 3]
    taken = hana.beep(first[1])
    assert (taken["outcome"], taken["lane"]["set"]["total"]) == ("taken", 3)
    assert hana.command("pass")["count"] == 3
    assert jun.command("wash")["count"] == 2
    put = jun.command("finish")
    assert put["outcome"] == "put_down"
    again = jun.say(take=jun.board()["sets"][0]["id"])
    assert again["outcome"] == "taken"
    assert jun.command("pass")["count"] == 2
    loop.check()


def test_a_piece_scanned_for_the_next_step_brings_its_set_along(
    loop: Loop, make_table: Callable[[], Table]
) -> None:
    jun, hana = make_table(), make_table()
    cups = loop.new_cups(3)
    jun.beep(*cups)
    hana.command("wash")
    assert hana.beep(cups[0])["outcome"] == "recorded"
    assert hana.command("wash")["count"] == 2
    assert states(loop, cups) == {State.WASHED}
