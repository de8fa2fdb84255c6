"""Recalls when things come twice: a value entered thrice, a retire taken back, a second wash."""

import uuid
from dataclasses import replace
from functools import partial

import pytest

from lending.errors import Code
from lending.loop.steps import State
from lending.washing.batches.days import name_day
from lending.washing.hygiene.recalls import send_to_rewash
from lending.washing.hygiene.samples import SampleIn, note_sample
from lending.washing.hygiene.tables import Ending, Scope
from tests.personas import MINUTE
from tests.races import at_once
from tests.washing.centre import Centre, refused, sweep


def test_a_value_entered_a_third_time_ends_the_recall_when_it_is_good(centre: Centre) -> None:
    (cup,) = centre.loop.new_cups(1)
    test = centre.sample(centre.passed(cup))
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    again = centre.again(test, 1900)
    assert again.recall_id == recall
    third = centre.again(again.id, 90)
    assert third.passed and third.recall_id == recall
    assert centre.recall(recall).line.closed_how is Ending.REENTRY
    assert centre.held(recall) == set()


def test_a_value_entered_a_third_time_over_the_limit_is_confirmed(centre: Centre) -> None:
    (cup,) = centre.loop.new_cups(1)
    test = centre.sample(centre.passed(cup))
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    third = centre.again(centre.again(test, 1900).id, 1950)
    assert third.recall_id == recall
    assert centre.confirm(recall) == 0
    assert centre.recall(recall).line.confirmed_at is not None


def test_a_piece_whose_retiring_is_taken_back_is_held(centre: Centre) -> None:
    loop = centre.loop
    kept, back = loop.new_cups(2)
    batch = centre.passed(kept, back)
    retire = loop.retire(back)
    recall = centre.fail(batch)
    assert centre.held(recall) == {kept}
    assert loop.void(back, retire.id, by=centre.jun).error is None
    sweep(centre)
    assert centre.held(recall) == {kept, back}
    loop.check()


def test_washed_again_in_the_machine_under_recall_it_is_held_again(centre: Centre) -> None:
    loop = centre.loop
    cup, other = loop.new_cups(2)
    batch = centre.passed(cup, other, machine="A")
    test = centre.sample(batch)
    recall = centre.result(test, 2000, Scope.MACHINE).recall_id
    assert recall is not None
    loop.now += MINUTE
    ends = {"recall_id": recall, "actor": centre.jun, "keys": loop.keys}
    for _ in range(2):
        assert centre.write(send_to_rewash, codes=[cup], **ends) == []
        loop.now += MINUTE
        assert centre.held(recall) == {other}
        centre.washed(cup, machine="A")
        assert centre.held(recall) == {cup, other}
        assert centre.recall(recall).line.open == 2
    centre.result(centre.sample(batch, retest_of=test), 90)
    assert centre.release(recall) == 2
    loop.now += MINUTE
    assert centre.held(recall) == set()
    loop.check()


def test_washed_again_in_another_machine_it_is_free(centre: Centre) -> None:
    loop = centre.loop
    cup, other = loop.new_cups(2)
    recall = centre.fail(centre.passed(cup, other, machine="A"), Scope.MACHINE)
    centre.write(send_to_rewash, codes=[cup], recall_id=recall, actor=centre.jun, keys=loop.keys)
    loop.now += MINUTE
    centre.passed(cup, machine="B")
    sweep(centre)
    assert centre.held(recall) == {other}
    assert loop.item(cup).clean
    loop.check()


@pytest.mark.parametrize("required", [True, False])
def test_nothing_is_put_into_a_days_batch(centre: Centre, required: bool) -> None:
    if required:
        centre.require_batch()
    loop = centre.loop
    cups = loop.new_cups(1)
    day = centre.write(name_day, site=centre.site(), day=loop.now.date(), actor=centre.jun)
    wrong = refused(centre.put, day, *cups)
    assert (wrong.code, wrong.field) == (Code.CONFLICT, "batch")
    assert loop.item(cups[0]).state is State.DIRTY


def test_a_machines_sample_sent_twice_at_once_is_one(centre: Centre) -> None:
    machine = centre.machine("A")
    taken = SampleIn(uuid.uuid4(), "atp", centre.loop.now, machine_id=machine)
    note = partial(centre.write, note_sample, taken, actor=centre.jun, site=centre.site())
    note_other = replace(taken, id=uuid.uuid4())
    centre.write(note_sample, note_other, actor=centre.jun, site=centre.site())
    assert {view.id for view in at_once([note] * 6)} == {taken.id}
