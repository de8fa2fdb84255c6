"""Crates and bags at the washing table: one beep for all that is in them."""

import uuid

from lending.errors import Code
from lending.loop.pieces.stains import keep_stained
from lending.loop.steps import Action, Gap, State
from lending.wares.ways import Outside, Why, beyond, in_crate
from tests.personas import BOX, HARU, Loop
from tests.wares.conftest import CLEAN, DIRTY, WASH, Wares
from tests.wares.conftest import wares as wares
from tests.washing.conftest import Table
from tests.washing.table.test_trays import carry


def brought_crate(loop: Loop, count: int = 3) -> tuple[str, list[str]]:
    """A crate that went out to the café with clean cups and came back used, on the courier's car."""
    crate, cups = loop.new_crate(), loop.passed_cups(count)
    loop.pack(crate, *cups)
    loop.ship(crate)
    loop.one(Action.STOCK, crate, by=loop.town.mina)
    loop.collect(crate)
    return crate, cups


def states(loop: Loop, cups: list[str]) -> set[State]:
    return {loop.item(cup).state for cup in cups}


def test_a_beep_of_a_crate_receives_all_that_is_in_it(table: Table, loop: Loop) -> None:
    crate, cups = brought_crate(loop)
    told = table.beep(crate)
    assert told["outcome"] == "recorded"
    assert told["line"] == "상자 · 컵 3개"
    assert told["count"] == 3
    assert told["lane"]["set"]["total"] == 3
    assert told["lane"]["crate"] == crate
    assert states(loop, cups) == {State.DIRTY}
    assert table.board()["today"]["received"] == 3  # the crate itself is no ware
    assert [line["count"] for line in table.board()["lines"]] == [3]
    assert table.beep(crate)["outcome"] == "already"
    loop.check()


def test_its_pieces_go_on_singly_with_the_set(table: Table, loop: Loop) -> None:
    crate, cups = brought_crate(loop)
    table.beep(crate)
    assert table.beep(cups[0])["outcome"] == "already"
    table.command("wash", "lipstick")
    assert table.beep(cups[0])["outcome"] == "recorded"
    told = table.command("pass")
    assert told["count"] == 2
    assert states(loop, cups[1:]) == {State.READY}
    assert loop.item(cups[0]).state is State.DIRTY
    loop.check()


def test_undo_takes_back_the_crate_with_what_was_in_it(table: Table, loop: Loop) -> None:
    crate, cups = brought_crate(loop)
    table.beep(crate)
    told = table.command("undo")
    assert told["count"] == 3
    assert told["lane"]["crate"] is None
    assert states(loop, [crate, *cups]) == {State.COLLECTED}
    assert table.board()["today"]["received"] == 0
    table.beep(crate)  # and again: nothing of the undo stays behind
    assert states(loop, cups) == {State.DIRTY}
    loop.check()


def test_the_same_beep_sent_twice_is_one(table: Table, loop: Loop) -> None:
    crate, cups = brought_crate(loop)
    id = uuid.uuid4()
    first = table.say(code=crate, id=id)
    again = table.say(code=crate, id=id)
    assert (first["count"], again["lane"]["set"]["total"]) == (3, 3)
    assert states(loop, cups) == {State.DIRTY}
    assert table.board()["today"]["received"] == 3


def test_a_tray_of_two_crates_and_a_piece(table: Table, loop: Loop) -> None:
    (one, first), (two, second) = brought_crate(loop, 2), brought_crate(loop, 3)
    loose = loop.new_cups()[0]
    told = carry(table, "receive", [one, two, loose])
    assert told["taken"] == 6
    assert told["lane"]["set"]["total"] == 6
    assert told["lane"]["crate"] is None  # of two crates nobody knows which is being emptied
    assert states(loop, [*first, *second, loose]) == {State.DIRTY}
    assert table.command("undo")["count"] == 6
    assert states(loop, [*first, *second]) == {State.COLLECTED}
    loop.check()


