"""Tables of delivery platforms, their shops, what they said of orders and what they are told."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base

_WAITING = sa.text("delivered_at IS NULL AND gave_up_at IS NULL")


class Word(StrEnum):
    """What a platform says of an order."""

    ORDER = "order"
    CANCEL = "cancel"


class Platform(Base):
    """A delivery platform: its program's token, the secret both sign with, where it is told.

    After a change of keys the old ones hold until `old_until`. While `rests_until` lies ahead its
    receiver is left alone, since it failed `failures` times in a row.
    """

    __tablename__ = "delivery_platform"
    __table_args__ = (sa.Index(None, "district_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    token_id: Mapped[int] = mapped_column(sa.ForeignKey("api_token.id"), unique=True)
    old_token_id: Mapped[int | None] = mapped_column(sa.ForeignKey("api_token.id"), unique=True)
    secret_sealed: Mapped[bytes]
    old_secret_sealed: Mapped[bytes | None]
    old_until: Mapped[datetime | None]
    callback_url: Mapped[str | None]
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)
    rests_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str | None]  # a kind of error or "HTTP 503", never what was sent
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]  # "staff:12"


class PlatformShop(Base):
    """Which of our places a platform means by its own id of a shop."""

    __tablename__ = "delivery_platform_shop"

    platform_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delivery_platform.id"), primary_key=True
    )
    shop: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class PlatformWord(Base):
    """A word of a platform that was taken: append-only; `digest` tells whether it is said again."""

    __tablename__ = "delivery_platform_word"

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("delivery_order.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    word: Mapped[Word] = mapped_column(by_value(Word))
    digest: Mapped[bytes]  # keyed, of all it said
    at: Mapped[datetime]


class Webhook(Base):
    """One thing a platform is told: a line of an order's history, or a trial without an order.

    What it says is read from the line when it is sent; lines never change.
    """

    __tablename__ = "delivery_webhook"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "seq"),
        sa.CheckConstraint("(order_id IS NULL) = (seq = 0)", name="trial"),
        sa.Index(
            "ix_delivery_webhook_waiting",
            "platform_id",
            "next_at",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        sa.Index(None, "platform_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    platform_id: Mapped[int] = mapped_column(sa.ForeignKey("delivery_platform.id"))
    order_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("delivery_order.id", ondelete="CASCADE")
    )
    seq: Mapped[int] = mapped_column(sa.Integer)  # of the OrderChange
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    error: Mapped[str | None]
