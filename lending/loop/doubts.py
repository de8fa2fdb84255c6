"""Tables of what the loop doubts: gaps of the log, entries that need a head, refused questions."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.loop.steps import Gap


class ScanGap(Base):
    """A gap that a scan showed; derived, rewritten by replay, counted per place."""

    __tablename__ = "scan_gap"
    __table_args__ = (sa.Index(None, "district_id", "occurred_at"),)

    scan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    gap: Mapped[Gap] = mapped_column(by_value(Gap), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    occurred_at: Mapped[datetime]


class Review(Base):
    """Something that needs a head: it hangs on (scan, gap) or (place, limit), survives replay."""

    __tablename__ = "review"
    __table_args__ = (
        sa.UniqueConstraint("scan_id", "subject"),
        sa.Index(None, "district_id", "settled_at", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    subject: Mapped[str]  # a Gap's value, or "stuck_<state>" for a limit passed
    scan_id: Mapped[uuid.UUID | None]
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    opened_at: Mapped[datetime]
    settle_by: Mapped[datetime]  # the automatic outcome comes then
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str | None]  # a decision, "vanished" or "automatic"
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str | None]


class Refusal(Base):
    """A refused question, apart from the log: nothing is stored under its scan id."""

    __tablename__ = "refusal"
    __table_args__ = (sa.Index(None, "district_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    action: Mapped[str]
    code: Mapped[str]  # the error
    at: Mapped[datetime]
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
