"""Tables of what is to be told: notices and their messages, staff alerts, the demo's inbox."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class NoticeKind(StrEnum):
    DUE_TOMORROW = "due_tomorrow"
    DUE_TODAY = "due_today"
    LATE_FIRST = "late_first"
    LATE_SECOND = "late_second"
    FINAL = "final"
    ON_REQUEST = "on_request"  # an officer's "remind now"
    RESUMED = "resumed"  # said to be back, not found: the clock goes on
    NOT_IN_BAG = "not_in_bag"  # not among what the courier took: the clock goes on
    RECALLED = "recalled"  # its hygiene is in doubt: not about the loan, whatever became of it
    CORRECTION = "correction"  # the return came before a reminder already sent


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"  # its message was begun and never finished
    FAILED = "failed"  # the address takes no messages
    PASSED_OVER = "passed_over"  # a later one of the same loan went out instead
    DROPPED = "dropped"  # no longer true at the moment of sending


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    MAYBE_SENT = "maybe_sent"  # begun and never finished: shown, not repeated by itself
    FAILED = "failed"
    DROPPED = "dropped"  # nothing in it was true any more, or it came too late


class Purpose(StrEnum):
    REMINDER = "reminder"  # about loans: written at the moment of sending
    LOGIN_CODE = "login_code"  # written and sealed when it is queued


class AlertOwner(StrEnum):
    PLACE = "place"
    OFFICER = "officer"


_OPEN = sa.text("state IN ('queued', 'sending')")
_COLLECTING = sa.text("state = 'queued' AND purpose = 'reminder'")
_UNCOLLECTED = sa.text("state = 'waiting' AND message_id IS NULL")
_TOLD = sa.text("sent_at IS NOT NULL")
_COLLECTED = sa.text("message_id IS NOT NULL")
_NOT_CLOSED = sa.text("closed_at IS NULL")


class Message(Base):
    """One message to one contact: the outbox row a worker claims, sends and settles."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_open", "not_before", postgresql_where=_OPEN, sqlite_where=_OPEN),
        # One message for a person's five cups: what falls due joins the one not yet begun.
        sa.Index(
            "uq_message_collecting",
            "resident_id",
            unique=True,
            postgresql_where=_COLLECTING,
            sqlite_where=_COLLECTING,
        ),
        sa.Index(None, "district_id", "state", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # handed to the sender: no duplicates
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    resident_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), index=True
    )
    contact_sealed: Mapped[bytes | None]  # only where there is no resident yet (one-time code)
    contact_kind: Mapped[str]  # "phone" | "email": which sender's queue it stands in
    purpose: Mapped[Purpose] = mapped_column(by_value(Purpose))
    body_sealed: Mapped[bytes | None]  # a one-time code's text, until it is sent
    state: Mapped[MessageState] = mapped_column(by_value(MessageState), default=MessageState.QUEUED)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    leased_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]  # the sender was called; null: surely not sent
    sent_at: Mapped[datetime | None]
    channel: Mapped[str | None]  # the sender that took it
    error: Mapped[str | None]  # never the contact, never the text
    created_at: Mapped[datetime]


class Notice(Base):
    """What is due to be said about one loan; at most one per kind, ever."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("lend_id", "kind"),
        # Partial: most notices are passed over, and few wait at any time.
        sa.Index(
            "ix_notice_told",
            "district_id",
            "sent_at",
            "id",
            postgresql_where=_TOLD,
            sqlite_where=_TOLD,
        ),
        sa.Index(
            "ix_notice_uncollected",
            "district_id",
            "id",
            postgresql_where=_UNCOLLECTED,
            sqlite_where=_UNCOLLECTED,
        ),
        sa.Index(
            "ix_notice_message",
            "message_id",
            postgresql_where=_COLLECTED,
            sqlite_where=_COLLECTED,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    lend_id: Mapped[uuid.UUID]  # no foreign key: a voided lend takes its loan away
    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind))
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState), default=NoticeState.WAITING)
    message_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("message.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # the moment its truth was looked up and it was handed over


class SenderPause(Base):
    """A sender that failed, and until when it is left alone; a success takes the row away."""

    __tablename__ = "sender_pause"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(sa.Integer)
    until: Mapped[datetime]
    error: Mapped[str]


class InboxMessage(Base):
    """What a demo district's people would have received; no other district has any."""

    __tablename__ = "inbox_message"
    __table_args__ = (sa.Index(None, "district_id", "at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # the message's: a repetition is one
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    contact_digest: Mapped[bytes] = mapped_column(index=True)
    label: Mapped[str]  # the contact's last four
    text: Mapped[str]
    at: Mapped[datetime]


class Alert(Base):
    """Something staff are to look at: its owner first, one step up when nobody has seen it."""

    __tablename__ = "alert"
    __table_args__ = (
        sa.Index(
            "uq_alert_open",
            "site_id",
            "kind",
            unique=True,
            postgresql_where=_NOT_CLOSED,
            sqlite_where=_NOT_CLOSED,
        ),
        sa.Index(
            "ix_alert_district_open",
            "district_id",
            postgresql_where=_NOT_CLOSED,
            sqlite_where=_NOT_CLOSED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    # clean_low, box_full, crate_missing, dirty_old, box_silent, waiting_<state | held | review>
    kind: Mapped[str]
    owner: Mapped[AlertOwner] = mapped_column(by_value(AlertOwner))
    count: Mapped[int] = mapped_column(sa.Integer)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None]  # "staff:12" or "device:3"
    escalated_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]  # a review entry with a proposed repair was opened
    closed_at: Mapped[datetime | None]


class WorkerBeat(Base):
    """When each kind of the worker's work last went through, by whichever worker."""

    __tablename__ = "worker_beat"

    job: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Erasure(Base):
    """That something was erased, and whether the files were cleaned since; never who."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cleaned_at: Mapped[datetime | None]
