"""Tables of what a resident is to be told (notices) and the messages that carry it (outbox)."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class NoticeKind(StrEnum):
    DUE_TOMORROW = "due_tomorrow"
    DUE_TODAY = "due_today"
    LATE_FIRST = "late_first"
    LATE_SECOND = "late_second"
    FINAL = "final"
    ON_REQUEST = "on_request"  # an officer's "remind now"
    CORRECTION = "correction"  # the return came before a reminder already sent


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    PASSED_OVER = "passed_over"  # a later one of the same loan went out instead
    DROPPED = "dropped"  # no longer true at the moment of sending


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"  # begun and never finished: shown, not repeated by itself
    FAILED = "failed"


def by_value(enum: type[StrEnum]) -> sa.Enum:
    """A StrEnum stored by value as text."""
    return sa.Enum(enum, native_enum=False, values_callable=lambda e: [m.value for m in e])


class Message(Base):
    """One message to one contact: the outbox row a worker claims, sends and settles."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index(
            "ix_message_open",
            "not_before",
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
        ),
        sa.Index(None, "district_id", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # handed to the sender: no duplicates
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    resident_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), index=True
    )
    contact_sealed: Mapped[bytes | None]  # only where there is no resident yet (one-time code)
    purpose: Mapped[str]  # "reminder" | "login_code" | "correction" | …
    body_sealed: Mapped[bytes | None]  # written at the moment of sending; a code is sealed at once
    state: Mapped[MessageState] = mapped_column(by_value(MessageState), default=MessageState.QUEUED)
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    leased_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]


class Notice(Base):
    """What is due to be said about one loan; at most one per kind, ever."""

    __tablename__ = "notice"
    __table_args__ = (sa.UniqueConstraint("lend_id", "kind"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    lend_id: Mapped[uuid.UUID]  # no foreign key: a voided lend takes its loan away
    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind))
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState), default=NoticeState.WAITING)
    message_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
