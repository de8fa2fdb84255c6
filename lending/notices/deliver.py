"""One round of sending: claim, write, hand over, settle; each step a transaction of its own."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.notices.drafts import open_draft
from lending.notices.outbox import (
    ClaimedMessage,
    begin_message,
    claim_messages,
    give_up_leases,
    has_work,
    postpone_message,
    settle_message,
)
from lending.notices.pauses import clear_pause, pause_after, pause_sender, resting_senders
from lending.notices.senders import DELIVERS, SenderName, Senders
from lending.notices.tables import MessageState, Notice, Purpose
from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import Contact, ContactKind
from lending.people.keys import Keys
from lending.places.tables import District

AT_ONCE = 20  # messages claimed together; each is begun only when its turn comes
MOST_ATTEMPTS = 12  # of one address that is busy: about four hours; then a person should look


@dataclass(frozen=True, slots=True)
class Written:
    """What a message says, looked up at the moment of sending."""

    contact: Contact
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """It is quiet hours: not before `until`."""

    until: datetime


# Writes the message from the state as it is now; None: nothing of it is true any more.
Writer = Callable[[Session, ClaimedMessage, datetime], Written | NotYet | None]


@dataclass(frozen=True, slots=True)
class PostOffice:
    """All that sending needs: the database, keys, clock, senders and who writes which purpose."""

    engine: Engine
    keys: Keys
    clock: Callable[[], datetime]
    senders: Senders
    writers: Mapping[Purpose, Writer]


def deliver(
    office: PostOffice, kind: ContactKind, *, stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Sends what waits for one kind of contact until nothing is left, `stop` or a sender fails.

    Counts by outcome. Several workers and several kinds at once are safe; one kind's failing
    sender holds up no other kind.
    """
    counts: Counter[str] = Counter()
    with glancing(office.engine) as session:
        if not has_work(session, kind=kind, now=office.clock()):
            return counts
    again, unsure = run_transaction(
        office.engine, lambda session: give_up_leases(session, now=office.clock())
    )
    counts.update({"queued_again": again, "maybe_sent": unsure})
    while not stop() and not _all_rest(office, kind):
        claimed = run_transaction(
            office.engine,
            lambda session: claim_messages(
                session, kinds=[kind], limit=AT_ONCE, now=office.clock()
            ),
        )
        for one in claimed:
            counts[_send(office, one) if not stop() else _put_back(office, one)] += 1
        if len(claimed) < AT_ONCE:
            break
    return +counts


def _all_rest(office: PostOffice, kind: ContactKind) -> bool:
    names = office.senders.names_for(kind)
    with glancing(office.engine) as session:
        return len(resting_senders(session, names=names, now=office.clock())) == len(names)


def _send(office: PostOffice, claimed: ClaimedMessage) -> str:
    """One message through its sender; what became of it."""
    ready = run_transaction(office.engine, lambda session: _begin(session, office, claimed))
    if isinstance(ready, str):
        return ready
    name, out = ready
    answer = office.senders.by_name[name](out)
    return run_transaction(
        office.engine, lambda session: _settle(session, office, claimed, name, answer)
    )


def _begin(
    session: Session, office: PostOffice, claimed: ClaimedMessage
) -> str | tuple[SenderName, Outgoing]:
    """Looks the truth up, writes the text and notes that the sender is about to be called."""
    now = office.clock()
    if claimed.expires_at is not None and claimed.expires_at <= now:
        settle_message(session, claimed=claimed, state=MessageState.DROPPED, now=now, error="late")
        return "dropped"
    name = office.senders.choose(claimed.contact_kind, demo=_is_demo(session, claimed))
    if rest := resting_senders(session, names=[name], now=now):
        postpone_message(session, claimed=claimed, until=rest[name], error="the sender rests")
        return "postponed"
    written = _write(session, office, claimed, now)
    if written is None:
        settle_message(session, claimed=claimed, state=MessageState.DROPPED, now=now)
        return "dropped"
    if isinstance(written, NotYet):
        postpone_message(session, claimed=claimed, until=written.until, error="quiet hours")
        return "postponed"
    if not begin_message(session, claimed=claimed, channel=name.value, now=now):
        return "lost"
    subject, text = written.subject, written.text
    return name, Outgoing(claimed.id, claimed.district_id, written.contact, subject, text)


def _write(
    session: Session, office: PostOffice, claimed: ClaimedMessage, now: datetime
) -> Written | NotYet | None:
    if claimed.body_sealed is None:
        return office.writers[claimed.purpose](session, claimed, now)
    contact, text = open_draft(office.keys, claimed)
    return Written(contact, text.split("(")[0].strip(), text)


def _settle(
    session: Session,
    office: PostOffice,
    claimed: ClaimedMessage,
    name: SenderName,
    answer: Answer,
) -> str:
    now = office.clock()
    match answer.fate:
        case Fate.SENT:
            state = MessageState.SENT
        case Fate.UNSURE:
            state = MessageState.MAYBE_SENT
        case Fate.REFUSED:
            state = MessageState.FAILED
        case Fate.LATER:
            until = pause_sender(session, name=name.value, error=answer.error, now=now)
            postpone_message(session, claimed=claimed, until=until, error=answer.error)
            return "postponed"
        case Fate.BUSY:
            state = MessageState.FAILED
            if claimed.attempt < MOST_ATTEMPTS:
                until = now + pause_after(claimed.attempt)
                postpone_message(session, claimed=claimed, until=until, error=answer.error)
                return "postponed"
    if state is MessageState.SENT:
        clear_pause(session, name=name.value)
    if not settle_message(session, claimed=claimed, state=state, now=now, error=answer.error):
        return "lost"
    if state is MessageState.SENT and name not in DELIVERS:
        # Nobody was told: neither a pause nor a write-off may follow from it.
        session.execute(
            sa.update(Notice).where(Notice.message_id == claimed.id).values(sent_at=None)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    return state.value


def _put_back(office: PostOffice, claimed: ClaimedMessage) -> str:
    now = office.clock()
    run_transaction(
        office.engine,
        lambda session: postpone_message(session, claimed=claimed, until=now, error=""),
    )
    return "put_back"


def _is_demo(session: Session, claimed: ClaimedMessage) -> bool:
    demo = sa.select(District.is_demo).where(District.id == claimed.district_id)
    return bool(session.scalar(demo))
