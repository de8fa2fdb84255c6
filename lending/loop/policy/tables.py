"""Tables of what a district decides: loan terms, limits, and mercy for a late loan."""

import uuid
from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


def added(default: int) -> Mapped[int]:
    """A number of a later release: versions made before have the default."""
    return mapped_column(sa.Integer, server_default=str(default))


class TermVersion(Base):
    """A version of the loan terms of a district, or of one kind of ware in it."""

    __tablename__ = "term_version"
    __table_args__ = (sa.UniqueConstraint("district_id", "kind_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item_kind.id"))
    valid_from: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    free_days: Mapped[int] = mapped_column(sa.Integer)
    extension_days: Mapped[int] = mapped_column(sa.Integer)
    extensions: Mapped[int] = mapped_column(sa.Integer)
    max_open: Mapped[int] = mapped_column(sa.Integer)
    max_open_unconfirmed: Mapped[int] = mapped_column(sa.Integer)
    max_open_no_contact: Mapped[int] = mapped_column(sa.Integer)
    max_open_group: Mapped[int] = mapped_column(sa.Integer)
    remind_before_days: Mapped[int] = mapped_column(sa.Integer)
    late_first_days: Mapped[int] = mapped_column(sa.Integer)
    late_second_days: Mapped[int] = mapped_column(sa.Integer)
    final_days: Mapped[int] = mapped_column(sa.Integer)
    lost_days: Mapped[int] = mapped_column(sa.Integer)
    pause_after_days: Mapped[int] = mapped_column(sa.Integer)
    notice_lead_days: Mapped[int] = mapped_column(sa.Integer)
    pause_end_days: Mapped[int] = mapped_column(sa.Integer)
    retention_days: Mapped[int] = mapped_column(sa.Integer)
    resume_days: Mapped[int] = added(3)
    claim_review_days: Mapped[int] = added(7)
    claim_close_days: Mapped[int] = added(30)
    claims_trusted: Mapped[int] = added(2)
    claims_window_days: Mapped[int] = added(90)
    quiet_from: Mapped[time]
    quiet_to: Mapped[time]


class StateLimit(Base):
    """How many days a piece may stay in a state before somebody is told, and who; as versions."""

    __tablename__ = "state_limit"
    __table_args__ = (sa.UniqueConstraint("district_id", "state", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    state: Mapped[str]  # a State's value, or "held"
    valid_from: Mapped[datetime]
    days: Mapped[int] = mapped_column(sa.Integer)
    owner: Mapped[str]  # "place" | "destination" | "officer"


class Forgiveness(Base):
    """An officer's decision, with its reason, that a late loan pauses its borrower no longer."""

    __tablename__ = "forgiveness"

    lend_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str]
    at: Mapped[datetime]


class ShelfLimit(Base):
    """After how many days a district's shops send clean ware back, where it wants other than 30."""

    __tablename__ = "shelf_limit"

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    days: Mapped[int] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
