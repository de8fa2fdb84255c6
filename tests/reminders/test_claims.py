"""A claim with time: no reminder, the desk after a week with what is known, an end after a month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.care.decisions import Decision
from lending.loop.care.drop_evidence import Evidence, load_evidence
from lending.loop.care.drop_sweep import ask_about_claims, give_up_claims
from lending.loop.dropped import ClaimOutcome
from lending.loop.erase import erase_person
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.loop.tables import Forgiveness, Loan, Scan
from lending.loop.verify import verify
from lending.notices.tables import NoticeKind, NoticeState
from lending.people.tables import Role
from tests.drops import ask_desk, claims, drop, lend_of, reopen, reviews, settle, withdraw
from tests.loop.test_resume import end_of_day
from tests.mail import Mail, make_demo
from tests.personas import DANA, DAY, HARU, MINJI, NABI, Loop


@pytest.fixture
def mail(loop: Loop) -> Mail:
    make_demo(loop)
    return Mail(loop)


def clean(loop: Loop) -> None:
    """`lending verify` finds nothing, and every cache is what the log replays to."""
    loop.check()
    assert list(verify(loop.engine)) == []


def evidence(loop: Loop, cup: str) -> Evidence:
    with Session(loop.engine) as session:
        return load_evidence(session, [lend_of(loop, cup)])[lend_of(loop, cup)]


# -- reminders -------------------------------------------------------------------------------------


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
    clean(loop)


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
    clean(loop)


# -- the desk --------------------------------------------------------------------------------------


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
    clean(loop)
    reopen(loop, review.id)
    assert (loop.loans(cup)[0].closed_at, claims(loop)[0].outcome) == (None, None)
    assert mail.go(7) == []  # the clock stands still again
    clean(loop)


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
    clean(loop)


def test_not_found_the_clock_goes_on_with_three_fresh_days(mail: Mail, loop: Loop) -> None:
    cup, fresh = loop.clean_cups(2)
    loop.lend(cup, MINJI)
    mail.go(7)
    mail.at(12)
    assert loop.lend(fresh, MINJI).error is Code.BORROWER_PAUSED
    drop(loop, cup)
    ask_desk(loop)
    (review,) = reviews(loop)
    decided = loop.now
    settle(loop, review.id, Decision.REJECT)
    assert claims(loop)[0].outcome is ClaimOutcome.NOT_FOUND
    assert loop.due(lend_of(loop, cup)) == end_of_day(decided, 3)
    clean(loop)
    (text,) = mail.go(20)  # told of it, with the new day
    until = end_of_day(decided, 3)
    assert "아직 찾지 못했어요" in text and f"{until.month}월 {until.day}일" in text
    mail.at(22)
    assert loop.lend(fresh, MINJI).result is Result.RECORDED  # no pause in the fresh days
    loop.give_back(fresh)
    mail.at(27)
    assert loop.lend(fresh, MINJI, ask=False).result is Result.RECORDED
    clean(loop)


def test_the_pause_comes_back_only_after_a_new_warning_in_time(mail: Mail, loop: Loop) -> None:
    cup, fresh = loop.clean_cups(2)
    loop.lend(cup, MINJI)
    mail.go(7)
    mail.at(12)
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
    clean(loop)
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
    clean(loop)


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


# -- the end ---------------------------------------------------------------------------------------


def test_undecided_after_a_month_it_closes_without_consequence(mail: Mail, loop: Loop) -> None:
    cup, fresh = loop.clean_cups(2)
    loop.lend(cup, MINJI)
    mail.go(7)
    mail.at(12)
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
    clean(loop)
    loop.give_back(cup)  # it turns up in the end
    assert loop.item(cup).state is State.RETURNED
    clean(loop)


def test_the_automatic_end_can_be_taken_back_and_comes_again(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    mail.at(31)
    mail.upkeep()
    (review,) = reviews(loop)
    reopen(loop, review.id)
    assert (loop.item(cup).state, claims(loop)[0].settled_at) == (State.LENT, None)
    assert mail.upkeep()["given_up"] == 0
    clean(loop)
    loop.now += 15 * DAY
    assert mail.upkeep()["given_up"] == 1
    assert loop.loans(cup)[0].outcome is Outcome.CLAIMED
    clean(loop)


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
    clean(loop)


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
    clean(loop)


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
    clean(loop)


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
    clean(loop)
