"""What nobody stands at: how a machine is set up and how it is, whose points a return counts for."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base
from lending.loop.tables import small


class Machine(Base):
    """How one machine is set up; one that nobody has set up takes every kind and has no keeper."""

    __tablename__ = "machine"
    __table_args__ = (
        sa.CheckConstraint("full_at BETWEEN 1 AND 100", name="full_at"),
        sa.CheckConstraint("hot_at BETWEEN 1 AND 150", name="hot_at"),
    )

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    model: Mapped[str] = mapped_column(default="")
    # The place whose people look after it: they are told; without one the officers are.
    keeper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    accepts: Mapped[list[str]] = mapped_column(sa.JSON)  # codes of kinds; none: all of them
    takes_bottles: Mapped[bool] = mapped_column(default=False)
    full_at: Mapped[int] = small()  # per cent from which it counts as full
    hot_at: Mapped[int] = small()  # °C from which it counts as hot
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]  # "staff:12"


class MachineStatus(Base):
    """How a machine was at its last heartbeat: one row each, written over every minute."""

    __tablename__ = "machine_status"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    # No index over what a heartbeat changes: PostgreSQL then writes over the row in its page.
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    heard_at: Mapped[datetime]
    beats: Mapped[int]  # heartbeats so far; who writes names the number read, so that none is lost
    fullness: Mapped[int | None] = mapped_column(sa.Integer)  # per cent
    temperature: Mapped[float | None]  # °C
    software: Mapped[str]
    errors: Mapped[str]  # its own words for what is wrong, one to a line
    settings_seen: Mapped[str]  # the version of the settings that it works by
    silent: Mapped[bool]
    full: Mapped[bool]
    hot: Mapped[bool]
    changed_at: Mapped[datetime]  # of the newest MachineChange
    # What the newest changes said; between two changes of a machine lies a minute at least.
    noted_full: Mapped[bool]
    noted_hot: Mapped[bool]
    noted_fault: Mapped[bool]
    noted_software: Mapped[str]


class ReturnCredit(Base):
    """Whose points a return will count for; goes with the resident, and by itself with time."""

    __tablename__ = "return_credit"
    __table_args__ = (sa.Index(None, "at"),)

    scan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    resident_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]  # when the QR was shown
