"""Which sender takes a message, and what the inbox and the log keep of it."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from lending.errors import Code, LendingError
from lending.notices.inbox import Delivery, put_into_inbox
from lending.notices.senders import SenderName, Senders
from lending.people.contacts import ContactKind, read_contact
from tests.mail import Courier, Mail, make_demo
from tests.notices.conftest import queue
from tests.personas import MINJI, Loop


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
