"""Undo takes back one scan or the step of a whole set, and the table stands where it stood."""

from lending.loop.steps import State
from tests.personas import Loop
from tests.washing.conftest import Table


def test_undo_takes_back_the_last_piece(loop: Loop, table: Table) -> None:
    first, second = loop.new_cups(2)
    before = loop.item(second)
    table.beep(first, second)
    undone = table.command("undo")
    assert (undone["word"], undone["line"]) == ("되돌림", "세척장 도착 1개를 되돌렸어요")
    assert undone["lane"]["set"]["total"] == 1
    assert loop.item(second).since == before.since
    assert table.command("undo")["lane"]["set"] is None  # before the first piece there was none
    assert table.command("undo")["outcome"] == "nothing"
    loop.check()


def test_undo_takes_back_the_step_of_the_whole_set(loop: Loop, table: Table) -> None:
    cups = loop.new_cups(4)
    table.beep(*cups)
    table.command("wash")
    undone = table.command("undo")
    assert (undone["count"], undone["line"]) == (4, "세척 4개를 되돌렸어요")
    assert {loop.item(cup).state for cup in cups} == {State.DIRTY}
    assert {loop.item(cup).washes for cup in cups} == {0}
    assert table.board()["lane"]["step"] == "receive"
    assert table.command("wash")["count"] == 4
    assert {loop.item(cup).washes for cup in cups} == {1}
    loop.check()


def test_undo_brings_back_a_piece_that_was_scanned_out(loop: Loop, table: Table) -> None:
    cup, other = loop.new_cups(2)
    table.beep(cup, other)
    table.command("wash", "break")
    table.beep(cup)
    assert loop.item(cup).state is State.RETIRED
    table.command("undo")
    assert loop.item(cup).state is State.WASHED
    assert table.command("pass")["count"] == 2
    assert loop.item(cup).clean


def test_undo_drops_a_fault_that_waits_for_its_piece(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    table.beep(cup)
    table.command("stain")
    assert table.command("undo")["line"] == "착색: 취소했어요"
    assert loop.item(cup).state is State.DIRTY
    assert table.set()["total"] == 1


def test_undo_opens_a_finished_set_again(loop: Loop, table: Table) -> None:
    [cup] = loop.new_cups(1)
    table.beep(cup)
    table.command("wash", "pass", "finish")
    assert table.set() is None
    table.command("undo")
    assert table.set()["passed"] == 1
    table.command("undo")
    assert loop.item(cup).state is State.WASHED


def test_finish_without_a_set_says_so(table: Table) -> None:
    assert table.command("finish")["word"] == "열린 묶음이 없어요"
