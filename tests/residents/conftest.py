"""A resident's phone, a stranger's phone, and the loop behind them at the real time."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.notices.drafts import open_draft
from lending.notices.outbox import claim_messages
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.contacts import ContactKind
from lending.people.keys import Keys
from lending.people.profile import agree_terms
from tests.callers import Caller, resident_caller
from tests.personas import DANA, MINJI, TOMAS, Loop, found_town


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys) -> Loop:
    """The town four weeks ago; residents were given the notice then."""
    began = datetime.now(UTC) - timedelta(days=28)
    with transaction(engine) as session:
        town = found_town(session, keys, now=began)
        for contact in (MINJI, DANA):
            agree_terms(session, resident_id=town.residents[contact], how="test", now=began)
    return Loop(engine, keys, town, now=began)


@dataclass
class Phones:
    """Browsers of people, by who holds them."""

    app: Flask
    loop: Loop

    def of(self, contact: str) -> Caller:
        """A phone on which this resident is signed in."""
        return resident_caller(self.app, self.loop.town, contact)

    def stranger(self) -> Caller:
        return Caller("stranger", self.app.test_client())

    def sent_codes(self) -> list[str]:
        """The one-time codes that wait in the outbox, the latest last."""
        now = datetime.now(UTC)
        with transaction(self.loop.engine) as session:
            claimed = claim_messages(session, kinds=list(ContactKind), limit=50, now=now)
            texts = [open_draft(self.loop.keys, one)[1] for one in claimed]
        return [code[0] for text in texts if (code := re.search(r"\d{6}", text))]


@pytest.fixture
def phones(app: Flask, loop: Loop) -> Phones:
    return Phones(app, loop)


@pytest.fixture
def minji(phones: Phones) -> Caller:
    return phones.of(MINJI)


@pytest.fixture
def dana(phones: Phones) -> Caller:
    return phones.of(DANA)


@pytest.fixture
def tomas(phones: Phones) -> Caller:
    """Has not been given the notice yet."""
    return phones.of(TOMAS)


@pytest.fixture
def stranger(phones: Phones) -> Caller:
    return phones.stranger()


def recently(loop: Loop, *, days: float = 0, hours: float = 0) -> None:
    """Sets the loop's clock so long before now."""
    loop.now = datetime.now(UTC) - timedelta(days=days, hours=hours, minutes=10)


def lend(loop: Loop, *, days: float, hours: float = 0, to: str = MINJI) -> tuple[str, uuid.UUID]:
    """A cup lent so long ago; its code and the loan."""
    recently(loop, days=days + 1)
    cup = loop.clean_cup()
    recently(loop, days=days, hours=hours)
    return cup, loop.lend(cup, to).id


def local_day(days: int) -> str:
    """The district's date so many days from today."""
    return (datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(days=days)).date().isoformat()


def warn(loop: Loop, loan: uuid.UUID) -> None:
    """A reminder of this loan went out five days ago."""
    at = datetime.now(UTC) - timedelta(days=5)
    with transaction(loop.engine) as session:
        notice = Notice(
            id=uuid.uuid4(), district_id=loop.town.id, lend_id=loan, state=NoticeState.SENT,
            kind=NoticeKind.DUE_TODAY, created_at=at, sent_at=at,
        )  # fmt: skip
        session.add(notice)
