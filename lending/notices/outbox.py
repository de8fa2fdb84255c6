"""The outbox: messages queued, claimed by a worker, begun and settled."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.notices.tables import Message, MessageState, Notice, NoticeState, Purpose
from lending.people.contacts import ContactKind

LEASE = timedelta(minutes=2)  # longer than any sender takes; then a worker is taken for dead
# What a sent, doubtful or hopeless message makes of the notices it carried.
NOTICE_AFTER = {
    MessageState.SENT: NoticeState.SENT,
    MessageState.MAYBE_SENT: NoticeState.MAYBE_SENT,
    MessageState.FAILED: NoticeState.FAILED,
    MessageState.DROPPED: NoticeState.DROPPED,
}


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message this worker may send until its lease ends; `attempt` tells it from a later claim."""

    id: uuid.UUID
    attempt: int
    district_id: int
    resident_id: uuid.UUID | None
    contact_kind: ContactKind
    contact_sealed: bytes | None
    purpose: Purpose
    body_sealed: bytes | None
    expires_at: datetime | None


_CLAIMED: Sequence[InstrumentedAttribute[Any]] = (
    Message.id, Message.attempts, Message.district_id, Message.resident_id, Message.contact_kind,
    Message.contact_sealed, Message.purpose, Message.body_sealed, Message.expires_at,
)  # fmt: skip


def _claimed(row: Any) -> ClaimedMessage:
    """Out of a row of _CLAIMED."""
    values: list[Any] = [*row[:4], ContactKind(row[4]), *row[5:]]
    return ClaimedMessage(*values)


def has_work(session: Session, *, kind: ContactKind, now: datetime) -> bool:
    """Whether a message of this kind is due, or some worker left one: one look, nothing locked."""
    due = sa.and_(
        Message.state == MessageState.QUEUED,
        Message.not_before <= now,
        Message.contact_kind == kind.value,
    )
    left = sa.and_(Message.state == MessageState.SENDING, Message.leased_until < now)
    return bool(session.scalar(sa.select(sa.exists().where(sa.or_(due, left)))))


def claim_messages(
    session: Session, *, kinds: Collection[ContactKind], limit: int, now: datetime
) -> list[ClaimedMessage]:
    """Takes up to `limit` messages of these contact kinds; no other worker gets them meanwhile."""
    due = (
        sa.select(Message.id)
        .where(
            Message.state == MessageState.QUEUED,
            Message.not_before <= now,
            Message.contact_kind.in_([kind.value for kind in kinds]),
        )
        .order_by(Message.purpose != Purpose.LOGIN_CODE, Message.not_before, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        sa.update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(
            state=MessageState.SENDING,
            attempts=Message.attempts + 1,
            leased_until=now + LEASE,
            begun_at=None,
        )
        .returning(*_CLAIMED)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    claimed = [_claimed(row) for row in taken]
    return sorted(claimed, key=lambda one: one.purpose is not Purpose.LOGIN_CODE)


def begin_message(
    session: Session, *, claimed: ClaimedMessage, channel: str, now: datetime
) -> bool:
    """Notes that the sender is about to be called; False when the message is ours no more."""
    return _change(session, claimed, begun_at=now, channel=channel, leased_until=now + LEASE)


def settle_message(
    session: Session,
    *,
    claimed: ClaimedMessage,
    state: MessageState,
    now: datetime,
    error: str | None = None,
) -> bool:
    """How an attempt ended: sent, perhaps sent, failed or dropped. The sealed text goes."""
    sent = state is MessageState.SENT
    ours = _change(
        session, claimed, state=state, error=error, leased_until=None, contact_sealed=None,
        body_sealed=None, **({"sent_at": now} if sent else {}),
    )  # fmt: skip
    if ours:
        _settle_notices(session, [claimed.id], state)
    return ours


def postpone_message(
    session: Session, *, claimed: ClaimedMessage, until: datetime, error: str
) -> bool:
    """Puts a message that was surely not sent back into the queue.

    When the same person's newer reminder waits already, its notices join that one.
    """
    if claimed.resident_id is not None and _join_newer(session, claimed):
        return True
    try:
        with session.begin_nested():
            return _change(
                session, claimed, state=MessageState.QUEUED, not_before=until, error=error,
                leased_until=None, begun_at=None,
            )  # fmt: skip
    except IntegrityError:  # the person's newer message came in between
        return _join_newer(session, claimed)


def give_up_leases(session: Session, *, now: datetime) -> tuple[int, int]:
    """Settles what dead workers left: (queued again because never begun, perhaps sent)."""
    lost = (Message.state == MessageState.SENDING, Message.leased_until < now)
    begun = session.scalars(
        sa.update(Message)
        .where(*lost, Message.begun_at.is_not(None))
        .values(
            state=MessageState.MAYBE_SENT, leased_until=None, contact_sealed=None, body_sealed=None,
            error="the worker stopped while sending",
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    _settle_notices(session, begun, MessageState.MAYBE_SENT)
    again = 0
    for row in session.execute(
        sa.select(*_CLAIMED).where(*lost, Message.begun_at.is_(None)).with_for_update(skip_locked=True)
    ).all():  # fmt: skip
        again += postpone_message(session, claimed=_claimed(row), until=now, error="")
    return again, len(begun)


def _change(session: Session, claimed: ClaimedMessage, **values: object) -> bool:
    changed = session.execute(
        sa.update(Message)
        .where(
            Message.id == claimed.id,
            Message.attempts == claimed.attempt,
            Message.state == MessageState.SENDING,
        )
        .values(**values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def _join_newer(session: Session, claimed: ClaimedMessage) -> bool:
    newer = session.scalar(
        sa.select(Message.id).where(
            Message.resident_id == claimed.resident_id,
            Message.state == MessageState.QUEUED,
            Message.purpose == Purpose.REMINDER,
        )
    )
    if newer is None or not _change(
        session, claimed, state=MessageState.DROPPED, leased_until=None, begun_at=None
    ):
        return False
    session.execute(
        sa.update(Notice).where(Notice.message_id == claimed.id).values(message_id=newer)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return True


def _settle_notices(
    session: Session, message_ids: Collection[uuid.UUID], state: MessageState
) -> None:
    """The notices a message carried share its fate; those dropped before stay dropped."""
    if not message_ids or state not in NOTICE_AFTER:
        return
    after = NOTICE_AFTER[state]
    begun = sa.select(Message.begun_at).where(Message.id == Notice.message_id).scalar_subquery()
    session.execute(
        sa.update(Notice)
        .where(Notice.message_id.in_(message_ids), Notice.state == NoticeState.WAITING)
        .values(state=after, **({"sent_at": begun} if after is NoticeState.SENT else {}))
        .execution_options(synchronize_session=False)
    )
