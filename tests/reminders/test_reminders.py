"""Reminders: which are due, grouped, in whose language, at which hours, and when they are not."""

import uuid
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.mercy import forgive_loan
from lending.loop.care.remind import remind_now
from lending.loop.care.sayings import disown_loans
from lending.loop.tables import Loan
from lending.loop.terms import Terms
from lending.notices.tables import Message, MessageState, Notice, NoticeKind, NoticeState
from lending.people.profile import change_language
from lending.reminders.plan import plan_notices
from tests.mail import URL, Mail, make_demo
from tests.personas import DANA, DAY, MINJI, SORA, Loop, add_terms

KIND, STATE = NoticeKind, NoticeState


@pytest.fixture
def mail(loop: Loop) -> Mail:
    make_demo(loop)
    return Mail(loop)


def test_five_reminders_on_their_days_and_no_more(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)  # due on day 7
    heard = {day: mail.go(day) for day in range(1, 40)}
    days = [day for day, texts in heard.items() if texts]
    assert days == [6, 7, 10, 14, 21]
    assert all(len(texts) == 1 for texts in heard.values() if texts)
    assert "내일(3월 9일)까지예요" in heard[6][0]
    assert "오늘(3월 9일)까지예요" in heard[7][0]
    assert "3월 9일까지였어요" in heard[10][0]
    assert set(mail.notices().values()) == {STATE.SENT}


