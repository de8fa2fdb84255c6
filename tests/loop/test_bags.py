"""The bag of a box is a crate: what is found in it was collected when the bag was taken."""

import pytest

from lending.loop.steps import Action, Outcome, State
from tests.loop.test_crates import derived
from tests.personas import BOX, MINUTE, Loop


@pytest.fixture
def crate(loop: Loop) -> str:
    return loop.new_crate()


def test_the_bag_of_a_box_brings_back_what_is_found_in_it(loop: Loop, crate: str) -> None:
    known, unseen = loop.lent_cup(), loop.lent_cup()
    loop.give_back(known, by=loop.town.machine)
    emptied = loop.now
    assert loop.collect(crate, site=BOX).carried == 1
    assert loop.item(known).state is State.COLLECTED
    loop.receive(known, crate=crate)
    loop.receive(unseen, crate=crate)
    [loan] = loop.loans(unseen)
    assert (loan.outcome, loan.closed_at) == (Outcome.RETURNED, emptied)
    assert {loop.item(cup).state for cup in (known, unseen)} == {State.DIRTY}
    assert loop.gaps(known) == []
    assert derived(loop, known) == derived(loop, unseen) == [Action.COLLECT]
    loop.check()


def test_a_bag_whose_collection_is_told_late(loop: Loop, crate: str) -> None:
    cup = loop.lent_cup()
    emptied = loop.now
    loop.now += 5 * MINUTE
    loop.receive(cup, crate=crate)
    assert loop.loans(cup)[0].outcome is Outcome.IMPLIED
    loop.collect(crate, site=BOX, at=emptied)
    [loan] = loop.loans(cup)
    assert (loan.outcome, loan.closed_at) == (Outcome.RETURNED, emptied)
    loop.check()
