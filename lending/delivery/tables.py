"""Tables of delivery orders, how each went, and what a pass's tablet told of them."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.delivery.platforms import tables as platform_tables  # noqa: F401 - the migrations find the tables by this file

_NOT_OVER = sa.text("closed_at IS NULL")
_SEALED = sa.text("contact_sealed IS NOT NULL")
_LOST = sa.text("status = 'lost'")


class OrderStatus(StrEnum):
    """How an order stands; what a platform is told, word for word."""

    WAITING = "waiting"  # announced by a platform, nothing packed for it yet
    PACKED = "packed"  # its ware is out
    PICKUP_REQUESTED = "pickup_requested"
    PICKED_UP = "picked_up"  # on its way to the centre
    PART_RETURNED = "part_returned"
    RETURNED = "returned"  # every piece came back
    LOST = "lost"  # over, and a piece of it was never seen again
    SINGLE_USE = "single_use"  # chose no reusable ware: counted, nothing lent
    CANCELLED = "cancelled"


class ContactKind(StrEnum):
    """What an order knows of its orderer."""

    NONE = "none"
    PHONE = "phone"  # a contact of their own: what is lent is that resident's, then it goes here
    SAFE = "safe"  # a safe number (050-…): somebody else's tomorrow, kept for hours
    TOKEN = "token"  # noqa: S105 - a kind of contact: the platform's own sign for the orderer


class Order(Base):
    """An order of a shop; no person stands in it but sealed, and only while its loans are open.

    Its pieces are those lent to `occasion_id` (none before anything is packed). Where it was
    brought to is kept about that occasion (requests/pickups), or about its own id until then.
    """

    __tablename__ = "delivery_order"
    __table_args__ = (
        sa.UniqueConstraint("platform_id", "platform_ref"),
        sa.CheckConstraint("(platform_id IS NULL) = (platform_ref IS NULL)", name="platform"),
        sa.CheckConstraint("contact_kind <> 'none' OR contact_sealed IS NULL", name="contact"),
        sa.Index(None, "site_id", "day", "id"),
        sa.Index(None, "district_id", "day"),
        sa.Index(
            "ix_delivery_order_open",
            "district_id",
            "id",
            postgresql_where=_NOT_OVER,
            sqlite_where=_NOT_OVER,
        ),
        sa.Index(
            "ix_delivery_order_lost",  # what may still be found
            "district_id",
            "id",
            postgresql_where=_LOST,
            sqlite_where=_LOST,
        ),
        sa.Index(
            "ix_delivery_order_sealed",  # what is still to be erased
            "district_id",
            "id",
            postgresql_where=_SEALED,
            sqlite_where=_SEALED,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    occasion_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)  # what is lent for it
    day: Mapped[date] = mapped_column(sa.Date)  # local day of made_at
    number: Mapped[str | None]  # the shop's or the platform's, as people say it aloud
    numbered_at: Mapped[datetime | None]  # when it was said; an earlier word does not undo it
    platform_id: Mapped[int | None] = mapped_column(sa.Integer)
    platform_ref: Mapped[str | None]  # the platform's own id of the order
    revision: Mapped[int] = mapped_column(sa.Integer, default=0)  # the platform's latest word
    reusable: Mapped[bool]
    contact_kind: Mapped[ContactKind] = mapped_column(by_value(ContactKind))
    contact_at: Mapped[datetime | None]  # when it was said, as numbered_at
    contact_sealed: Mapped[bytes | None]
    contact_until: Mapped[datetime | None]  # erased then, even with its loans open
    status: Mapped[OrderStatus] = mapped_column(by_value(OrderStatus))
    status_seq: Mapped[int] = mapped_column(sa.Integer, default=0)  # of its latest OrderChange
    made_at: Mapped[datetime]
    made_by: Mapped[str]  # "staff:12", "device:3", "platform:1"
    packed_at: Mapped[datetime | None]
    packed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]


class OrderChange(Base):
    """Each status an order came to, in order: append-only, what platforms are told from."""

    __tablename__ = "delivery_order_change"
    __table_args__ = (sa.Index(None, "district_id", "at"),)

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("delivery_order.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(sa.Integer, primary_key=True)  # from 1
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    status: Mapped[OrderStatus] = mapped_column(by_value(OrderStatus))
    at: Mapped[datetime]


class OrderRecord(Base):
    """What a pass's tablet told of orders, by its id: told again, it is the same word."""

    __tablename__ = "delivery_record"
    __table_args__ = (sa.Index(None, "recorded_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    occasion_id: Mapped[uuid.UUID]
    what: Mapped[str]
    digest: Mapped[bytes]  # keyed, of all it said
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
