"""Tables of wash batches: machines, programmes, what is in a batch, its stages and readings."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class Stage(StrEnum):
    """What a programme may consist of, in this order."""

    PRE_WASH = "pre_wash"
    WASH = "wash"
    RINSE = "rinse"
    DRY = "dry"
    STERILISE = "sterilise"


class Measure(StrEnum):
    """What is read off a machine, each in one unit."""

    TEMPERATURE = "temperature"  # °C
    DETERGENT = "detergent"  # grams per litre
    TIME = "time"  # seconds


class WashMachine(Base):
    """A washing machine of a centre; `capacity`: pieces in one batch, 0 for not known."""

    __tablename__ = "wash_machine"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "name"),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    name: Mapped[str]
    capacity: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class WashProgramme(Base):
    """What a machine runs: its stages in order, and what the wash must at least reach."""

    __tablename__ = "wash_programme"
    __table_args__ = (sa.UniqueConstraint("district_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    name: Mapped[str]
    stages: Mapped[list[str]] = mapped_column(sa.JSON)
    min_temperature: Mapped[float | None]  # °C
    detergent: Mapped[float | None]  # grams per litre
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class BatchItem(Base):
    """A piece or a crate put into a batch; a piece is in one open batch at most."""

    __tablename__ = "batch_item"
    __table_args__ = (
        sa.Index(
            "uq_batch_item_open_item",
            "item_id",
            unique=True,
            postgresql_where=sa.text("open"),
            sqlite_where=sa.text("open"),
        ),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("wash_batch.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    code: Mapped[str]  # as scanned
    carrier: Mapped[bool]
    open: Mapped[bool]  # the batch is neither finished nor aborted
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    request_id: Mapped[uuid.UUID]


class BatchCount(Base):
    """Counted ware put into a batch; each entry has its request's id."""

    __tablename__ = "batch_count"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index(None, "batch_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("wash_batch.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    quantity: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class BatchStage(Base):
    """When a stage of a batch began."""

    __tablename__ = "batch_stage"

    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("wash_batch.id"), primary_key=True)
    stage: Mapped[Stage] = mapped_column(by_value(Stage), primary_key=True)
    began_at: Mapped[datetime]
    noted_by: Mapped[str]


class BatchReading(Base):
    """A value read off the machine, typed or sent by it; each has its request's id."""

    __tablename__ = "batch_reading"
    __table_args__ = (sa.Index(None, "batch_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("wash_batch.id"))
    stage: Mapped[Stage | None] = mapped_column(by_value(Stage))
    measure: Mapped[Measure] = mapped_column(by_value(Measure))
    value: Mapped[float]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    noted_by: Mapped[str]
