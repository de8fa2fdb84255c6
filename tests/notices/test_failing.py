"""A sender that fails rests, an address that is busy waits, a refused message shows."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.notices.pauses import failing_senders
from lending.notices.tables import MessageState, NoticeKind, NoticeState
from lending.notices.undelivered import list_undelivered, repeat_message
from lending.notices.wire import Fate
from lending.people.contacts import read_contact
from tests.mail import Courier, Mail
from tests.notices.conftest import message, queue
from tests.personas import DANA, MINJI

FOREIGN = "+49 151 23456780"


def test_a_failing_sender_rests_longer_and_longer(mail: Mail, courier: Courier) -> None:
    courier.fate, courier.error = Fate.LATER, "ConnectionRefusedError"
    queue(mail, minutes=600)
    tried = []
    for minute in range(120):
        before = len(courier.taken)
        mail.send()
        if len(courier.taken) > before:
            tried.append(minute)
        mail.loop.now += timedelta(minutes=1)
    assert tried == [0, 1, 2, 4, 8, 16, 32, 62, 92]
    with Session(mail.engine) as session:
        ((name, error, until),) = failing_senders(session)
    assert (name, error) == ("solapi", "ConnectionRefusedError") and until > mail.clock()
    courier.fate = Fate.SENT
    mail.loop.now += timedelta(minutes=30)
    assert mail.send() == {"sent": 1}
    with Session(mail.engine) as session:
        assert failing_senders(session) == []


def test_a_failing_sender_blocks_no_other(mail: Mail, courier: Courier) -> None:
    courier.fate = Fate.LATER
    for _ in range(30):
        queue(mail, MINJI)
    letter = queue(mail, DANA)
    mail.send()
    assert len(courier.taken) == 1  # the others were spared
    assert message(mail, letter).state is MessageState.SENT


def test_a_busy_address_waits_alone(mail: Mail, courier: Courier) -> None:
    courier.before = lambda out: setattr(
        courier, "fate", Fate.BUSY if out.contact == read_contact(FOREIGN) else Fate.SENT
    )
    busy, fine = queue(mail, FOREIGN, 600), queue(mail, MINJI)
    assert mail.send() == {"postponed": 1, "sent": 1}
    assert message(mail, fine).state is MessageState.SENT
    with Session(mail.engine) as session:
        assert failing_senders(session) == []
    for _ in range(30):
        mail.loop.now += timedelta(minutes=30)
        mail.send()
    assert message(mail, busy).state is MessageState.FAILED  # after twelve tries
    assert len(courier.taken) == 13


def test_a_refused_reminder_shows_and_can_be_repeated(mail: Mail, courier: Courier) -> None:
    mail.loop.lent_cup(MINJI)
    courier.fate, courier.error = Fate.REFUSED, "status 3014"
    mail.at(10)
    mail.sweep()
    assert mail.send() == {"failed": 1}
    assert mail.notices()[NoticeKind.LATE_FIRST] is NoticeState.FAILED
    with Session(mail.engine) as session:
        (shown,) = list_undelivered(session, district_id=mail.loop.town.id)
    assert (shown.state, shown.channel, shown.error) == ("failed", "solapi", "status 3014")
    officer = mail.loop.town.officer
    again = mail.loop.write(lambda s: repeat_message(s, message_id=shown.id, actor=officer))
    assert again == 1
    with pytest.raises(LendingError):
        mail.loop.write(lambda s: repeat_message(s, message_id=shown.id, actor=officer))
    courier.fate = Fate.SENT
    mail.sweep()
    assert mail.send() == {"sent": 1}
    assert mail.notices()[NoticeKind.LATE_FIRST] is NoticeState.SENT
