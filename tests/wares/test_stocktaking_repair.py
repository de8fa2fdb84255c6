"""What a stocktaking proposes to repair, and how that is taken back."""

from collections.abc import Sequence

import pytest

from lending.loop.care.review import reopen_review, settle_overdue_reviews
from lending.loop.steps import Action, Outcome, State
from lending.wares.stocktaking.repair import Repaired, step_for
from lending.wares.stocktaking.tables import Verdict
from tests.personas import DAY, HARU, MINUTE, NABI, Loop
from tests.wares.conftest import Wares
from tests.wares.stocktaking import Stocktaking, refused


def test_the_repair_records_what_was_seen_and_can_be_taken_back(wares: Wares) -> None:
    loop = wares.loop
    [gone] = loop.clean_cups(1)
    [stray] = loop.clean_cups(1, at=NABI)
    lent = loop.lent_cup()
    [dirty] = loop.new_cups()
    count = Stocktaking(wares)
    count.note(stray, lent, dirty)
    seen_at = loop.now - MINUTE
    count.end()
    [entry] = count.reviews()
    loop.now += DAY
    officer = {"actor": loop.town.officer}
    assert count.repair(**officer) == Repaired(seen=3, lost=0)
    here = loop.town.sites[HARU]
    assert {loop.item(cup).site for cup in (stray, lent, dirty)} == {here}
    assert loop.item(stray).clean and loop.item(stray).state is State.READY
    assert loop.item(dirty).state is State.DIRTY
    [loan] = loop.loans(lent)
    assert (loan.outcome, loan.closed_at) == (Outcome.RETURNED, seen_at)
    assert loop.item(gone).state is State.READY  # nothing loses a piece by itself
    assert count.reviews() == [] and refused(count.repair, **officer).field == "review"
    loop.check()
    loop.now += MINUTE
    count.write(reopen_review, review_id=entry.id, keys=loop.keys, **officer)
    assert loop.item(stray).site == loop.town.sites[NABI]
    assert loop.item(lent).state is State.LENT
    assert len(count.reviews()) == 1
    loop.now += MINUTE
    assert count.repair(**officer).seen == 3
    assert loop.item(lent).state is State.RETURNED
    loop.check()


def test_missing_pieces_are_lost_only_when_somebody_says_so(wares: Wares) -> None:
    loop = wares.loop
    gone, turned_up = loop.clean_cups(2)
    count = Stocktaking(wares)
    assert count.end().pieces == {Verdict.MISSING: 2}
    loop.lend(turned_up)
    [entry] = count.reviews()
    assert count.repair(lose_missing=True) == Repaired(seen=0, lost=1)
    assert loop.item(gone).state is State.LOST
    assert loop.item(turned_up).state is State.LENT
    loop.now += MINUTE
    officer = loop.town.officer
    count.write(reopen_review, review_id=entry.id, keys=loop.keys, actor=officer)
    assert loop.item(gone).state is State.READY
    loop.check()


def test_an_unexpected_crate_brings_what_is_in_it(wares: Wares) -> None:
    loop = wares.loop
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    loop.pack(crate, *cups)
    count = Stocktaking(wares)
    count.note(crate)
    assert count.end().pieces == {Verdict.UNEXPECTED: 3}
    assert count.repair().seen == 1
    here = loop.town.sites[HARU]
    for code in (crate, *cups):
        assert loop.item(code).site == here
    assert all(loop.item(cup).clean and loop.item(cup).stay for cup in cups)
    loop.check()


def test_nobody_decides_and_after_a_fortnight_it_is_noted(wares: Wares) -> None:
    loop = wares.loop
    loop.clean_cups(1)
    count = Stocktaking(wares)
    count.end()
    loop.now += 15 * DAY
    settled = loop.write(
        lambda s: settle_overdue_reviews(s, district_id=loop.town.id, keys=loop.keys, now=loop.now)
    )
    assert settled == 1
    assert [one.settled_how for one in count.reviews(settled=True)] == ["automatic"]
    loop.check()


STEPS: Sequence[tuple[State, bool, Action | None]] = [
    (State.RETIRED, False, None),
    (State.READY, False, Action.STOCK),
    (State.SHIPPED, True, Action.STOCK),
    (State.DIRTY, True, Action.UNPACK),
    (State.WASHED, False, Action.UNPACK),
    (State.LENT, False, Action.RETURN),
    (State.LOST, True, Action.RECEIVE),
    (State.COLLECTED, True, Action.RECEIVE),
]


@pytest.mark.parametrize(("state", "at_centre", "action"), STEPS)
def test_the_step_that_is_proposed(state: State, at_centre: bool, action: Action | None) -> None:
    assert step_for(state, at_centre=at_centre, carrier=False, holds_clean=False) is action


def test_a_retired_piece_is_left_to_a_head(wares: Wares) -> None:
    loop: Loop = wares.loop
    [cup] = loop.clean_cups(1)
    loop.retire(cup, by=loop.town.mina)
    count = Stocktaking(wares)
    count.note(cup)
    assert count.end().pieces == {Verdict.UNEXPECTED: 1}
    assert count.repair() == Repaired(seen=0, lost=0)
    assert loop.item(cup).state is State.RETIRED
