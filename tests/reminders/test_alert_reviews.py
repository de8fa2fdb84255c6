"""Alerts that nobody acts on: a review entry per place, with a repair, closed when pieces go on."""

from datetime import timedelta

import pytest

from lending.loop.care.decisions import Decision
from lending.loop.care.review import reopen_review, settle_review
from lending.loop.policy.edit import set_limit
from lending.loop.policy.limits import Limit, LimitOwner
from lending.loop.steps import State
from tests.drops import reviews
from tests.personas import DAY, HARU, WASH, Loop
from tests.reminders.alarms import kinds, sweep

pytestmark = pytest.mark.usefixtures("nobody_wants_clean_cups")


def repair(loop: Loop, entry: int) -> None:
    loop.write(
        lambda s: settle_review(
            s, review_id=entry, decision=Decision.REPAIR, actor=loop.town.officer,
            keys=loop.keys, now=loop.now,
        )
    )  # fmt: skip


def test_then_one_review_entry_per_place_with_a_repair(loop: Loop) -> None:
    cups = loop.new_cups(3)
    for step in (loop.wash, loop.pass_, loop.ship):
        for cup in cups:
            step(cup)
    loop.now += 2 * DAY
    sweep(loop)
    loop.now += DAY
    assert sweep(loop).reviewed == 1
    loop.now += DAY
    assert sweep(loop).reviewed == 0
    (entry,) = reviews(loop)
    assert (entry.subject, entry.site_id) == ("stuck_shipped", loop.town.sites[HARU])

    repair(loop, entry.id)
    assert {loop.item(cup).state for cup in cups} == {State.READY}
    assert {loop.item(cup).site for cup in cups} == {loop.town.sites[HARU]}
    assert all(loop.item(cup).clean for cup in cups)
    sweep(loop)
    assert kinds(loop, loop.town.mina) == []
    loop.check()
    loop.now += timedelta(hours=1)
    loop.write(
        lambda s: reopen_review(
            s, review_id=entry.id, actor=loop.town.officer, keys=loop.keys, now=loop.now
        )
    )
    assert {loop.item(cup).state for cup in cups} == {State.SHIPPED}
    loop.check()


def test_a_repair_leaves_alone_what_the_entry_is_not_about(loop: Loop) -> None:
    waits, held = loop.clean_cups(2)
    loop.hold(held)
    loop.now += 60 * DAY
    sweep(loop)
    loop.now += DAY
    sweep(loop)
    entry = next(one for one in reviews(loop) if one.subject == "stuck_ready")
    repair(loop, entry.id)
    assert [loop.item(cup).state for cup in (waits, held)] == [State.LOST, State.READY]


def test_a_repair_of_shipments_that_the_sender_is_told_of(loop: Loop) -> None:
    loop.write(
        lambda s: set_limit(
            s, district_id=loop.town.id, state="shipped", limit=Limit(2, LimitOwner.PLACE),
            valid_from=loop.now, now=loop.now,
        )
    )  # fmt: skip
    (cup,) = loop.new_cups()
    for step in (loop.wash, loop.pass_, loop.ship):
        step(cup)
    loop.now += 2 * DAY
    sweep(loop)
    loop.now += DAY
    sweep(loop)
    (entry,) = reviews(loop)
    assert (entry.subject, entry.site_id) == ("stuck_shipped", loop.town.sites[WASH])
    repair(loop, entry.id)
    piece = loop.item(cup)
    assert (piece.state, piece.site) == (State.READY, loop.town.sites[HARU])
    loop.now += timedelta(hours=1)
    loop.write(
        lambda s: reopen_review(
            s, review_id=entry.id, actor=loop.town.officer, keys=loop.keys, now=loop.now
        )
    )
    assert loop.item(cup).state is State.SHIPPED


def test_a_review_entry_closes_when_the_pieces_go_on(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.now += 3 * DAY
    sweep(loop)
    loop.now += DAY
    sweep(loop)
    loop.wash(cup)
    sweep(loop)
    assert [(entry.subject, entry.settled_how) for entry in reviews(loop)] == [
        ("stuck_dirty", "vanished")
    ]


def test_old_review_entries_are_told_too(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.lend(cup, None, ask=False, by=loop.town.yuna)
    loop.now += 3 * DAY
    sweep(loop)
    assert kinds(loop, loop.town.yuna) == [("waiting_review", 1)]
    loop.now += DAY
    assert sweep(loop).escalated == 1
    assert len(reviews(loop)) == 1  # no entry about entries
