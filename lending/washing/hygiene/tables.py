"""Tables of hygiene: kinds of tests, tests, a district's settings, recalls and their pieces."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class Scope(StrEnum):
    """How far a recall reaches."""

    BATCH = "batch"
    MACHINE = "machine"  # all it washed since its last good test of that kind


class Ending(StrEnum):
    """How a recall, or one piece of it, ended."""

    REENTRY = "reentry"  # typed wrong: the value typed again was good
    RELEASED = "released"  # after a good retest, with a reason
    REWASH = "rewash"
    RETIRED = "retired"


class Reach(StrEnum):
    """What a recall means for one piece of the batch."""

    HELD = "held"
    WASHED_LATER = "washed_later"  # a later good wash: out of reach, but listed
    RETIRED = "retired"  # was out of use already


class TestKind(Base):
    """A kind of test; a value up to `limit` is good. `months`: how often it is due, 0 for never."""

    __tablename__ = "hygiene_kind"
    __table_args__ = (
        sa.UniqueConstraint("district_id", "code"),
        sa.CheckConstraint('"limit" >= 0 AND months >= 0', name="not_negative"),
    )
    __test__ = False  # no test case of pytest's

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")
    limit: Mapped[float]
    months: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class HygieneSetting(Base):
    """How a district tests. `sample_every`: each n-th batch of a machine is to be sampled, 0 none."""

    __tablename__ = "hygiene_setting"

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    sample_every: Mapped[int] = mapped_column(default=0)
    ship_waits: Mapped[bool] = mapped_column(default=True)
    escalate_minutes: Mapped[int] = mapped_column(default=30)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class HygieneTest(Base):
    """A sample and, once known, its value and whether it was good; never changed after that.

    What was typed wrong is entered again as a test of its own that names it (`corrects_id`).
    """

    __tablename__ = "hygiene_test"
    __table_args__ = (
        sa.CheckConstraint("(value IS NULL) = (passed IS NULL)", name="value_judged"),
        sa.Index(None, "batch_id"),
        sa.Index(None, "machine_id", "sampled_at"),
        sa.Index(None, "district_id", "kind_id", "sampled_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("hygiene_kind.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    machine_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wash_machine.id"))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("wash_batch.id"))
    lab: Mapped[str] = mapped_column(default="")
    sampled_at: Mapped[datetime]
    sampled_by: Mapped[str]
    recorded_at: Mapped[datetime]
    value: Mapped[float | None]
    limit: Mapped[float]  # in force when the sample was taken
    passed: Mapped[bool | None]
    result_at: Mapped[datetime | None]
    result_by: Mapped[str | None]
    next_due: Mapped[date | None]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hygiene_test.id"))
    retest_of_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hygiene_test.id"))
    superseded: Mapped[bool] = mapped_column(default=False)  # another value was entered for it
    note: Mapped[str] = mapped_column(default="")


class Recall(Base):
    """What a failed test set going: pieces held at once, people told once it is confirmed."""

    __tablename__ = "recall"
    __table_args__ = (
        sa.Index(
            "ix_recall_open",
            "district_id",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_how IS NULL)", name="closed_how"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    test_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hygiene_test.id"), unique=True)
    scope: Mapped[Scope] = mapped_column(by_value(Scope))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("wash_batch.id"))
    machine_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wash_machine.id"))
    since: Mapped[datetime | None]  # the machine's last good test
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_how: Mapped[Ending | None] = mapped_column(by_value(Ending))
    reason: Mapped[str | None]


class RecallPiece(Base):
    """A piece of a recalled batch: held or listed, set aside where it stands, and how it ended."""

    __tablename__ = "recall_piece"
    __table_args__ = (sa.Index(None, "item_id"),)

    recall_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("recall.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    wash_id: Mapped[uuid.UUID]  # the scan that put it into the batch
    washed_at: Mapped[datetime]
    reach: Mapped[Reach] = mapped_column(by_value(Reach))
    hold_id: Mapped[uuid.UUID | None]
    set_aside_at: Mapped[datetime | None]
    set_aside_by: Mapped[str | None]
    ended_how: Mapped[Ending | None] = mapped_column(by_value(Ending))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class RecallCount(Base):
    """Counted ware of a recalled batch, held by quantity; never more than stood there."""

    __tablename__ = "recall_count"

    recall_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("recall.id"), primary_key=True)
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    wanted: Mapped[int]  # pieces of the batches in reach
    held: Mapped[int]  # of them, found at the centre