def test_a_crate_that_comes_back_the_same_day_is_received_again(table: Table, loop: Loop) -> None:
    crate, cups = brought_crate(loop)
    table.beep(crate)
    table.command("finish")
    loop.one(Action.SHIP, crate, by=loop.town.jun, to=HARU)
    loop.collect(crate)
    assert table.beep(crate)["outcome"] == "recorded"
    assert cups


def test_what_comes_out_of_a_bag_was_collected_where_the_bag_was(table: Table, loop: Loop) -> None:
    bag, lent = loop.new_crate(), loop.lent_cup()
    loop.collect(bag, BOX)
    table.beep(bag)
    told = table.beep(lent)
    assert told["outcome"] == "recorded"
    assert loop.item(lent).state is State.DIRTY
    [loan] = loop.loans(lent)
    assert loan.outcome == "returned"  # no later than the emptying: the bag's collection closed it
    assert Gap.MISSED_COLLECT not in loop.gaps(lent)
    loop.check()


def test_another_step_ends_the_emptying_of_a_bag(table: Table, loop: Loop) -> None:
    bag, lent = loop.new_crate(), loop.lent_cup()
    loop.collect(bag, BOX)
    table.beep(bag)
    assert table.command("finish")["lane"]["crate"] is None
    table.beep(lent)
    [loan] = loop.loans(lent)
    assert loan.outcome == "implied"


def test_counted_ware_in_a_crate_is_dirty_from_then_on(
    table: Table, loop: Loop, wares: Wares
) -> None:
    crate, _ = brought_crate(loop, 1)
    shelf = wares.at(WASH, CLEAN)
    inside = type(shelf)(crate_id=loop.item_id(crate), condition=CLEAN)
    wares.buy(60, shelf)
    wares.record(wares.move(40, shelf, inside, Why.PACKED))
    assert table.beep(crate)["line"] == "상자 · 컵 1개 · 수량 그릇 40개"
    assert wares.held(inside) == 0
    assert wares.held(type(shelf)(crate_id=inside.crate_id, condition=DIRTY)) == 40


def test_a_stain_retires_a_cup_but_no_container(table: Table, loop: Loop) -> None:
    cup, box = loop.new_cups(1)[0], loop.new_cups(1, "cup-473")[0]
    loop.write(lambda s: keep_stained(s, district_id=loop.town.id, kinds=["cup-473"]))
    table.beep(cup, box)
    table.command("wash", "stain")
    told = table.beep(box)
    assert (told["outcome"], told["word"]) == ("kept", "착색만으로는 폐기하지 않아요")
    assert loop.item(box).state is State.WASHED
    assert told["lane"]["fault"] is None
    table.command("stain")
    table.beep(cup)
    assert loop.item(cup).state is State.RETIRED
    told = carry(table, "stain", [box])
    assert (told["taken"], told["check"]) == (0, 1)
    assert loop.item(box).state is State.WASHED


def test_undo_gives_back_what_the_counted_ware_in_the_crate_was(
    table: Table, loop: Loop, wares: Wares
) -> None:
    wares.buy(40, wares.at(WASH))
    crate = loop.new_crate()
    clean, dirty = (in_crate(loop.item_id(crate), one) for one in (CLEAN, DIRTY))
    wares.record(wares.move(40, wares.at(WASH), clean, Why.PACKED))
    table.beep(crate)  # a full crate for a café, by mistake
    assert (wares.held(clean), wares.held(dirty)) == (0, 40)
    wares.record(wares.move(3, dirty, beyond(Outside.BROKEN), Why.BROKEN))
    table.command("undo")
    assert (wares.held(clean), wares.held(dirty)) == (37, 0)
    table.beep(crate)
    table.command("undo")
    assert (wares.held(clean), wares.held(dirty)) == (37, 0)
    wares.check()
    loop.check()


def test_nobody_says_by_a_word_that_ware_was_not_used(loop: Loop, wares: Wares) -> None:
    wares.buy(5, wares.at(WASH, DIRTY))
    move = wares.move(5, wares.at(WASH, DIRTY), wares.at(WASH), Why.TAKEN_BACK)
    for actor in (loop.town.officer, loop.town.jun):
        [receipt] = wares.record(move, by=actor)
        assert receipt.error is Code.NOT_ALLOWED_HERE
