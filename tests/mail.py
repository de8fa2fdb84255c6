"""A post office over the town's database: the worker's rounds driven by hand, at any moment."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.deliver import PostOffice, deliver
from lending.notices.inbox import InboxEntry, list_inbox
from lending.notices.senders import Sender, SenderName, Senders, make_senders
from lending.notices.tables import Message, Notice, NoticeKind, NoticeState, Purpose
from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import ContactKind
from lending.places.tables import District
from lending.reminders.compose import make_writer
from lending.reminders.rounds import Memory, let_time_pass, sweep_reminders
from tests.personas import Loop

SEOUL = ZoneInfo("Asia/Seoul")
URL = "https://cups.example"


class Mail:
    """The worker by hand: `at(day, hour)` sets the clock, `sweep()` and `send()` are its rounds."""

    def __init__(self, loop: Loop, senders: dict[SenderName, Sender] | None = None) -> None:
        self.loop, self.engine, self.keys = loop, loop.engine, loop.keys
        self.monday = loop.now.astimezone(SEOUL)
        made = make_senders(loop.engine, keys=loop.keys, clock=self.clock)
        self.office = PostOffice(
            loop.engine,
            loop.keys,
            self.clock,
            Senders(made.by_name | (senders or {})),
            {Purpose.REMINDER: make_writer(loop.keys, public_url=URL)},
        )

    def clock(self) -> datetime:
        return self.loop.now

    def at(self, day: int, hour: int = 10, minute: int = 0) -> None:
        """Local time, counted in days from the first Monday."""
        local = self.monday.replace(hour=hour, minute=minute, second=0) + timedelta(days=day)
        self.loop.now = local.astimezone(self.loop.now.tzinfo)

    def sweep(self) -> Counter[str]:
        return sweep_reminders(self.engine, clock=self.clock, memory=Memory())

    def send(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for kind in ContactKind:
            counts += deliver(self.office, kind)
        return counts

    def go(self, day: int, hour: int = 10) -> list[str]:
        """A sweep and a round of sending at that moment; the texts that arrived."""
        before = {entry.id for entry in self.inbox()}
        self.at(day, hour)
        self.sweep()
        self.send()
        return [entry.text for entry in self.inbox() if entry.id not in before]

    def upkeep(self) -> Counter[str]:
        return let_time_pass(self.engine, keys=self.keys, clock=self.clock)

    def inbox(self) -> list[InboxEntry]:
        with Session(self.engine) as session:
            return list_inbox(session, district_id=self.loop.town.id)

    def notices(self) -> dict[NoticeKind, NoticeState]:
        """State by kind, of a town with one loan."""
        with Session(self.engine) as session:
            rows = session.execute(sa.select(Notice.kind, Notice.state)).all()
            assert len({row.kind for row in rows}) == len(rows)
            return {row.kind: row.state for row in rows}

    def messages(self) -> list[Message]:
        with Session(self.engine) as session:
            return list(session.scalars(sa.select(Message).order_by(Message.created_at)))


def make_demo(loop: Loop) -> None:
    """Marks the town as a demo, which has an inbox, and gives it a help desk."""
    loop.write(
        lambda session: session.execute(
            sa.update(District).values(is_demo=True, helpdesk="032-560-0000")
        )
    )


class Courier:
    """A sender that keeps what it was given and answers as told."""

    def __init__(self, fate: Fate = Fate.SENT, error: str = "") -> None:
        self.fate, self.error = fate, error
        self.taken: list[Outgoing] = []
        self.before: Callable[[Outgoing], None] = lambda out: None

    def __call__(self, out: Outgoing) -> Answer:
        self.before(out)
        self.taken.append(out)
        return Answer(self.fate, self.error)
