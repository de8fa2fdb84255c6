"""The loop's states: every action's target, what counts as clean, hold, retire, sightings."""

import pytest

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import SIGHTINGS, STEPS, Action, Gap, Outcome, State
from tests.personas import BOX, DANA, HARU, MINJI, NABI, WASH, Loop

# design.md §2: every action has one target state whatever came before.
TARGETS = {
    Action.WASH: State.WASHED,
    Action.PASS: State.READY,
    Action.REWASH: State.DIRTY,
    Action.SHIP: State.SHIPPED,
    Action.STOCK: State.READY,
    Action.LEND: State.LENT,
    Action.RETURN: State.RETURNED,
    Action.COLLECT: State.COLLECTED,
    Action.RECEIVE: State.DIRTY,
    Action.RETIRE: State.RETIRED,
    Action.LOSE: State.LOST,
}
WAYS: dict[State, tuple[Action, ...]] = {
    State.DIRTY: (),
    State.WASHED: (Action.WASH,),
    State.READY: (Action.WASH, Action.PASS),
    State.SHIPPED: (Action.WASH, Action.PASS, Action.SHIP),
    State.LENT: (Action.WASH, Action.PASS, Action.LEND),
    State.RETURNED: (Action.WASH, Action.PASS, Action.LEND, Action.RETURN),
    State.COLLECTED: (Action.WASH, Action.PASS, Action.LEND, Action.COLLECT),
    State.LOST: (Action.LOSE,),
}
NO_TARGET = (Action.HOLD, Action.EXTEND, Action.RESUME)


def bring(loop: Loop, state: State) -> str:
    """A piece in this state."""
    (cup,) = loop.new_cups()
    if WAYS[state]:
        loop.go(*(loop.scan(action, cup, site=HARU) for action in WAYS[state]))
    assert loop.item(cup).state is state
    return cup


