"""Funeral crates that meet other loops: strangers in them, cups left elsewhere."""

import pytest

from lending.events.values import EventView, PackIn, Stage, StatementWhy
from lending.loop.steps import Outcome, State
from tests.events.stated import say_right
from tests.events.test_counting import lines
from tests.personas import DANA
from tests.whole.mixed import World


def home(world: World, cups: int = 2) -> tuple[EventView, PackIn]:
    """An event whose crate is back, opened, and in at the centre, not counted yet."""
    event = world.halls.plan()
    packed = world.halls.out(event, cups=cups, bowl=10)
    world.halls.back(packed)
    world.halls.fetch(packed.crate)
    world.work()
    return event, packed


def test_strangers_in_a_funeral_crate(world: World) -> None:
    """A café's cup, an order's container, a booking's cup and one of the next district: each loan
    ends unharmed, the statement calls none of them sent, and each home is told."""
    loop, door = world.loop, world.next_door
    door.now = loop.now
    abroad = door.lent_cup()
    loop.now = door.now
    cafe = loop.clean_cup()
    loop.lend(cafe, DANA)
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    (desk,) = loop.clean_cups(1, "OFFICE")
    booking = world.office.book()
    world.office.hand(desk, booking)
    event, packed = home(world)
    strangers = (abroad, cafe, lid, desk)
    statement = world.halls.count(
        event, lines={"bowl": (10, 0)}, received=(*packed.codes, *strangers), crate=packed.crate
    )
    for code in strangers:
        assert door.loans(code)[-1].outcome in (Outcome.IMPLIED, Outcome.RETURNED)
        assert door.item(code).state is State.DIRTY
    found = lines(statement)
    assert found["bowl"] == (10, 10, 0, 0, 0, 0)
    # Ours and the next district's are cups of two kinds of the same code.
    foreign = [line.foreign for line in statement.lines if line.kind == "cup-355"]
    assert sorted(foreign) == [1, 3]
    assert [line.sent for line in statement.lines if line.kind == "cup-355"] in ([2, 0], [0, 2])
    assert not any(line.missing for line in statement.lines)
    world.work()
    assert str(world.status(order)) == "returned"
    assert str(world.office.look(booking).stage) == "back"
    world.shop.later(days=40)
    world.work()
    assert world.texts() == []  # Dana is told nothing and lends as before
    assert loop.lend(loop.clean_cup(), DANA).error is None
    world.is_true()


@pytest.mark.parametrize("way", ["cafe", "box", "machine", "desk", "next_cafe"])
def test_a_halls_cup_left_elsewhere_after_the_statement(world: World, way: str) -> None:
    """While hall and centre do not agree yet there is a next version; the hall's days begin anew."""
    event, packed = home(world)
    statement = world.halls.count(
        event, lines={"bowl": (10, 0)}, received=packed.codes[:1], crate=packed.crate
    )
    world.halls.confirm(statement)
    assert lines(statement)["cup-355"] == (2, 1, 0, 1, 0, 0)
    world.shop.later(days=2)
    getattr(world, way)(packed.codes[1])
    world.work()
    latest = world.halls.latest(event)
    assert (latest.version, latest.why) == (2, StatementWhy.FOUND)
    assert lines(latest)["cup-355"] == (2, 2, 0, 0, 0, 0)
    assert world.ended(packed.codes[1]) == [Outcome.RETURNED]
    world.is_true()


def test_a_halls_cup_left_at_a_cafe_after_all_was_agreed(world: World) -> None:
    """What both sides signed stays as it is; the cup is back all the same."""
    event, packed = home(world)
    statement = world.halls.count(
        event, lines={"bowl": (10, 0)}, received=packed.codes[:1], crate=packed.crate
    )
    world.halls.confirm(statement)
    say_right(world.halls, event, 1)
    assert world.halls.stage(event) is Stage.SETTLED
    world.cafe(packed.codes[1])
    world.work()
    assert world.halls.latest(event).version == 1
    assert world.halls.stage(event) is Stage.SETTLED
    assert world.loop.item(packed.codes[1]).state is State.RETURNED
    world.is_true()


def test_a_cup_lent_on_from_a_crate_at_the_centre(world: World) -> None:
    """Counted, washed, lent at a café: its event's loan is over, the café's has nothing to do with it."""
    event, packed = home(world)
    world.halls.count(event, lines={"bowl": (10, 0)}, received=packed.codes, crate=packed.crate)
    cup, loop = packed.codes[0], world.loop
    for step in (loop.wash, loop.pass_, loop.ship, loop.stock):
        step(cup)
    loop.lend(cup, DANA)
    world.work()
    assert lines(world.halls.latest(event))["cup-355"] == (2, 2, 0, 0, 0, 0)
    loop.retire(cup)  # broken at the café: not the hall's
    world.work()
    assert world.halls.latest(event).version == 1
    again = world.halls.count(event, lines={"bowl": (10, 0)})
    assert lines(again)["cup-355"] == (2, 2, 0, 0, 0, 0)
    world.is_true()
