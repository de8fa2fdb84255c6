"""Tables of label jobs: sheets drawn by the worker, and which codes stand on them in which order."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base

OPEN = sa.text("state IN ('waiting', 'running')")


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LabelJob(Base):
    """One PDF of labels of one kind; a worker claims it, tells its progress and settles it."""

    __tablename__ = "label_job"
    __table_args__ = (
        sa.CheckConstraint("count BETWEEN 1 AND 10000", name="count"),
        sa.CheckConstraint("correction IN ('Q', 'H')", name="correction"),
        sa.Index("ix_label_job_open", "id", postgresql_where=OPEN, sqlite_where=OPEN),
        sa.Index(None, "district_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    count: Mapped[int] = mapped_column(sa.Integer)
    correction: Mapped[str] = mapped_column(default="Q")  # H for flat lids and crates
    state: Mapped[JobState] = mapped_column(by_value(JobState))
    done_count: Mapped[int] = mapped_column(sa.Integer, default=0)
    file_name: Mapped[str | None]  # in the folder of label files, once done
    error: Mapped[str | None]  # why it failed
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    leased_until: Mapped[datetime | None]
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class LabelJobCode(Base):
    """A code of a job, at its place on the sheets: printing again gives the same sheets."""

    __tablename__ = "label_job_code"

    job_id: Mapped[int] = mapped_column(
        sa.ForeignKey("label_job.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    code: Mapped[str] = mapped_column(sa.ForeignKey("label.code"))