def test_the_round_leads_back_to_where_it_began(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    assert (loop.item(cup).state, loop.item(cup).site) == (State.DIRTY, loop.town.sites[WASH])
    seen = []
    for step in (
        loop.wash, loop.pass_, loop.ship, loop.stock, loop.lend, loop.give_back, loop.collect,
        loop.receive,
    ):  # fmt: skip
        receipt = step(cup)
        assert (receipt.result, receipt.gaps) == (Result.RECORDED, ())
        seen.append((receipt.item.state.value, receipt.item.site))
    assert seen == [
        ("washed", WASH), ("ready", WASH), ("shipped", WASH), ("ready", HARU), ("lent", HARU),
        ("returned", HARU), ("collected", HARU), ("dirty", WASH),
    ]  # fmt: skip
    loop.check()


@pytest.mark.parametrize("state", WAYS)
def test_every_action_has_one_target_whatever_came_before(loop: Loop, state: State) -> None:
    cups = {action: bring(loop, state) for action in TARGETS}
    receipts = loop.go(*(loop.scan(action, cup, site=NABI) for action, cup in cups.items()))
    assert {receipt.result for receipt in receipts} == {Result.RECORDED}
    assert [receipt.item.state for receipt in receipts] == list(TARGETS.values())
    assert [loop.item(cup).state for cup in cups.values()] == list(TARGETS.values())
    loop.check()


@pytest.mark.parametrize("state", WAYS)
def test_marks_leave_the_state(loop: Loop, state: State) -> None:
    for action in NO_TARGET:
        cup = bring(loop, state)
        assert loop.see(action, cup, site=NABI).item.state is state


def test_clean_needs_a_pass_that_has_a_wash(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    assert not loop.wash(cup).item.clean
    assert loop.pass_(cup).item.clean
    assert loop.ship(cup).item.clean
    assert loop.stock(cup).item.clean


@pytest.mark.parametrize(
    "action",
    [Action.LEND, Action.RETURN, Action.COLLECT, Action.RECEIVE, Action.REWASH, Action.HOLD,
     Action.RELEASE],
)  # fmt: skip
def test_what_soils_asks_for_a_new_wash_and_pass(loop: Loop, action: Action) -> None:
    cup = loop.clean_cup()
    assert not loop.one(action, cup, ask=False, site=HARU).item.clean
    assert not loop.one(Action.PASS, cup, ask=False, site=HARU).item.clean
    if action is Action.HOLD:
        assert not loop.wash(cup).item.clean
        assert loop.pass_(cup).item.clean
        return
    loop.wash(cup)
    assert loop.pass_(cup).item.clean


def test_washed_again_a_clean_cup_waits_for_its_next_pass(loop: Loop) -> None:
    cup = loop.clean_cup()
    assert not loop.wash(cup).item.clean
    assert loop.pass_(cup).item.clean


def test_pass_without_wash_is_refused_as_not_clean(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    assert loop.pass_(cup).error is Code.NOT_CLEAN
    cup = loop.lent_cup()
    loop.receive(cup)
    assert loop.pass_(cup).error is Code.NOT_CLEAN
    assert loop.item(cup).state is State.DIRTY


def test_a_stray_stock_or_pass_sets_the_state_and_a_gap_never_clean(loop: Loop) -> None:
    stocked, passed = loop.lent_cup(), loop.lent_cup()
    loop.give_back(stocked)
    loop.give_back(passed)
    stock, check = loop.stock(stocked), loop.pass_(passed, ask=False)
    for receipt in (stock, check):
        assert receipt.item.state is State.READY
        assert not receipt.item.clean
        assert Gap.NOT_CLEAN in receipt.gaps


def test_returned_and_stocked_is_not_lent(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.give_back(cup)
    loop.stock(cup)
    assert loop.lend(cup, DANA).error is Code.NOT_CLEAN
    loop.check()


def test_passed_at_the_centre_and_lent_elsewhere_counts_ship_and_stock(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.wash(cup)
    loop.pass_(cup)
    receipt = loop.lend(cup)
    assert receipt.result is Result.RECORDED
    assert set(receipt.gaps) == {Gap.MISSED_SHIP, Gap.MISSED_STOCK}
    assert loop.gaps(cup) == [Gap.MISSED_SHIP, Gap.MISSED_STOCK]
    assert receipt.item.state is State.LENT


def test_hold_is_a_mark_that_moves_do_not_end(loop: Loop) -> None:
    cup = loop.clean_cup()
    assert loop.hold(cup, "crack?").item.hold == "crack?"
    loop.collect(cup)
    loop.receive(cup)
    loop.wash(cup)
    loop.pass_(cup)
    moved = loop.stock(cup, by=loop.town.yuna)
    assert (moved.item.site, moved.item.hold, moved.item.clean) == (NABI, "crack?", True)
    assert loop.lend(cup, by=loop.town.yuna).error is Code.HELD
    assert loop.release(cup).item.hold is None


def test_a_lent_piece_on_hold_stays_lent(loop: Loop) -> None:
    cup = loop.lent_cup()
    receipt = loop.hold(cup, "recall")
    assert (receipt.item.state, receipt.item.hold) == (State.LENT, "recall")
    assert loop.loans(cup)[0].closed_at is None


def test_retired_is_left_only_by_a_void(loop: Loop) -> None:
    cup = loop.clean_cup()
    retire = loop.retire(cup)
    for action in sorted(SIGHTINGS):
        seen = loop.see(action, cup, site=BOX, borrower=None)
        assert (seen.item.state, seen.item.site) == (State.RETIRED, BOX)
        assert Gap.RETIRED_SEEN in seen.gaps
    assert loop.loans(cup) == []
    loop.void(cup, retire.id, by=loop.town.officer, site=HARU)
    assert loop.item(cup).state is not State.RETIRED
    assert Gap.RETIRED_SEEN not in loop.gaps(cup)
    loop.check()


def test_no_question_lends_a_held_or_retired_piece(loop: Loop) -> None:
    held, retired = loop.clean_cups(2)
    loop.hold(held)
    loop.retire(retired)
    for override in (None, "manager says so", "group"):
        assert loop.lend(held, override=override).error is Code.HELD
        assert loop.lend(retired, override=override).error is Code.RETIRED


def test_the_sightings_are_these(loop: Loop) -> None:
    names = "wash pass rewash release ship stock lend return collect receive pack unpack"
    assert {action.value for action in SIGHTINGS} == set(names.split())


@pytest.mark.parametrize("action", sorted(SIGHTINGS - {Action.LEND, Action.RETURN}))
def test_a_sighting_that_is_no_return_closes_the_loan_as_implied(
    loop: Loop, action: Action
) -> None:
    cup = loop.lent_cup()
    receipt = loop.see(action, cup, site=NABI)
    (loan,) = loop.loans(cup)
    assert (loan.outcome, loan.closed_by) == (Outcome.IMPLIED, receipt.id)
    assert receipt.item.state is not State.LENT


def test_an_implied_return_never_harms_the_borrower(loop: Loop) -> None:
    cups = [loop.lent_cup() for _ in range(5)]
    another = loop.clean_cup()
    assert loop.lend(another).error is Code.TOO_MANY_OPEN
    loop.receive(cups[0])
    assert loop.lend(another).result is Result.RECORDED


def test_retire_closes_a_loan_as_retired(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.retire(cup)
    assert [loan.outcome for loan in loop.loans(cup)] == [Outcome.RETIRED]


def test_a_return_needs_only_the_code_and_a_place(loop: Loop) -> None:
    cup = loop.lent_cup(to=MINJI)
    back = loop.give_back(cup, by=loop.town.machine)
    assert (back.result, back.item.state, back.item.site) == (Result.RECORDED, State.RETURNED, BOX)
    assert loop.loans(cup)[0].outcome is Outcome.RETURNED


def test_a_lost_piece_seen_anywhere_is_back_in_the_loop(loop: Loop) -> None:
    for action in sorted(SIGHTINGS):
        cup = loop.clean_cup()
        loop.lose(cup)
        receipt = loop.see(action, cup, site=NABI)
        assert receipt.item.state is not State.LOST
        assert receipt.item.site == NABI


def test_every_row_of_the_table_leads_where_the_page_says() -> None:
    assert {action: step.to for action, step in STEPS.items() if step.to} == {
        **TARGETS, Action.REGISTER: State.DIRTY, Action.GIVE_UP: State.LOST,
    }  # fmt: skip
