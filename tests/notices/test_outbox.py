"""The outbox: claims, leases, pauses, and what is never sent twice."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from lending.errors import Code, LendingError
from lending.notices.deliver import deliver
from lending.notices.drafts import Draft, queue_message
from lending.notices.inbox import Delivery, put_into_inbox
from lending.notices.login_codes import queue_login_code
from lending.notices.outbox import (
    LEASE,
    begin_message,
    claim_messages,
    give_up_leases,
)
from lending.notices.pauses import failing_senders
from lending.notices.senders import SenderName, Senders
from lending.notices.tables import Message, MessageState, NoticeKind, NoticeState, Purpose
from lending.notices.undelivered import list_undelivered, repeat_message
from lending.notices.wire import Fate, Outgoing
from lending.people.contacts import ContactKind, read_contact
from lending.people.login_codes import CodeToSend
from tests.mail import Courier, Mail, make_demo
from tests.personas import DANA, MINJI, Loop

FOREIGN = "+49 151 23456780"


@pytest.fixture
def courier() -> Courier:
    return Courier()


@pytest.fixture
def mail(loop: Loop, courier: Courier) -> Mail:
    """Every message to a phone goes through `courier`."""
    make_demo(loop)
    return Mail(loop, {SenderName.SOLAPI: courier, SenderName.SMTP: Courier()})


def queue(mail: Mail, to: str = MINJI, minutes: int = 5) -> uuid.UUID:
    draft = Draft(
        read_contact(to),
        Purpose.LOGIN_CODE,
        "code 123456",
        mail.clock() + timedelta(minutes=minutes),
    )
    message: uuid.UUID = mail.loop.write(
        lambda s: queue_message(
            s, keys=mail.keys, district_id=mail.loop.town.id, draft=draft, now=mail.clock()
        )
    )
    return message


def message(mail: Mail, message_id: uuid.UUID) -> Message:
    with Session(mail.engine) as session:
        found = session.get(Message, message_id)
        assert found is not None
        return found


def test_a_queued_text_is_sealed_sent_and_gone(mail: Mail, courier: Courier) -> None:
    sent = queue(mail)
    stored = message(mail, sent)
    assert b"123456" not in (stored.body_sealed or b"") and stored.contact_sealed is not None
    assert mail.send() == {"sent": 1}
    out = courier.taken[0]
    assert (out.id, out.contact, out.text) == (sent, read_contact(MINJI), "code 123456")
    stored = message(mail, sent)
    assert (stored.state, stored.contact_sealed, stored.body_sealed) == ("sent", None, None)
    assert mail.send() == {}


def test_a_code_comes_in_the_readers_language(mail: Mail, courier: Courier) -> None:
    code = CodeToSend(
        uuid.uuid4(), mail.loop.town.id, read_contact(MINJI), "042137",
        mail.clock() + timedelta(minutes=5),
    )  # fmt: skip
    for language in ("ko", "en"):
        mail.loop.write(
            lambda s, language=language: queue_login_code(
                s, keys=mail.keys, code=code, language=language, now=mail.clock()
            )
        )
    mail.send()
    assert sorted(out.text for out in courier.taken) == [
        "[Reple Cup] Your code is 042137 (valid for 5 minutes)",
        "[리플컵] 인증번호 042137 (5분 동안만 쓸 수 있어요)",
    ]


def test_an_expired_code_is_not_sent(mail: Mail, courier: Courier) -> None:
    late = queue(mail)
    mail.loop.now += timedelta(minutes=5)
    assert mail.send() == {"dropped": 1}
    assert courier.taken == []
    assert message(mail, late).body_sealed is None


def test_codes_go_before_reminders_and_in_quiet_hours(mail: Mail, courier: Courier) -> None:
    mail.loop.lent_cup(MINJI)
    mail.at(10)
    mail.sweep()
    mail.at(10, hour=20)
    code = queue(mail)
    mail.send()
    assert [out.id == code for out in courier.taken] == [True, False]
    mail.at(10, hour=23)
    queue(mail)
    mail.send()
    assert len(courier.taken) == 3


def test_many_workers_claim_each_message_once(mail: Mail) -> None:
    wanted = {queue(mail) for _ in range(60)}
    start = Barrier(6)

    def claim() -> list[uuid.UUID]:
        start.wait()
        mine: list[uuid.UUID] = []
        while claimed := mail.loop.write(
            lambda s: claim_messages(s, kinds=[ContactKind.PHONE], limit=7, now=mail.clock())
        ):
            mine += [one.id for one in claimed]
        return mine

    with ThreadPoolExecutor(6) as pool:
        shares = [share.result() for share in [pool.submit(claim) for _ in range(6)]]
    taken = [one for share in shares for one in share]
    assert len(taken) == 60 and set(taken) == wanted


def test_many_workers_send_each_message_once(mail: Mail, courier: Courier) -> None:
    wanted = {queue(mail) for _ in range(60)}
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(deliver, mail.office, ContactKind.PHONE) for _ in range(4)]:
            done.result()
    assert len(courier.taken) == 60 and {out.id for out in courier.taken} == wanted


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


def test_an_attempt_never_finished_may_have_been_sent_and_is_not_repeated(
    mail: Mail, courier: Courier
) -> None:
    mail.loop.lent_cup(MINJI)

    def die(_: Outgoing) -> None:
        raise KeyboardInterrupt

    courier.before = die
    mail.at(10)
    mail.sweep()
    with pytest.raises(KeyboardInterrupt):
        mail.send()
    courier.before = lambda out: None
    assert mail.send() == {}  # still leased
    mail.loop.now += LEASE + timedelta(seconds=1)
    assert mail.send() == {"maybe_sent": 1}
    mail.sweep()
    assert mail.send() == {}
    assert courier.taken == []
    assert mail.notices()[NoticeKind.LATE_FIRST] is NoticeState.MAYBE_SENT
    with Session(mail.engine) as session:
        (shown,) = list_undelivered(session, district_id=mail.loop.town.id)
    assert shown.state is MessageState.MAYBE_SENT


def test_a_connection_lost_after_handing_over_counts_as_perhaps_sent(
    mail: Mail, courier: Courier
) -> None:
    courier.fate = Fate.UNSURE
    sent = queue(mail)
    assert mail.send() == {"maybe_sent": 1}
    assert message(mail, sent).state is MessageState.MAYBE_SENT


def test_a_claim_never_begun_is_given_to_another_worker(mail: Mail, courier: Courier) -> None:
    sent = queue(mail)
    (dead,) = mail.loop.write(
        lambda s: claim_messages(s, kinds=[ContactKind.PHONE], limit=5, now=mail.clock())
    )
    mail.loop.now += LEASE + timedelta(seconds=1)
    assert mail.send() == {"queued_again": 1, "sent": 1}
    assert [out.id for out in courier.taken] == [sent]
    # The dead one wakes up: the message is its no more.
    ours = mail.loop.write(
        lambda s: begin_message(s, claimed=dead, channel="solapi", now=mail.clock())
    )
    assert not ours


def test_a_persons_reminder_left_behind_joins_the_newer_one(mail: Mail, courier: Courier) -> None:
    first, second = mail.loop.clean_cups(2)
    mail.loop.lend(first, MINJI)
    mail.at(3)
    mail.loop.lend(second, MINJI)
    mail.at(7)
    mail.sweep()
    mail.loop.write(
        lambda s: claim_messages(s, kinds=[ContactKind.PHONE], limit=5, now=mail.clock())
    )
    mail.at(10)
    mail.sweep()  # a newer message of the same person
    assert mail.loop.write(lambda s: give_up_leases(s, now=mail.clock())) == (1, 0)
    mail.send()
    assert [out.text.count("컵 1개") for out in courier.taken] == [2]
    assert sorted(m.state for m in mail.messages()) == ["dropped", "sent"]


# -- which sender ----------------------------------------------------------------------------------


@pytest.fixture
def everything() -> Senders:
    return Senders({name: Courier() for name in SenderName})


def test_the_configured_sender_is_chosen_then_the_demos_inbox_then_the_log(
    everything: Senders,
) -> None:
    bare = Senders({SenderName.LOG: Courier(), SenderName.INBOX: Courier()})
    phone, email = ContactKind.PHONE, ContactKind.EMAIL
    assert everything.choose(phone, demo=False) is SenderName.SOLAPI
    assert everything.choose(email, demo=True) is SenderName.SMTP
    assert bare.choose(phone, demo=True) is SenderName.INBOX
    assert bare.choose(phone, demo=False) is SenderName.LOG
    wished = Senders(everything.by_name, wish="inbox")
    assert wished.choose(phone, demo=True) is SenderName.INBOX
    assert wished.choose(phone, demo=False) is SenderName.LOG
    assert Senders(everything.by_name, wish="smtp").choose(phone, demo=False) is SenderName.LOG


def test_the_inbox_keeps_a_message_once_and_only_in_a_demo(loop: Loop) -> None:
    out = Delivery(uuid.uuid4(), loop.town.id, read_contact(MINJI), "hello")

    def put(session: Session) -> bool:
        return put_into_inbox(session, keys=loop.keys, delivery=out, now=loop.now)

    with pytest.raises(LendingError) as refused:
        loop.write(put)
    assert refused.value.code is Code.NOT_ALLOWED
    make_demo(loop)
    assert loop.write(put)
    assert not loop.write(put)
    mail = Mail(loop)
    assert [(entry.label, entry.text) for entry in mail.inbox()] == [("6789", "hello")]
    loop.write(lambda s: s.execute(sa.text("UPDATE district SET is_demo = false")))
    assert mail.inbox() == []


@pytest.fixture
def every_level() -> Iterator[None]:
    """Whatever an application before this test silenced is heard again."""
    settings = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**settings)


@pytest.mark.usefixtures("every_level")
def test_the_log_says_neither_whom_nor_what(loop: Loop) -> None:
    mail = Mail(loop)
    queue(mail)
    with capture_logs() as said:
        assert mail.send() == {"sent": 1}
    assert [line["event"] for line in said] == ["message"]
    for secret in ("6789", "2345", "123456", "code"):
        assert secret not in str(said[0] | {"id": ""})
