"""Losses: the worker's write-off names its lend, marks the loan without closing it, never wins over a sighting."""

import uuid
from datetime import timedelta

import pytest

from lending.errors import Code
from lending.loop.scans import Receipt, Result
from lending.loop.steps import SIGHTINGS, Action, Outcome, State
from tests.personas import DAY, HARU, MINJI, NABI, Loop


def write_off(loop: Loop, cup: str, lend: uuid.UUID, **more: object) -> Receipt:
    """What the worker sends: a lose that names the lend, under an id derived from it."""
    return loop.one(
        Action.LOSE, cup, ask=False, site=HARU, of=lend, id=uuid.uuid5(lend, "lose"), **more
    )


def lent(loop: Loop) -> tuple[str, uuid.UUID]:
    cup = loop.clean_cup()
    return cup, loop.lend(cup, MINJI).id


def test_a_write_off_marks_the_loan_lost_without_closing_it(loop: Loop) -> None:
    cup, lend = lent(loop)
    at = loop.now
    receipt = write_off(loop, cup, lend)
    assert (receipt.result, receipt.item.state) == (Result.RECORDED, State.LOST)
    (loan,) = loop.loans(cup)
    assert (loan.lost_at, loan.closed_at, loan.outcome) == (at, None, None)
    loop.check()


def test_the_same_write_off_twice_is_one(loop: Loop) -> None:
    cup, lend = lent(loop)
    at = loop.now
    write_off(loop, cup, lend, at=at)
    assert write_off(loop, cup, lend, at=at).result is Result.REPEATED


def test_a_lost_loan_closes_with_the_return(loop: Loop) -> None:
    cup, lend = lent(loop)
    write_off(loop, cup, lend)
    back = loop.give_back(cup)
    (loan,) = loop.loans(cup)
    assert (loan.outcome, loan.closed_by) == (Outcome.RETURNED, back.id)
    assert (back.item.state, back.gaps) == (State.RETURNED, ())


@pytest.mark.parametrize("action", sorted(SIGHTINGS - {Action.LEND, Action.RETURN}))
def test_the_next_sighting_closes_a_lost_loan(loop: Loop, action: Action) -> None:
    cup, lend = lent(loop)
    write_off(loop, cup, lend)
    loop.see(action, cup, site=NABI)
    assert loop.loans(cup)[0].outcome is Outcome.IMPLIED
    assert loop.item(cup).state is not State.LOST


def test_a_write_off_does_nothing_once_the_loan_is_closed(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.give_back(cup)
    write_off(loop, cup, lend)
    assert loop.item(cup).state is State.RETURNED
    assert loop.loans(cup)[0].lost_at is None
    loop.check()


def test_a_write_off_does_nothing_to_a_later_loan(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.lend(cup, "dana@example.org", ask=False)
    write_off(loop, cup, lend)
    assert loop.item(cup).state is State.LENT
    assert [loan.lost_at for loan in loop.loans(cup)] == [None, None]


def test_a_late_return_undoes_the_write_off_on_replay(loop: Loop) -> None:
    cup, lend = lent(loop)
    returned_at = loop.now
    loop.now += 40 * DAY
    write_off(loop, cup, lend)
    assert loop.item(cup).state is State.LOST
    loop.give_back(cup, at=returned_at)
    assert loop.item(cup).state is State.RETURNED
    (loan,) = loop.loans(cup)
    assert (loan.lost_at, loan.outcome, loan.closed_at) == (None, Outcome.RETURNED, returned_at)
    loop.check()


def test_a_late_sighting_after_the_lend_undoes_the_write_off(loop: Loop) -> None:
    cup, lend = lent(loop)
    seen_at = loop.now
    loop.now += 40 * DAY
    write_off(loop, cup, lend)
    loop.receive(cup, at=seen_at)
    assert loop.item(cup).state is State.DIRTY
    assert loop.loans(cup)[0].outcome is Outcome.IMPLIED
    loop.check()


def test_a_write_off_whose_lend_is_voided_does_nothing(loop: Loop) -> None:
    cup, lend = lent(loop)
    write_off(loop, cup, lend)
    loop.void(cup, lend)
    assert (loop.item(cup).state, loop.loans(cup)) == (State.READY, [])
    loop.check()


def test_a_cup_not_found_on_the_shelf_is_lost_without_a_loan(loop: Loop) -> None:
    cup = loop.clean_cup()
    assert loop.lose(cup).item.state is State.LOST
    assert loop.loans(cup) == []


def test_a_lost_cup_leaves_the_count_of_its_borrower(loop: Loop) -> None:
    cups = [lent(loop) for _ in range(5)]
    another = loop.clean_cup()
    assert loop.lend(another, MINJI).error is Code.TOO_MANY_OPEN
    write_off(loop, *cups[0])
    assert loop.lend(another, MINJI).result is Result.RECORDED


def test_the_loss_keeps_the_time_of_the_first_write_off(loop: Loop) -> None:
    cup, lend = lent(loop)
    at = loop.now
    write_off(loop, cup, lend)
    loop.now += timedelta(days=1)
    loop.lose(cup)
    assert loop.loans(cup)[0].lost_at == at
