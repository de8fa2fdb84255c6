"""Messages whose fate needs a person: perhaps sent, or refused for good; and sending one again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.notices.tables import Message, MessageState, Notice, NoticeState, Purpose
from lending.people.actors import Actor

UNCLEAR = (MessageState.MAYBE_SENT, MessageState.FAILED)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`error` says why, in the sender's words; the contact is looked up by who may see it."""

    id: uuid.UUID
    resident_id: uuid.UUID | None
    purpose: str
    state: MessageState
    channel: str | None
    error: str | None
    created_at: datetime


def list_undelivered(
    session: Session,
    *,
    district_id: int,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 50,
) -> list[Undelivered]:
    """Messages that may have been sent or could not be, the newest first."""
    query = (
        sa.select(
            Message.id, Message.resident_id, Message.purpose, Message.state, Message.channel,
            Message.error, Message.created_at,
        )
        .where(Message.district_id == district_id, Message.state.in_(UNCLEAR))
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        at, message = before
        query = query.where(
            sa.or_(Message.created_at < at, sa.and_(Message.created_at == at, Message.id < message))
        )
    return [Undelivered(*row) for row in session.execute(query)]


def repeat_message(session: Session, *, message_id: uuid.UUID, actor: Actor) -> int:
    """Lets the notices of an unclear message go out again, with the person's next message.

    How many; what is true is looked up anew. NOT_FOUND for another district's message or one
    whose fate is clear; a one-time code is never repeated.
    """
    found = session.execute(
        sa.update(Message)
        .where(
            Message.id == message_id,
            Message.district_id == actor.district_id,
            Message.state.in_(UNCLEAR),
            Message.purpose == Purpose.REMINDER,
        )
        .values(state=MessageState.DROPPED)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).first()
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="message")
    again = sa.update(Notice).where(
        Notice.message_id == message_id,
        Notice.state.in_([NoticeState.MAYBE_SENT, NoticeState.FAILED]),
    )
    values = {"state": NoticeState.WAITING, "message_id": None}
    rows = session.execute(
        again.values(values).returning(Notice.id).execution_options(synchronize_session=False)
    )
    return len(rows.all())
