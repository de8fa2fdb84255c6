"""The worker's rounds with a sender that answers as told."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lending.notices.drafts import Draft, queue_message
from lending.notices.senders import SenderName
from lending.notices.tables import Message, Purpose
from lending.people.contacts import read_contact
from tests.mail import Courier, Mail, make_demo
from tests.personas import MINJI, Loop


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
