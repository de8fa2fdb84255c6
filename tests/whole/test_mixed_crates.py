"""Funeral crates at another event, another hall, a shop, or nowhere."""

import uuid

import pytest

from lending.errors import Code, LendingError
from lending.events.values import Stage
from lending.loop.steps import Action, Outcome, State
from tests.events.halls import Halls, open_hall
from tests.events.test_counting import lines
from tests.personas import BOX, DANA, HARU
from tests.whole.mixed import World

# -- crates at another event or hall -----------------------------------------------------------------


def second_hall(world: World) -> Halls:
    return open_hall(world.halls.wares, "HALL2")


def test_a_crate_of_one_event_is_not_handed_to_another(world: World) -> None:
    """Asked, it is refused; told late, the earlier event's crate counts as seen there, once."""
    halls = world.halls
    one, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.out(one, cups=2, bowl=10)
    with pytest.raises(LendingError) as refused:
        halls.hand(other, packed)
    assert refused.value.code is Code.ALREADY_LENT
    world.is_true()
    halls.hand(other, packed, ask=False)
    world.is_true()
    first = halls.event(one)
    assert first.stage is Stage.BACK  # what went with it is to be counted for the first
    assert halls.stage(other) is Stage.OUT
    assert world.ended(packed.crate) == [Outcome.SUPERSEDED, None]
    assert [world.ended(cup) for cup in packed.codes] == [[None], [None]]
    halls.back(packed)
    halls.fetch(packed.crate)
    world.work()
    told = halls.count(one, lines={"bowl": (10, 0)}, received=packed.codes, crate=packed.crate)
    assert lines(told)["cup-355"][:4] == (2, 2, 0, 0)
    empty = halls.count(other)
    assert "bowl" not in lines(empty)
    world.is_true()


def test_a_crate_left_at_another_hall(world: World) -> None:
    """The other hall has no hand-out of it to end; its scan says where it is, and it is fetched there."""
    halls, other = world.halls, second_hall(world)
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    with pytest.raises(LendingError) as refused:
        halls.back(packed, by=other.haein)
    assert refused.value.code in (Code.NOT_ALLOWED_HERE, Code.NOT_FOUND)
    assert halls.stage(event) is Stage.OUT
    world.loop.one(Action.RETURN, packed.crate, by=other.haein, ask=False)
    world.work()
    assert halls.stage(event) is Stage.BACK
    assert world.loop.item(packed.crate).site == other.hall
    world.loop.collect(packed.crate, "HALL2", ask=False)
    world.loop.receive(packed.crate, ask=False)
    told = halls.count(event, lines={"bowl": (5, 0)}, received=packed.codes, crate=packed.crate)
    assert lines(told)["cup-355"] == (1, 1, 0, 0, 0, 0)
    world.is_true()


def test_a_sealed_crate_may_go_to_another_hall(world: World) -> None:
    """Never opened, it is clean; the courier brings it over, and there it is handed out."""
    halls, other = world.halls, second_hall(world)
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    halls.back(packed, sealed=True)
    loop = world.loop
    loop.one(
        Action.SHIP,
        packed.crate,
        by=loop.town.courier,
        ask=False,
        site=halls.code,
        to=loop.site("HALL2"),
    )
    loop.one(Action.STOCK, packed.crate, by=other.haein, ask=False)
    theirs = other.plan(site=loop.site("HALL2"))
    view = other.hand(theirs, packed)
    assert view.pieces == {"bowl": 5, "cup-355": 1}
    assert world.halls.stage(event) in (Stage.PLANNED, Stage.PACKED)
    other.back(packed)
    loop.collect(packed.crate, "HALL2", ask=False)
    loop.receive(packed.crate, ask=False)
    world.work()
    told = other.count(theirs, lines={"bowl": (5, 0)}, received=packed.codes, crate=packed.crate)
    assert lines(told)["cup-355"] == (1, 1, 0, 0, 0, 0)
    world.is_true()


