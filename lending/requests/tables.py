"""What devices tell that nobody stands at: how each machine is, whose points a return counts for."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


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