def test_of_several_due_at_once_only_the_latest_is_sent(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    assert len(mail.go(15)) == 1
    assert mail.notices() == {
        KIND.DUE_TOMORROW: STATE.PASSED_OVER,
        KIND.DUE_TODAY: STATE.PASSED_OVER,
        KIND.LATE_FIRST: STATE.PASSED_OVER,
        KIND.LATE_SECOND: STATE.SENT,
    }


def test_a_reminder_that_never_went_out_gives_way_to_the_next(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    mail.at(7)
    mail.sweep()  # planned, and the senders down until day 10
    assert len(mail.go(10)) == 1
    assert mail.notices()[KIND.DUE_TODAY] is STATE.PASSED_OVER
    assert mail.notices()[KIND.LATE_FIRST] is STATE.SENT


def test_the_same_sweep_again_changes_nothing(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    mail.at(6)
    assert mail.sweep() == {"planned": 1, "collected": 1}
    assert mail.sweep() == {}
    assert len(mail.messages()) == 1


def test_one_message_for_a_persons_five_cups(mail: Mail, loop: Loop) -> None:
    cups = loop.clean_cups(5)
    for cup in cups[:3]:
        loop.lend(cup, MINJI)
    loop.now += DAY
    for cup in cups[3:]:
        loop.lend(cup, MINJI)
    (text,) = mail.go(10, hour=9)
    assert "컵 3개: 3월 9일까지였어요." in text
    assert "컵 2개: 3월 10일까지였어요." in text


def test_what_falls_due_later_joins_the_message_not_yet_begun(mail: Mail, loop: Loop) -> None:
    first, second = loop.clean_cups(2)
    loop.lend(first, MINJI)
    mail.at(3)
    loop.lend(second, MINJI)
    mail.at(9, hour=22)  # quiet: the first cup's message waits until eight
    assert mail.sweep()["collected"] == 2  # the second is due tomorrow
    mail.at(10, hour=2)
    assert mail.sweep()["collected"] == 2
    assert len(mail.messages()) == 1
    (text,) = mail.go(10, hour=8)
    assert text.count("컵 1개") == 2


def test_two_people_get_a_message_each_in_their_language(mail: Mail, loop: Loop) -> None:
    loop.write(
        lambda session: change_language(
            session, resident_id=loop.town.residents[DANA], language="en"
        )
    )
    first, second = loop.clean_cups(2)
    loop.lend(first, MINJI)
    loop.lend(second, DANA)
    english, korean = sorted(mail.go(10))
    assert english.startswith("[Seohae Reple Cup]")
    assert "1 cup: was due 9 March." in english and "Already brought back? " in english
    assert "컵 1개: 3월 9일까지였어요." in korean and "이미 반납하셨나요? " in korean


def test_overdue_messages_name_the_link_and_the_help_desk(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    (before,) = mail.go(6)
    (late,) = mail.go(10)
    assert "이미 반납" not in before and f"{URL}/n/" in before  # "not you?" from the first on
    assert f"이미 반납하셨나요? {URL}/n/" in late
    assert late.endswith("도움 전화 032-560-0000")
    assert "연체" not in late


def test_quiet_hours_hold_messages_until_the_morning(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    assert mail.go(6, hour=0) == []
    assert mail.go(6, hour=7) == []
    assert len(mail.go(6, hour=8)) == 1
    mail.at(7, hour=20)
    mail.sweep()
    mail.at(7, hour=21)  # queued in time, its turn comes too late
    assert mail.send() == {"postponed": 1}
    assert mail.go(8, hour=7) == []
    assert len(mail.go(8, hour=8)) == 1


def test_quiet_hours_come_from_the_terms(mail: Mail, loop: Loop) -> None:
    terms = Terms(quiet_from=time(0, 0), quiet_to=time(0, 0))
    loop.write(lambda s: add_terms(s, loop.town.id, terms, since=loop.now - 400 * DAY))
    loop.lent_cup(MINJI)
    assert len(mail.go(6, hour=0)) == 1


def test_days_come_from_the_terms_in_force_at_the_lend(mail: Mail, loop: Loop) -> None:
    for terms, since in [(Terms(late_first_days=1), -400), (Terms(late_first_days=2), 1)]:
        loop.write(
            lambda s, terms=terms, since=since: add_terms(
                s, loop.town.id, terms, since=loop.now + since * DAY
            )
        )
    loop.lent_cup(MINJI)
    assert [day for day in range(6, 10) if mail.go(day)] == [6, 7, 8]


def test_a_cup_returned_before_the_moment_of_sending_is_not_mentioned(
    mail: Mail, loop: Loop
) -> None:
    cup = loop.lent_cup(MINJI)
    mail.at(6, hour=3)
    mail.sweep()
    mail.at(6, hour=7)
    loop.give_back(cup)
    assert mail.go(6, hour=9) == []
    assert mail.notices() == {KIND.DUE_TOMORROW: STATE.DROPPED}
    assert [message.state for message in mail.messages()] == [MessageState.DROPPED]


def test_one_of_two_cups_returned_leaves_one(mail: Mail, loop: Loop) -> None:
    first, second = loop.clean_cups(2)
    loop.lend(first, MINJI)
    loop.lend(second, MINJI)
    mail.at(10, hour=3)
    mail.sweep()
    loop.give_back(first)
    (text,) = mail.go(10, hour=9)
    assert "컵 1개" in text


def test_an_extension_moves_the_reminder(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.at(6, hour=3)
    mail.sweep()
    loop.extend(cup)
    assert mail.go(6, hour=9) == []
    assert mail.notices() == {}  # planned anew when its day comes
    assert [day for day in range(7, 16) if mail.go(day)] == [13, 14]


def test_an_unconfirmed_contact_gets_one_message_per_loan(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(SORA)
    heard = [day for day in range(1, 40) if mail.go(day)]
    assert heard == [6]
    assert mail.notices()[KIND.DUE_TODAY] is STATE.PASSED_OVER


def test_somebodys_word_stops_the_reminders(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    lend = loop.loans(cup)[0].id
    mail.at(10, hour=3)
    mail.sweep()
    assert loop.write(lambda s: disown_loans(s, lend_ids=[lend], now=loop.now)) == 1
    assert loop.write(lambda s: disown_loans(s, lend_ids=[lend], now=loop.now)) == 0
    assert mail.go(10, hour=9) == []
    assert mail.go(14) == []


def test_forgiveness_stops_the_reminders(mail: Mail, loop: Loop) -> None:
    lend = loop.loans(loop.lent_cup(MINJI))[0].id
    loop.write(
        lambda s: forgive_loan(
            s, lend_id=lend, reason="moved", actor=loop.town.officer, now=loop.now
        )
    )
    assert not any(mail.go(day) for day in range(1, 30))


def test_an_anonymous_loan_is_nobodys_to_remind(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(None)
    assert not any(mail.go(day) for day in range(1, 30))
    assert mail.notices() == {}


def test_a_voided_lend_takes_its_waiting_notices_along(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    lend = loop.loans(cup)[0].id
    mail.at(6, hour=3)
    mail.sweep()
    loop.void(cup, lend, by=loop.town.officer, site=loop.site("HARU"))
    assert mail.notices() == {}
    assert mail.go(6, hour=9) == []


def test_remind_now_once_per_loan(mail: Mail, loop: Loop) -> None:
    lend = loop.loans(loop.lent_cup(MINJI))[0].id
    mail.at(3)

    def ask(*lends: uuid.UUID) -> tuple[int, int]:
        done = loop.write(
            lambda s: remind_now(s, lend_ids=lends, actor=loop.town.officer, now=loop.now)
        )
        return done.queued, done.skipped

    assert ask(lend, uuid.uuid4()) == (1, 1)
    mail.send()
    assert "컵 1개: 3월 9일까지예요." in mail.inbox()[0].text
    assert ask(lend) == (0, 1)


def test_remind_now_respects_the_one_message_of_an_unconfirmed_contact(
    mail: Mail, loop: Loop
) -> None:
    lend = loop.loans(loop.lent_cup(SORA))[0].id
    mail.go(6)
    done = loop.write(
        lambda s: remind_now(s, lend_ids=[lend], actor=loop.town.officer, now=loop.now)
    )
    assert done.queued == 0


def test_a_return_before_the_reminder_sent_gets_one_correction(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.go(7)
    mail.at(8)
    loop.give_back(cup, at=loop.now - 2 * DAY, ask=False)
    (text,) = mail.go(8)
    assert "반납된 걸 확인했어요" in text
    assert "이미 반납하셨나요" not in text
    assert not any(mail.go(day) for day in range(9, 30))


def test_a_return_after_the_reminder_needs_no_correction(mail: Mail, loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    mail.go(7)
    mail.at(7, hour=11)
    loop.give_back(cup)
    assert mail.go(8) == []


def test_a_round_begins_anywhere_and_reaches_every_loan(mail: Mail, loop: Loop) -> None:
    for cup in loop.clean_cups(5):
        loop.lend(cup, MINJI)
    mail.at(10)
    place, looked_at = None, []
    while True:
        done = loop.write(
            lambda s, place=place: plan_notices(
                s, district_id=loop.town.id, now=loop.now, after=place, limit=2
            )
        )
        looked_at.append(done.looked_at)
        place = done.next
        if place is None:
            break
    assert looked_at == [2, 2, 1]
    with Session(loop.engine) as session:
        waiting = sa.select(sa.func.count()).where(Notice.state == STATE.WAITING)
        assert session.scalar(waiting) == 5


def test_two_workers_plan_and_collect_once(mail: Mail, loop: Loop) -> None:
    """Both look before either writes: the unique keys decide, nothing is there twice."""
    loop.lent_cup(MINJI)
    mail.at(10)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(mail.sweep) for _ in range(8)]:
            done.result()
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
        waiting = sa.select(sa.func.count()).where(Notice.state == STATE.WAITING)
        assert session.scalar(waiting) == 1


def test_a_loan_due_far_ahead_is_not_looked_at(mail: Mail, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    with Session(loop.engine) as session:
        due = session.scalars(sa.select(Loan.due_at)).one()
        done = plan_notices(session, district_id=loop.town.id, now=due - timedelta(days=3))
    assert done.looked_at == 0
