"""The table of senders: how a text reaches a phone or a mailbox, and which one is used when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy.engine import Engine

from lending.db import run_transaction
from lending.errors import LendingError
from lending.notices.inbox import Delivery, put_into_inbox
from lending.notices.smtp import SmtpSettings, send_by_smtp
from lending.notices.solapi import SolapiSettings, send_by_solapi
from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import ContactKind
from lending.people.keys import Keys

Sender = Callable[[Outgoing], Answer]


class SenderName(StrEnum):
    LOG = "log"
    INBOX = "inbox"
    SMTP = "smtp"
    SOLAPI = "solapi"


SERVES: Mapping[SenderName, frozenset[ContactKind]] = {
    SenderName.LOG: frozenset(ContactKind),
    SenderName.INBOX: frozenset(ContactKind),
    SenderName.SMTP: frozenset({ContactKind.EMAIL}),
    SenderName.SOLAPI: frozenset({ContactKind.PHONE}),
}
# What these have sent reached a person; the log reaches nobody, so nothing follows from it.
DELIVERS = frozenset({SenderName.INBOX, SenderName.SMTP, SenderName.SOLAPI})


@dataclass(frozen=True, slots=True)
class Senders:
    """The senders that are set up, and the wish of the configuration (`auto` or a name)."""

    by_name: Mapping[SenderName, Sender]
    wish: str = "auto"

    def choose(self, kind: ContactKind, *, demo: bool) -> SenderName:
        """The sender for a kind of contact: what is set up for it, a demo's inbox, else the log."""
        order = [SenderName.SMTP, SenderName.SOLAPI, SenderName.INBOX]
        if self.wish != "auto":
            order = [SenderName(self.wish)]
        for name in order:
            usable = name in self.by_name and kind in SERVES[name]
            if usable and (demo or name is not SenderName.INBOX):
                return name
        return SenderName.LOG

    def names_for(self, kind: ContactKind) -> set[SenderName]:
        """Every sender this kind of contact may come to."""
        return {self.choose(kind, demo=demo) for demo in (True, False)}


def make_senders(
    engine: Engine,
    *,
    keys: Keys,
    clock: Callable[[], datetime],
    smtp: SmtpSettings | None = None,
    solapi: SolapiSettings | None = None,
    wish: str = "auto",
) -> Senders:
    """The senders of one installation; SMTP and Solapi are off until their settings are there."""

    def send_to_inbox(out: Outgoing) -> Answer:
        delivery = Delivery(out.id, out.district_id, out.contact, out.text)
        try:
            run_transaction(
                engine,
                lambda session: put_into_inbox(session, keys=keys, delivery=delivery, now=clock()),
            )
        except LendingError:
            return Answer(Fate.REFUSED, "the inbox exists only in a demo")
        return Answer(Fate.SENT)

    senders: dict[SenderName, Sender] = {
        SenderName.LOG: send_to_log,
        SenderName.INBOX: send_to_inbox,
    }
    if smtp is not None:
        senders[SenderName.SMTP] = lambda out: send_by_smtp(smtp, out)
    if solapi is not None:
        senders[SenderName.SOLAPI] = lambda out: send_by_solapi(solapi, out, now=clock())
    return Senders(senders, wish)


def send_to_log(out: Outgoing) -> Answer:
    """Says that a message was due; never to whom, never what."""
    structlog.get_logger("lending.notices").info(
        "message", id=str(out.id), to=out.contact.kind.value, letters=len(out.text)
    )
    return Answer(Fate.SENT)
