"""Tables of pick-up requests: who asked is no person, and where to go is sealed and soon erased."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base

_OPEN = sa.text("closed_at IS NULL")


class Where(StrEnum):
    """Where the ware stands, as the asker says it."""

    DOOR = "door"  # before the door where it was received
    NOTE = "note"  # there as well, at a place the note tells
    ELSEWHERE = "elsewhere"  # at the address typed


class Why(StrEnum):
    """Why a request waits for the officer."""

    TRIES = "tries"  # nothing was found, and on the next two rounds again
    UNSEEN = "unseen"  # taken, and nothing of it ever came to the centre


class Ending(StrEnum):
    """How a request ended."""

    CAME = "came"  # every piece was seen again
    MISSING = "missing"  # the bag came, something of it did not: three fresh days
    CANCELLED = "cancelled"  # by whoever asked
    REFUSED = "refused"  # by an officer, with a reason
    FORGIVEN = "forgiven"  # lost on the way by us: its loans ended without consequence


class Pickup(Base):
    """One request; `subject_key` is the order's or the piece's: one open request for each."""

    __tablename__ = "pickup"
    __table_args__ = (
        sa.Index(
            "uq_pickup_open_subject",
            "subject_key",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        sa.Index(
            "ix_pickup_open",
            "district_id",
            "asked_at",
            "id",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        sa.Index(None, "district_id", "asked_at", "id"),
        sa.Index(None, "occasion_id"),
        sa.Index(None, "round_id"),
        sa.CheckConstraint("(from_at IS NULL) = (to_at IS NULL)", name="window"),
        sa.CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name="ending"),
        sa.CheckConstraint("closed_at IS NULL OR sealed IS NULL", name="erased"),
        sa.CheckConstraint("(taken_id IS NULL) = (taken_at IS NULL)", name="taken"),
        sa.CheckConstraint("tries >= 0", name="tries"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # of the asking: sent again, it is one
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # where it was lent
    subject_key: Mapped[str]  # "order:<occasion>" or "item:<id>"
    occasion_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("occasion.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))  # that was scanned
    secret_hash: Mapped[bytes] = mapped_column(unique=True)  # keyed, of the request's own code
    device_digest: Mapped[bytes | None]  # keyed, of the asker's browser; gone at the end
    place: Mapped[Where] = mapped_column(by_value(Where))
    sealed: Mapped[bytes | None]  # JSON: address, note, latitude, longitude; gone at the end
    from_at: Mapped[datetime | None]  # both or neither: any time is right
    to_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    round_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("round.id"))  # that is to go
    tries: Mapped[int] = mapped_column(sa.Integer, default=0)  # rounds in vain, since sent out anew
    failed_at: Mapped[datetime | None]  # the last of them
    late_at: Mapped[datetime | None]  # noted as late: alert raised, clocks stopped
    to_officer_at: Mapped[datetime | None]
    to_officer_why: Mapped[Why | None] = mapped_column(by_value(Why))
    taken_id: Mapped[uuid.UUID | None]  # the visit that counts: the first that was told
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    bag_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))  # it came along in
    arrived_at: Mapped[datetime | None]  # the bag, or the first of it, was seen at the centre
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]  # "staff:12", "system:0", or "asker"
    ending: Mapped[Ending | None] = mapped_column(by_value(Ending))
    reason: Mapped[str] = mapped_column(default="", server_default="")  # an officer's
    missing: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")  # at the end


class PickupLoan(Base):
    """A loan that the request is about."""

    __tablename__ = "pickup_loan"
    __table_args__ = (sa.Index(None, "lend_id"),)

    pickup_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pickup.id"), primary_key=True)
    lend_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # a voided lend's loan is gone
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)


class PickupVisit(Base):
    """A courier was there, by the id of the record that told it: told again, it counts once."""

    __tablename__ = "pickup_visit"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # its photo is kept about this id
    pickup_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("pickup.id"), index=True)
    round_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("round.id"))
    taken: Mapped[bool]  # else nothing was found, or nobody opened
    at: Mapped[datetime]  # by the courier's corrected clock
    by: Mapped[str]
    recorded_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]  # a taking told by mistake
    undone_by: Mapped[str | None]


class OrderPlace(Base):
    """Where an order was brought to, sealed, as long as one of its loans is open."""

    __tablename__ = "order_place"

    occasion_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    sealed: Mapped[bytes]  # JSON: address, note, latitude, longitude
    kept_at: Mapped[datetime]
