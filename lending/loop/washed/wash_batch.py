"""The table of wash batches: what washed a piece, whether it ended, whether it awaits a result."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class WashBatch(Base):
    """One run of a machine, or what a site washed without one on a local day (`implicit`).

    An implicit one has a row only once a test or a certificate names it; its begin and end are
    those of its day. Machine and programme are lending/washing's.
    """

    __tablename__ = "wash_batch"
    __table_args__ = (
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ends_after_start"),
        sa.CheckConstraint("ended_at IS NULL OR aborted_at IS NULL", name="one_end"),
        sa.Index(
            "uq_wash_batch_implicit_day",
            "site_id",
            "day",
            unique=True,
            postgresql_where=sa.text("implicit"),
            sqlite_where=sa.text("implicit"),
        ),
        sa.Index(
            "ix_wash_batch_awaiting",
            "district_id",
            postgresql_where=sa.text("awaits_result"),
            sqlite_where=sa.text("awaits_result"),
        ),
        sa.Index(None, "site_id", "started_at"),
        sa.Index(None, "machine_id", "ended_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    machine_id: Mapped[int | None]
    programme_id: Mapped[int | None]
    implicit: Mapped[bool] = mapped_column(default=False)
    day: Mapped[date | None]  # of an implicit one, by the district's clock
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    aborted_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    begun_by: Mapped[str]  # "staff:12" or "device:3"
    ended_by: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))  # the operator
    finish_id: Mapped[uuid.UUID | None]  # the request that finished or aborted it
    awaits_result: Mapped[bool] = mapped_column(default=False)  # sampled: not to be shipped yet
    note: Mapped[str | None]
