"""Reminders: which are due, grouped, in whose language, at which hours; rounds of the sweep."""

from datetime import time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Loan
from lending.loop.terms import Terms
from lending.notices.tables import Message, Notice, NoticeKind, NoticeState
from lending.people.profile import change_language
from lending.reminders.plan import plan_notices
from tests.mail import URL, Mail
from tests.personas import DANA, DAY, MINJI, Loop, add_terms

KIND, STATE = NoticeKind, NoticeState


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
