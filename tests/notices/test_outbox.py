"""The outbox: claims, leases, and what is never sent twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from lending.notices.deliver import deliver
from lending.notices.login_codes import queue_login_code
from lending.notices.outbox import (
    LEASE,
    begin_message,
    claim_messages,
    give_up_leases,
)
from lending.notices.tables import MessageState, NoticeKind, NoticeState
from lending.notices.undelivered import list_undelivered
from lending.notices.wire import Fate, Outgoing
from lending.people.contacts import ContactKind, read_contact
from lending.people.login_codes import CodeToSend
from tests.mail import Courier, Mail
from tests.notices.conftest import message, queue
from tests.personas import MINJI


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
