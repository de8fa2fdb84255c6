"""Recalls: who is told and when, what is set aside, and how they end."""

import uuid
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, State
from lending.washing.hygiene.aside import list_to_set_aside, tick_set_aside
from lending.washing.hygiene.piece import load_piece_hygiene
from lending.washing.hygiene.recalls import retire_pieces, send_to_rewash
from lending.washing.hygiene.tables import Ending
from tests.personas import DANA, HARU, MINUTE, NABI, WASH
from tests.washing.centre import Centre, out_to, refused, sweep, told


def test_a_value_typed_wrong_alarms_nobody_outside_and_is_taken_back(centre: Centre) -> None:
    loop = centre.loop
    here, away, lent = loop.new_cups(3)
    batch = centre.passed(here, away, lent)
    out_to(loop, away)
    out_to(loop, lent)
    loop.lend(lent)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    loop.now += MINUTE
    assert centre.held(recall) == {here, away, lent}
    assert refused(centre.confirm, recall).field == "retest"
    assert told(loop) == 0
    assert centre.again(test, 200).passed
    assert centre.held(recall) == set()
    assert centre.recall(recall).line.closed_how is Ending.REENTRY
    assert loop.item(here).clean and loop.item(away).clean
    assert loop.item(away).site == loop.town.sites[HARU]
    assert loop.lend(away).result is Result.RECORDED
    assert loop.ship(here).result is Result.RECORDED
    assert told(loop) == 0
    loop.check()


def test_entered_again_over_the_limit_it_can_be_confirmed_and_borrowers_are_told(
    centre: Centre, spread: tuple[uuid.UUID, dict[str, str]]
) -> None:
    batch, cups = spread
    loop = centre.loop
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    public = partial(_banner, centre, cups["haru"])
    assert not public()
    centre.again(test, 1900)
    assert centre.confirm(recall) == 2  # who has one, and who brought one back
    assert centre.confirm(recall) == 0
    assert told(loop) == 2
    assert public()
    assert not _banner(centre, cups["again"])
    assert refused(centre.again, test, 100).code is Code.CONFLICT


def test_a_recall_ends_by_release_after_a_good_retest(centre: Centre) -> None:
    loop = centre.loop
    here, away = loop.new_cups(2)
    batch = centre.passed(here, away)
    out_to(loop, away)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    assert refused(centre.release, recall).field == "retest"
    centre.result(centre.sample(batch, retest_of=test), 900)
    assert refused(centre.release, recall).field == "retest"
    centre.confirm(recall)
    centre.result(centre.sample(batch, retest_of=test), 90)
    assert refused(centre.release, recall, "  ").field == "reason"
    assert centre.release(recall) == 2
    loop.now += MINUTE
    assert loop.item(away).clean and loop.lend(away).result is Result.RECORDED
    assert loop.ship(here).result is Result.RECORDED
    view = centre.recall(recall)
    assert (view.line.closed_how, view.line.reason) == (Ending.RELEASED, "retest 90")
    assert refused(centre.release, recall).field == "recall"
    assert refused(centre.confirm, recall).field == "recall"
    loop.check()


def test_a_recall_ends_when_its_last_piece_was_washed_again_or_retired(centre: Centre) -> None:
    loop = centre.loop
    washed, retired, stranger = loop.new_cups(3)
    batch = centre.passed(washed, retired)
    out_to(loop, washed)
    recall = centre.fail(batch)
    end = {"recall_id": recall, "actor": centre.jun, "keys": loop.keys}
    loop.collect(washed)
    loop.receive(washed)
    assert centre.write(send_to_rewash, codes=[washed, stranger], **end) == [stranger]
    loop.now += MINUTE
    assert (loop.item(washed).state, loop.item(washed).hold) == (State.DIRTY, None)
    assert centre.recall(recall).line.closed_at is None
    assert centre.write(retire_pieces, codes=[retired], **end) == []
    loop.now += MINUTE
    assert loop.item(retired).state is State.RETIRED
    assert centre.recall(recall).line.closed_how is Ending.RETIRED
    centre.passed(washed)
    assert loop.item(washed).clean
    loop.check()


def test_a_café_sets_its_pieces_aside_and_ticks_them_off(centre: Centre) -> None:
    loop = centre.loop
    cups = loop.new_cups(4)
    batch = centre.passed(*cups)
    for cup in cups[:3]:
        out_to(loop, cup)
    loop.lend(cups[2])
    recall = centre.fail(batch)

    def listed(site: str) -> set[str]:
        with Session(loop.engine) as session:
            return {x.code for x in list_to_set_aside(session, site_id=loop.town.sites[site])}

    assert listed(HARU) == set(cups[:2])
    assert listed(WASH) == {cups[3]}
    assert listed(NABI) == set()
    tick = partial(centre.write, tick_set_aside, site=centre.site(HARU), codes=cups)
    assert refused(tick, actor=loop.town.yuna).code is Code.NOT_ALLOWED_HERE
    assert tick(actor=loop.town.mina) == 2  # the third is lent
    assert tick(actor=loop.town.mina) == 0
    assert listed(HARU) == set()
    loop.give_back(cups[2])
    assert listed(HARU) == {cups[2]}
    places = centre.recall(recall).places
    assert {(line.site, line.state): (line.count, line.set_aside) for line in places} == {
        (HARU, State.READY): (2, 2),
        (HARU, State.RETURNED): (1, 0),
        (WASH, State.READY): (1, 0),
    }


def test_unconfirmed_for_half_an_hour_it_goes_up_once(centre: Centre) -> None:
    loop = centre.loop
    recall = centre.fail(centre.passed(*loop.new_cups(1)))
    assert sweep(centre).escalated == 0
    loop.now += timedelta(minutes=31)
    assert sweep(centre).escalated == 1
    assert sweep(centre).escalated == 0
    assert centre.recall(recall).line.escalated_at == loop.now


def test_a_confirmed_recall_is_not_passed_up_and_tells_who_borrowed_meanwhile(
    centre: Centre,
) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    out_to(loop, cup)
    lend = loop.scan(Action.LEND, cup, borrower=DANA)  # offline, told only later
    loop.now += MINUTE
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    loop.now += MINUTE
    centre.again(test, 2000)
    assert centre.confirm(recall) == 0
    loop.go(lend, by=loop.town.mina)
    loop.now += timedelta(minutes=40)
    swept = sweep(centre)
    assert (swept.told, swept.escalated) == (1, 0)
    assert sweep(centre).told == 0


def _banner(centre: Centre, cup: str) -> bool:
    with Session(centre.loop.engine) as session:
        piece = load_piece_hygiene(session, item_id=centre.loop.item_id(cup))
    return piece is not None and piece.recalled
