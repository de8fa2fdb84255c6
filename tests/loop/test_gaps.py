"""Gaps: what a scan shows the loop to have missed, how it vanishes, and which ones need a head."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action, Gap, State
from lending.loop.tables import Review, ScanGap
from tests.personas import BOX, DANA, HARU, MINJI, MINUTE, NABI, WASH, Loop

G = Gap
# After so many steps of the round comes an action at a place: what the loop did not see.
ROUND = ("wash", "pass_", "ship", "stock", "lend", "give_back", "collect", "receive")
MISSED = [
    (2, Action.LEND, HARU, {G.MISSED_SHIP, G.MISSED_STOCK}),
    (2, Action.STOCK, HARU, {G.MISSED_SHIP}),
    (3, Action.LEND, HARU, {G.MISSED_STOCK}),
    (4, Action.RETURN, HARU, {G.MISSED_LEND}),
    (5, Action.COLLECT, HARU, {G.MISSED_RETURN}),
    (5, Action.RECEIVE, WASH, {G.MISSED_RETURN, G.MISSED_COLLECT}),
    (6, Action.RECEIVE, WASH, {G.MISSED_COLLECT}),
    (6, Action.WASH, WASH, {G.MISSED_COLLECT, G.MISSED_RECEIVE}),
    (7, Action.WASH, WASH, {G.MISSED_RECEIVE}),
]
CALM = {G.MISSED_SHIP, G.MISSED_STOCK, G.MISSED_COLLECT, G.MISSED_RECEIVE}


def after(loop: Loop, steps: int) -> str:
    """A cup that went so many steps of the round as it should."""
    (cup,) = loop.new_cups()
    for step in ROUND[:steps]:
        assert getattr(loop, step)(cup).gaps == ()
    return cup


def reviews(loop: Loop, scan_id: uuid.UUID) -> dict[str, str | None]:
    """How the entries about a scan stand, by subject."""
    with Session(loop.engine) as session:
        query = sa.select(Review.subject, Review.settled_how).where(Review.scan_id == scan_id)
        return {row.subject: row.settled_how for row in session.execute(query)}


@pytest.mark.parametrize(("steps", "action", "site", "gaps"), MISSED)
def test_missed_steps_are_counted_where_they_show(
    loop: Loop, steps: int, action: Action, site: str, gaps: set[Gap]
) -> None:
    cup = after(loop, steps)
    receipt = loop.one(action, cup, ask=False, site=site)
    assert set(receipt.gaps) == gaps
    assert set(loop.gaps(cup)) == gaps
    assert loop.item(cup).gaps == len(gaps)
    with Session(loop.engine) as session:
        rows = session.scalars(sa.select(ScanGap)).all()
    assert {(row.scan_id, row.site_id) for row in rows} == {(receipt.id, loop.town.sites[site])}
    loop.check()


@pytest.mark.parametrize(("steps", "action", "site", "gaps"), MISSED)
def test_gaps_that_touch_no_person_and_no_safety_stay_out_of_the_queue(
    loop: Loop, steps: int, action: Action, site: str, gaps: set[Gap]
) -> None:
    cup = after(loop, steps)
    receipt = loop.one(action, cup, ask=False, site=site)
    assert not reviews(loop, receipt.id).keys() & CALM


def test_the_loop_as_it_should_be_shows_no_gap(loop: Loop) -> None:
    cup = loop.lent_cup()
    for step in (loop.give_back, loop.collect, loop.receive, loop.wash, loop.pass_, loop.ship):
        assert step(cup).gaps == ()
    assert loop.item(cup).gaps == 0


def test_a_late_fact_takes_a_gap_away_and_closes_its_review(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    start = loop.now
    loop.now += 60 * MINUTE
    lend = loop.lend(cup, ask=False)
    assert reviews(loop, lend.id) == {G.UNCLEAN_LEND: None}
    loop.wash(cup, ask=False, at=start)
    loop.pass_(cup, ask=False, at=start + MINUTE)
    loop.ship(cup, ask=False, at=start + 2 * MINUTE)
    loop.stock(cup, at=start + 3 * MINUTE)
    assert (loop.gaps(cup), loop.item(cup).gaps) == ([], 0)
    assert reviews(loop, lend.id) == {G.UNCLEAN_LEND: "vanished"}
    loop.check()


def test_a_gap_that_comes_back_opens_its_review_again(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    start = loop.now
    loop.now += 60 * MINUTE
    lend = loop.lend(cup, ask=False)
    loop.pass_(cup, ask=False, at=start + MINUTE)
    wash = loop.wash(cup, ask=False, at=start)
    assert reviews(loop, lend.id) == {G.UNCLEAN_LEND: "vanished"}
    loop.void(cup, wash.id, by=loop.town.jun)
    assert reviews(loop, lend.id) == {G.UNCLEAN_LEND: None}
    loop.check()


def test_a_decision_survives_replay(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    start = loop.now
    loop.now += 60 * MINUTE
    lend = loop.lend(cup, ask=False)
    decided = sa.update(Review).values(settled_at=loop.now, settled_how="accepted")
    loop.write(lambda session: session.execute(decided))
    loop.pass_(cup, ask=False, at=start + MINUTE)
    wash = loop.wash(cup, ask=False, at=start)
    loop.void(cup, wash.id, by=loop.town.jun)
    assert reviews(loop, lend.id) == {G.UNCLEAN_LEND: "accepted"}


def test_the_queue_holds_what_needs_a_head(loop: Loop) -> None:
    cups = loop.clean_cups(4)
    loop.lend(cups[0], MINJI, ask=False)
    two = loop.lend(cups[0], DANA, ask=False)
    nobody = loop.lend(cups[1], "??", ask=False)
    loop.retire(cups[2])
    seen = loop.give_back(cups[2], by=loop.town.machine)
    loop.give_back(cups[3])
    stray = loop.stock(cups[3])
    assert reviews(loop, two.id) == {G.SUPERSEDED: None}
    assert reviews(loop, nobody.id) == {G.BORROWER_UNRESOLVED: None}
    assert reviews(loop, seen.id) == {G.RETIRED_SEEN: None}
    assert reviews(loop, stray.id) == {G.NOT_CLEAN: None}


def test_a_review_has_a_place_an_age_and_an_end_after_two_weeks(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    at = loop.now
    loop.lend(cup, ask=False)
    with Session(loop.engine) as session:
        review = session.scalars(sa.select(Review)).one()
    assert (review.site_id, review.opened_at) == (loop.town.sites[HARU], at)
    assert review.settle_by == at + timedelta(days=14)


def test_returned_again_at_the_same_place_within_ten_minutes_is_no_missed_lend(
    loop: Loop,
) -> None:
    cup = loop.lent_cup()
    loop.give_back(cup)
    assert loop.give_back(cup).gaps == ()
    loop.now += 11 * MINUTE
    assert loop.give_back(cup).gaps == (G.MISSED_LEND,)


def test_returned_again_elsewhere_the_piece_moves_and_a_missed_lend_counts(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.give_back(cup)
    again = loop.give_back(cup, by=loop.town.yuna)
    assert again.gaps == (G.MISSED_LEND,)
    assert (again.item.site, again.item.state) == (NABI, State.RETURNED)


def test_a_held_lend_that_happened_is_marked_for_review(loop: Loop) -> None:
    cup = loop.clean_cup()
    loop.hold(cup)
    receipt = loop.lend(cup, ask=False)
    assert G.HELD_LEND in receipt.gaps
    assert G.HELD_LEND in reviews(loop, receipt.id)


def test_a_piece_seen_in_a_return_box_needs_no_gap(loop: Loop) -> None:
    cup = loop.lent_cup()
    assert loop.give_back(cup, by=loop.town.machine).gaps == ()
    assert loop.collect(cup, BOX).gaps == ()