def test_an_events_crate_taken_as_a_delivery_bag(world: World) -> None:
    """A shop packs an order into a crate that is out at an event: asked, it is refused."""
    halls = world.halls
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    assert world.shop.beep(packed.crate, uuid.uuid4()).error is Code.ALREADY_LENT
    late, order = world.shop.now, uuid.uuid4()
    world.shop.later(hours=1)
    assert world.shop.beep(packed.crate, order, at=late).error is None
    world.work()
    assert halls.stage(event) is Stage.BACK
    world.is_true()
    world.box(packed.crate)
    world.come_home(packed.crate)
    halls.count(event, lines={"bowl": (5, 0)}, received=packed.codes, crate=packed.crate)
    world.work()
    assert str(world.status(order)) == "returned"
    world.is_true()


def test_a_sealed_event_crate_that_a_shop_gives_to_an_order(world: World) -> None:
    """Counted ware in it went with the crate; nothing of the ledger is lost or doubled."""
    packed = world.halls.crate(cups=1, bowl=5)  # stands in the hall's store
    order = world.shop.packed(packed.crate)
    world.work()
    world.is_true()
    for code in (packed.crate, *packed.codes):
        world.box(code)
    world.work()
    assert str(world.status(order)) == "returned"
    world.is_true()


# -- nobody brings it --------------------------------------------------------------------------------


def test_pieces_of_an_event_that_never_come_are_written_off_and_found(world: World) -> None:
    """Thirty days past due: lost, told to nobody, the statement says missing; found, it is told."""
    halls = world.halls
    event = halls.plan()
    packed = halls.out(event, cups=2, bowl=10)
    world.shop.later(days=3)
    world.work()
    statement = halls.count(event, lines={"bowl": (0, 0)}, anyway=True)
    assert lines(statement)["cup-355"] == (2, 0, 0, 2, 0, 0)
    world.shop.later(days=35)
    world.work()
    for code in (packed.crate, *packed.codes):
        assert world.loop.item(code).state is State.LOST
    assert world.texts() == []
    world.is_true()
    world.loop.receive(packed.codes[0], ask=False)
    world.box(packed.crate)
    world.work()
    assert lines(halls.latest(event))["cup-355"] == (2, 1, 0, 1, 0, 0)
    assert world.loop.item(packed.crate).site == world.loop.town.sites[BOX]
    world.is_true()


def test_a_crate_that_comes_after_the_write_off_is_counted(world: World) -> None:
    halls = world.halls
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    world.shop.later(days=45)
    world.work()
    assert world.loop.item(packed.crate).state is State.LOST
    assert halls.stage(event) is Stage.OUT
    halls.back(packed)
    halls.fetch(packed.crate)
    told = halls.count(event, lines={"bowl": (5, 0)}, received=packed.codes, crate=packed.crate)
    assert lines(told)["cup-355"] == (1, 1, 0, 0, 0, 0)
    assert told.event.stage is Stage.COUNTED
    world.halls.confirm(told)
    world.shop.later(days=8)
    world.work()
    assert halls.stage(event) is Stage.SETTLED
    world.is_true()


def test_a_crate_opened_at_the_hall_and_its_cup_lent_at_a_cafe_before_the_count(
    world: World,
) -> None:
    """The till refuses what was never washed; a fact from offline is kept, counted and looked at."""
    halls, loop = world.halls, world.loop
    event = halls.plan()
    packed = halls.out(event, cups=2, bowl=5)
    cup = packed.codes[0]
    assert loop.lend(cup, DANA).error is Code.ALREADY_LENT
    loop.lend(cup, DANA, ask=False)
    assert world.ended(cup) == [Outcome.SUPERSEDED, None]
    halls.back(packed)
    halls.fetch(packed.crate)
    world.work()
    told = halls.count(event, lines={"bowl": (5, 0)}, received=packed.codes[1:], crate=packed.crate)
    assert lines(told)["cup-355"] == (
        2,
        2,
        0,
        0,
        0,
        0,
    )  # seen at the café: the hall has not lost it
    loop.give_back(cup, ask=False)
    assert loop.item(cup).site == loop.town.sites[HARU]
    world.shop.later(days=1)
    world.work()
    world.is_true()
