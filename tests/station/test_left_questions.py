"""A question left by a page that was killed: nobody was told anything, and its action is unknown."""

from lending.loop.steps import Outcome, State
from tests.personas import DANA, MINJI, Loop
from tests.station.conftest import Till, results
from tests.station.test_meaning import question


def test_noted_as_returned_beside_a_refusal_it_stays_a_return(till: Till, loop: Loop) -> None:
    """The server would not lend the dirty cup and took it in; a queue must not lend it after all."""
    cup = loop.new_cups()[0]
    asked = question()
    assert till.beep(cup, MINJI, **asked)["error"] == "not_clean"
    left = till.entry(None, cup, borrower=MINJI) | asked
    told = [till.send(left)[0] for _ in range(2)]
    assert results(told) == ["recorded", "repeated"]
    assert {one["action"] for one in told} == {"return"}
    assert (loop.item(cup).state, loop.loans(cup)) == (State.RETURNED, [])
    assert till.person(MINJI)["open_cups"] == 0
    loop.check()


def test_answered_it_is_what_the_answer_said(till: Till, loop: Loop) -> None:
    back, out = loop.lent_cup(DANA), loop.clean_cup()
    first, second = question(), question()
    till.beep(back, **first)
    till.beep(out, MINJI, **second)
    told = till.send(till.entry(None, back) | first, till.entry(None, out, borrower=MINJI) | second)
    assert [(one["result"], one["action"]) for one in told] == [
        ("repeated", "return"), ("repeated", "lend"),
    ]  # fmt: skip


def test_never_arrived_and_asked_again_by_the_next_page_it_is_one_loan(
    till: Till, loop: Loop
) -> None:
    cup = loop.clean_cup()
    left = till.entry(None, cup, 0.5, borrower=MINJI)
    assert till.beep(cup, MINJI)["action"] == "lend"
    assert results(till.send(left)) == ["recorded"]
    [loan] = loop.loans(cup)
    assert (str(loan.id), loan.closed_at) == (left["id"], None)
    assert till.person(MINJI)["open_cups"] == 1
    loop.check()


def test_of_a_cup_that_came_back_it_is_one_return(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup(DANA)
    left = till.entry(None, cup, 0.5)
    till.beep(cup)  # the next page
    assert till.send(left)[0]["action"] == "return"
    [loan] = loop.loans(cup)
    assert (loan.outcome, loop.gaps(cup)) == (Outcome.RETURNED, [])
    loop.check()
