"""Reminders that are not sent or not sent twice, those asked for by hand, and their corrections."""

import uuid

from lending.loop.care.mercy import forgive_loan
from lending.loop.care.remind import remind_now
from lending.loop.care.sayings import disown_loans
from lending.notices.tables import MessageState, NoticeKind, NoticeState
from tests.mail import Mail
from tests.personas import DAY, MINJI, SORA, Loop

KIND, STATE = NoticeKind, NoticeState


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
