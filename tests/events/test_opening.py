"""A sealed crate is opened outside of an event: in the hall's store, on its way, at the centre."""

import uuid
from typing import Any

import pytest

from lending.errors import Code
from lending.events.board import hall_board
from lending.events.crates.opening import reopen_crate
from lending.events.reading import packed_for
from lending.events.values import PackIn
from lending.loop.steps import Action, State
from lending.people.actors import Actor
from lending.wares.ways import Condition, in_crate
from tests.events.halls import Halls
from tests.events.test_handing import refused
from tests.events.test_rounds import wishes
from tests.personas import MINUTE, WASH


def store(halls: Halls) -> list[str]:
    board = halls.read(
        lambda s: hall_board(s, site_id=halls.hall, actor=halls.haein, now=halls.now)
    )
    return [one.code for one in board.store if one.seal]


def is_clean(halls: Halls, packed: PackIn) -> bool:
    """Whether what is in a crate is clean, by code and by number."""
    crate = halls.loop.item_id(packed.crate)
    dirty = halls.wares.held(in_crate(crate, Condition.DIRTY))
    pieces = {halls.loop.item(cup).clean for cup in packed.codes}
    assert pieces == {not dirty}
    return not dirty


def test_a_broken_seal_makes_what_is_in_the_crate_used(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, cups=2, bowl=20)
    assert store(halls) == [packed.crate] and is_clean(halls, packed)
    halls.break_seal(packed)
    assert store(halls) == [] and not is_clean(halls, packed)
    assert halls.loop.item(packed.crate).state is State.RETURNED
    assert refused(lambda: halls.hand(event, packed))[0] is Code.NOT_CLEAN
    halls.fetch(packed.crate)  # it goes the way of used ware
    halls.check()


def test_a_broken_seal_is_told_once_and_of_the_crate_as_it_was(halls: Halls) -> None:
    packed, before = halls.crate(cups=1, bowl=20), halls.now - MINUTE * 60
    id, at = uuid.uuid4(), halls.now
    halls.break_seal(packed, at=before)  # of another seal, long ago
    assert is_clean(halls, packed)
    for _ in range(2):
        halls.break_seal(packed, id=id, at=at)
    halls.break_seal(packed)  # somebody else sees it too
    assert not is_clean(halls, packed)
    other = halls.crate(bowl=5)
    assert refused(lambda: halls.break_seal(other, id=id))[0] is Code.ID_REUSED
    halls.check()


def test_a_crate_that_comes_with_a_broken_seal_is_not_taken_into_the_store(halls: Halls) -> None:
    packed, wash = halls.pack(None, cups=1, bowl=20), halls.loop.site(WASH)
    ship = {"by": halls.loop.town.jun, "ask": False, "site": wash, "to": halls.code}
    halls.loop.one(Action.SHIP, packed.crate, **ship)
    halls.break_seal(packed)
    assert store(halls) == [] and not is_clean(halls, packed)
    assert halls.loop.item(packed.crate).site == halls.hall
    halls.check()


def test_who_says_so_and_of_what(halls: Halls) -> None:
    event, packed = halls.plan(), halls.crate(cups=1)
    for stranger in (halls.loop.town.mina, halls.loop.town.jun):  # a café, the centre from afar
        assert (
            refused(lambda by=stranger: halls.break_seal(packed, by=by))[0] is Code.NOT_ALLOWED_HERE
        )
    halls.hand(event, packed)
    assert refused(lambda: halls.break_seal(packed)) == (Code.CONFLICT, "crate", "out")
    halls.back(packed)
    halls.break_seal(packed)  # it is used anyway
    halls.check()


@pytest.mark.parametrize("is_reopened", [True, False])
def test_the_centre_opens_a_crate_before_it_leaves(halls: Halls, is_reopened: bool) -> None:
    event, jun = halls.plan(), halls.loop.town.jun
    packed = halls.pack(event, cups=1, bowl=20)
    assert wishes(halls) == {halls.code: 1}
    for _ in range(2):
        if is_reopened:
            halls.write(lambda s: reopen_crate(s, crate=packed.crate, actor=jun, now=halls.now))
        else:
            halls.break_seal(packed, by=jun)
    assert halls.read(lambda s: packed_for(s, event_id=event.id)) == []
    assert wishes(halls) == {}  # no driver is sent for it
    assert is_clean(halls, packed) is is_reopened
    if is_reopened:
        again = halls.pack(event, cups=1, crate=packed.crate)
        assert wishes(halls) == {halls.code: 1} and again.seal != packed.seal
    else:
        wrong = refused(lambda: halls.pack(event, cups=1, crate=packed.crate))
        assert wrong[0] is Code.NOT_CLEAN
    halls.check()


def test_only_the_centre_reopens_and_only_what_stands_there(halls: Halls) -> None:
    packed, jun = halls.crate(cups=1), halls.loop.town.jun

    def reopen(by: Actor) -> Any:
        return halls.write(lambda s: reopen_crate(s, crate=packed.crate, actor=by, now=halls.now))

    assert refused(lambda: reopen(halls.haein))[0] is Code.NOT_ALLOWED
    assert refused(lambda: reopen(jun)) == (Code.CONFLICT, "crate", "elsewhere")
