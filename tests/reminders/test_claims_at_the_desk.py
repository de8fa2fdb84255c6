"""A claim at the desk: asked after a week, with what is known; believed, not found, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.decisions import Decision
from lending.loop.care.drop_evidence import Evidence, load_evidence
from lending.loop.dropped import ClaimOutcome
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.loop.tables import Scan
from lending.people.tables import Role
from tests.drops import (
    ask_desk,
    check_whole,
    claims,
    drop,
    late_cup,
    lend_of,
    reopen,
    reviews,
    settle,
)
from tests.loop.test_resume import end_of_day
from tests.mail import Mail
from tests.personas import DANA, DAY, HARU, MINJI, NABI, Loop


def evidence(loop: Loop, cup: str) -> Evidence:
    with Session(loop.engine) as session:
        return load_evidence(session, [lend_of(loop, cup)])[lend_of(loop, cup)]


def test_the_desk_is_asked_after_a_week_and_once(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    said_at = loop.now
    drop(loop, cup, NABI)
    loop.now = said_at + 7 * DAY - timedelta(seconds=1)
    assert mail.upkeep()["asked"] == 0
    loop.now = said_at + 7 * DAY
    assert mail.upkeep()["asked"] == 1
    assert mail.upkeep()["asked"] == 0
    (review,) = reviews(loop)
    assert (review.subject, review.site_id) == ("says_returned", loop.town.sites[NABI])
    assert (review.scan_id, review.settle_by) == (lend_of(loop, cup), said_at + 30 * DAY)


def test_the_evidence_tells_when_the_place_was_emptied_by_whom_and_how_much(loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    before, *others = [loop.lent_cup(DANA) for _ in range(3)]
    loop.give_back(before)
    loop.now += 3 * DAY
    loop.collect(before)  # long before
    loop.now += 2 * DAY
    dropped_at = loop.now
    drop(loop, cup, HARU)
    assert (evidence(loop, cup).pieces, evidence(loop, cup).emptied) == (0, None)
    loop.now += DAY
    for one in others:
        loop.give_back(one)
        receipt = loop.collect(one)
    wrong = loop.collect(loop.clean_cup())
    elsewhere = loop.lent_cup(DANA)
    loop.collect(elsewhere, NABI)
    loop.go(loop.scan(Action.VOID, wrong.item.code, of=wrong.id, site=loop.site(HARU)))
    known = evidence(loop, cup)
    with Session(loop.engine) as session:
        last = session.get_one(Scan, receipt.id)
    assert known.pieces == 2
    assert known.emptied is not None
    assert (known.emptied.at, known.emptied.role) == (last.occurred_at, Role.COURIER)
    assert (known.site_name, known.dropped_at) == ("카페 하루", dropped_at)
    assert known.told == 0


def test_a_box_emptied_without_a_collect_is_known_by_what_the_centre_received(loop: Loop) -> None:
    cup, other = loop.lent_cup(MINJI), loop.lent_cup(DANA)
    drop(loop, cup, HARU)
    loop.receive(other, from_=loop.site(HARU))
    known = evidence(loop, cup)
    assert known.pieces == 1
    assert known.emptied is not None and known.emptied.role is Role.WASH


def test_believed_it_is_recorded_as_returned_where_and_when_it_was_said(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    loop.now += 2 * DAY
    said_at = loop.now
    drop(loop, cup, NABI)
    ask_desk(loop)
    (review,) = reviews(loop)
    settle(loop, review.id, Decision.RETURN)
    loan = loop.loans(cup)[0]
    assert (loan.closed_at, loan.outcome) == (said_at, Outcome.RETURNED)
    assert (loop.item(cup).state, loop.item(cup).site) == (State.RETURNED, loop.town.sites[NABI])
    assert claims(loop)[0].outcome is ClaimOutcome.BELIEVED
    check_whole(loop)
    reopen(loop, review.id)
    assert (loop.loans(cup)[0].closed_at, claims(loop)[0].outcome) == (None, None)
    assert mail.go(7) == []  # the clock stands still again
    check_whole(loop)


def test_believed_without_a_return_the_clock_stands_still_until_the_month_is_over(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    ask_desk(loop)
    settle(loop, reviews(loop)[0].id, Decision.FORGIVE)
    assert claims(loop)[0].outcome is ClaimOutcome.BELIEVED
    assert [mail.go(day) for day in (14, 21)] == [[], []]
    mail.at(29)
    assert mail.upkeep()["given_up"] == 0
    mail.at(31)
    assert mail.upkeep()["given_up"] == 1
    assert mail.upkeep()["given_up"] == 0
    assert loop.loans(cup)[0].outcome is Outcome.CLAIMED
    assert claims(loop)[0].outcome is ClaimOutcome.BELIEVED
    check_whole(loop)


def test_not_found_the_clock_goes_on_with_three_fresh_days(mail: Mail, loop: Loop) -> None:
    cup, fresh = late_cup(mail, loop)
    assert loop.lend(fresh, MINJI).error is Code.BORROWER_PAUSED
    drop(loop, cup)
    ask_desk(loop)
    (review,) = reviews(loop)
    decided = loop.now
    settle(loop, review.id, Decision.REJECT)
    assert claims(loop)[0].outcome is ClaimOutcome.NOT_FOUND
    assert loop.due(lend_of(loop, cup)) == end_of_day(decided, 3)
    check_whole(loop)
    (text,) = mail.go(20)  # told of it, with the new day
    until = end_of_day(decided, 3)
    assert "아직 찾지 못했어요" in text and f"{until.month}월 {until.day}일" in text
    mail.at(22)
    assert loop.lend(fresh, MINJI).result is Result.RECORDED  # no pause in the fresh days
    loop.give_back(fresh)
    mail.at(27)
    assert loop.lend(fresh, MINJI, ask=False).result is Result.RECORDED
    check_whole(loop)


def test_the_pause_comes_back_only_after_a_new_warning_in_time(mail: Mail, loop: Loop) -> None:
    cup, fresh = late_cup(mail, loop)
    drop(loop, cup)
    ask_desk(loop)
    settle(loop, reviews(loop)[0].id, Decision.REJECT)
    mail.at(40)  # nothing was sent since: no pause, no write-off
    assert loop.lend(fresh, MINJI).result is Result.RECORDED
    assert mail.upkeep()["lost"] == 0
    loop.give_back(fresh)
    mail.go(40)
    mail.at(44)
    for step in (loop.wash, loop.pass_, loop.ship, loop.stock):
        step(fresh)
    assert loop.lend(fresh, MINJI).error is Code.BORROWER_PAUSED


def test_a_decision_taken_back_takes_the_fresh_days_back(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    due = loop.due(lend_of(loop, cup))
    drop(loop, cup)
    ask_desk(loop)
    (review,) = reviews(loop)
    settle(loop, review.id, Decision.REJECT)
    assert loop.due(lend_of(loop, cup)) > due
    reopen(loop, review.id)
    assert loop.due(lend_of(loop, cup)) == due
    assert claims(loop)[0].settled_at is None
    check_whole(loop)
    settle(loop, review.id, Decision.REJECT)
    drop(loop, cup)  # said once more
    ask_desk(loop)
    assert [one.settled_at for one in reviews(loop)] == [None]


def test_who_may_not_resume_a_clock_changes_nothing(loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup, HARU)
    ask_desk(loop)
    with pytest.raises(LendingError) as refused:
        settle(loop, reviews(loop)[0].id, Decision.REJECT, actor=loop.town.mina)
    assert refused.value.code is Code.NOT_ALLOWED_HERE
    assert claims(loop)[0].settled_at is None
    assert settle(loop, reviews(loop)[0].id, Decision.RETURN, actor=loop.town.mina) == 1


def test_seen_meanwhile_it_needs_no_head(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    ask_desk(loop)
    loop.collect(cup)
    mail.sweep()
    assert claims(loop)[0].outcome is ClaimOutcome.CONFIRMED
    assert reviews(loop)[0].settled_how == "vanished"


def test_a_sighting_taken_back_opens_the_claim_again(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    back = loop.give_back(cup)
    mail.sweep()
    loop.void(cup, back.id)
    mail.sweep()
    assert claims(loop)[0].settled_at is None
    assert mail.go(7) == []
    ask_desk(loop)
    assert [one.settled_at for one in reviews(loop)] == [None]
    check_whole(loop)


def test_asked_already_the_desk_is_asked_again_when_the_sighting_is_taken_back(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    ask_desk(loop)
    back = loop.give_back(cup)
    mail.sweep()
    assert reviews(loop)[0].settled_how == "vanished"
    loop.void(cup, back.id)
    mail.sweep()
    assert mail.upkeep()["asked"] == 1
    assert [one.settled_at for one in reviews(loop)] == [None]
