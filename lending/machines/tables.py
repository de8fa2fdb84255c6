"""Tables of machines: a district's rules, what changed, what a machine refused, bottles."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.loop.tables import small


class Event(StrEnum):
    """What changed of a machine; each ends the one before it of its pair."""

    SILENT = "silent"
    ONLINE = "online"
    FULL = "full"
    ROOM = "room"
    HOT = "hot"
    COOL = "cool"
    FAULT = "fault"
    FAULT_OVER = "fault_over"
    SOFTWARE = "software"


class Why(StrEnum):
    """Why a machine did not take a piece."""

    FULL = "full"
    NOT_ACCEPTED = "not_accepted"  # of a kind it does not take
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    FAULT = "fault"
    CLOSED = "closed"
    OTHER = "other"


class MachineRules(Base):
    """What a district has set for all of its machines; one that set nothing has no row."""

    __tablename__ = "machine_rules"
    __table_args__ = (
        sa.CheckConstraint("silent_minutes > 0", name="silent_minutes"),
        sa.CheckConstraint("bottles_a_day >= 0", name="bottles_a_day"),
    )

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    silent_minutes: Mapped[int] = small()
    bottles_a_day: Mapped[int] = small()  # per person, over all machines
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class MachineChange(Base):
    """That a machine changed: written when it does, never at a heartbeat like the one before."""

    __tablename__ = "machine_change"
    __table_args__ = (sa.Index(None, "site_id", "at", "id"), sa.Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    at: Mapped[datetime]
    event: Mapped[Event] = mapped_column(by_value(Event, length=12))
    detail: Mapped[str] = mapped_column(default="")  # the version, the errors


class MachineRefusal(Base):
    """A piece that a machine did not take, so that nobody is left alone with it. No person."""

    __tablename__ = "machine_refusal"
    __table_args__ = (
        sa.Index(None, "item_id", "at"),
        sa.Index(None, "site_id", "at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    code: Mapped[str]  # as its label says; "" where nothing could be read
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    why: Mapped[Why] = mapped_column(by_value(Why, length=12))
    told_at: Mapped[datetime]  # by the machine's clock: knows its retries
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class BottlePerson(Base):
    """Whose bottles they are: found by a keyed digest, goes with the resident or with time."""

    __tablename__ = "bottle_person"
    __table_args__ = (sa.UniqueConstraint("district_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    key: Mapped[bytes]  # digest of a contact, or of a resident without one
    resident_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), unique=True
    )
    last_on: Mapped[date]


class BottleDay(Base):
    """How many bottles of a person were counted on one day: the row that two machines wait for."""

    __tablename__ = "bottle_day"
    __table_args__ = (sa.CheckConstraint("granted >= 0", name="granted"), sa.Index(None, "day"))

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("bottle_person.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    granted: Mapped[int] = small()


class BottleDeposit(Base):
    """Bottles put into a machine in one go: append-only, what the points ledger reads."""

    __tablename__ = "bottle_deposit"
    __table_args__ = (
        sa.CheckConstraint("granted BETWEEN 0 AND offered", name="granted"),
        sa.Index(None, "district_id", "day"),
        sa.Index(None, "site_id", "day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # the machine's: a retry is no deposit
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("bottle_person.id", ondelete="SET NULL"), index=True
    )
    named: Mapped[bool]  # somebody was named, also where the link is cut since
    told_at: Mapped[datetime]  # by the machine's clock: knows its retries
    at: Mapped[datetime]
    day: Mapped[date]  # the district's local day, which the limit goes by
    offered: Mapped[int] = small()
    granted: Mapped[int] = small()
    recorded_at: Mapped[datetime]
