"""A claim with time: no reminder and no write-off, and an end after a month."""

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.decisions import Decision
from lending.loop.care.drop_sweep import ask_about_claims, give_up_claims
from lending.loop.dropped import ClaimOutcome
from lending.loop.erase import erase_person
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.loop.tables import Forgiveness, Loan, Scan
from lending.notices.tables import NoticeKind, NoticeState
from tests.drops import (
    check_whole,
    claims,
    drop,
    late_cup,
    lend_of,
    reopen,
    reviews,
    settle,
    withdraw,
)
from tests.mail import Mail
from tests.personas import DANA, DAY, MINJI, NABI, Loop


def test_no_reminder_after_a_claim_though_it_was_planned_and_queued(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.at(7, hour=3)  # planned in the quiet hours, to be sent at eight
    assert mail.sweep()["planned"] == 1
    assert mail.notices()[NoticeKind.DUE_TODAY] is NoticeState.WAITING
    drop(loop, cup)
    assert mail.go(7, hour=9) == []
    assert mail.notices()[NoticeKind.DUE_TODAY] is NoticeState.DROPPED
    for day in (10, 14, 21, 30):
        assert mail.go(day) == []
    check_whole(loop)


def test_the_other_cups_of_the_same_message_are_still_told_of(mail: Mail, loop: Loop) -> None:
    cup, other = loop.clean_cups(2)
    for one in (cup, other):
        loop.lend(one, MINJI)
    mail.at(7, hour=3)
    mail.sweep()
    drop(loop, cup)
    (text,) = mail.go(7, hour=9)
    assert "컵 1개" in text


def test_a_third_unproven_word_does_not_stop_the_reminders(mail: Mail, loop: Loop) -> None:
    cups = loop.clean_cups(3)
    for cup in cups:
        loop.lend(cup, MINJI)
    assert [drop(loop, cup).stops_clock for cup in cups] == [True, True, False]
    assert [review.subject for review in reviews(loop)] == ["says_returned"]
    assert reviews(loop)[0].scan_id == lend_of(loop, cups[2])
    (text,) = mail.go(7)
    assert "컵 1개" in text


def test_taken_back_the_reminder_that_waited_meanwhile_goes_out(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    assert mail.go(7) == []  # neither planned nor dropped: it would never come again
    assert mail.notices() == {}
    withdraw(loop, cup)
    assert len(mail.go(8)) == 1


def test_a_third_word_that_is_believed_stops_the_clock_from_then_on(mail: Mail, loop: Loop) -> None:
    cups = loop.clean_cups(3)
    for cup in cups:
        loop.lend(cup, MINJI)
        drop(loop, cup)
    (review,) = reviews(loop)
    settle(loop, review.id, Decision.FORGIVE)
    assert claims(loop)[-1].stops_clock
    fresh = loop.clean_cups(5)
    assert {loop.lend(one, MINJI).result for one in fresh} == {Result.RECORDED}


def test_a_claimed_loan_is_never_written_off(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    for day in (7, 14, 21):
        mail.go(day)
    mail.at(37)
    drop(loop, cup)
    mail.at(66)
    assert mail.upkeep()["lost"] == 0
    assert loop.item(cup).state is State.LENT
    withdraw(loop, cup)
    assert mail.upkeep()["lost"] == 1
    check_whole(loop)


def test_undecided_after_a_month_it_closes_without_consequence(mail: Mail, loop: Loop) -> None:
    cup, fresh = late_cup(mail, loop)
    drop(loop, cup, NABI)
    mail.at(41)
    assert mail.upkeep()["asked"] == 1
    mail.at(43)
    assert mail.upkeep() == {"given_up": 1}
    assert not mail.upkeep()
    (claim,) = claims(loop)
    (loan,) = loop.loans(cup)
    assert (claim.outcome, loan.outcome) == (ClaimOutcome.UNDECIDED, Outcome.CLAIMED)
    assert (loop.item(cup).state, loan.lost_at) == (State.LOST, None)
    assert reviews(loop)[0].settled_how == "automatic"
    assert loop.lend(fresh, MINJI).result is Result.RECORDED
    assert mail.go(44) == []
    check_whole(loop)
    loop.give_back(cup)  # it turns up in the end
    assert loop.item(cup).state is State.RETURNED
    check_whole(loop)


def test_the_automatic_end_can_be_taken_back_and_comes_again(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    mail.at(31)
    mail.upkeep()
    (review,) = reviews(loop)
    reopen(loop, review.id)
    assert (loop.item(cup).state, claims(loop)[0].settled_at) == (State.LENT, None)
    assert mail.upkeep()["given_up"] == 0
    check_whole(loop)
    loop.now += 15 * DAY
    assert mail.upkeep()["given_up"] == 1
    assert loop.loans(cup)[0].outcome is Outcome.CLAIMED
    check_whole(loop)


def test_a_claim_on_a_cup_lent_on_to_somebody_else_ends_without_a_scan(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    loop.lend(cup, DANA, ask=False)
    mail.at(31)
    assert mail.upkeep()["given_up"] == 1
    assert claims(loop)[0].outcome is ClaimOutcome.UNDECIDED
    assert loop.item(cup).loan is not None  # Dana's
    check_whole(loop)


def test_two_workers_at_once_end_each_claim_once(mail: Mail, loop: Loop) -> None:
    cups = [loop.lent_cup(None) for _ in range(4)]
    for cup in cups:
        drop(loop, cup)

    def both(task: object, **more: object) -> int:
        def once(_: int) -> int:
            return loop.write(lambda s: task(s, district_id=loop.town.id, now=loop.now, **more))  # type: ignore[operator]

        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(once, range(2)))

    loop.now += 8 * DAY
    assert both(ask_about_claims) == 4
    assert len(reviews(loop)) == 4
    loop.now += 30 * DAY
    assert both(give_up_claims, keys=loop.keys) == 4
    with Session(loop.engine) as session:
        gave_up = sa.select(sa.func.count()).where(Scan.action == Action.GIVE_UP)
        assert session.scalar(gave_up) == 4
    check_whole(loop)


def test_batches_end_all_of_them(loop: Loop) -> None:
    for _ in range(5):
        drop(loop, loop.lent_cup(None))
    loop.now += 31 * DAY

    def some() -> int:
        return loop.write(
            lambda s: give_up_claims(
                s, district_id=loop.town.id, keys=loop.keys, now=loop.now, limit=2
            )
        )

    assert [some() for _ in range(4)] == [2, 2, 1, 0]
    check_whole(loop)


def test_erasure_leaves_the_claim_without_a_person(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    person = loop.town.residents[MINJI]
    assert loop.write(lambda s: erase_person(s, resident_id=person, now=loop.now))
    mail.at(31)
    assert mail.upkeep()["given_up"] == 1
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(Loan.outcome)).all() == [Outcome.CLAIMED]
        assert session.scalars(sa.select(Forgiveness)).all() == []
    check_whole(loop)
