"""The table of stays: which piece was in which crate, from when until when."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class CrateStay(Base):
    """A piece's time in a crate, a cache of the log like a loan; its id is the pack scan's."""

    __tablename__ = "crate_stay"
    __table_args__ = (
        sa.Index(
            "uq_crate_stay_open_item",
            "item_id",
            unique=True,
            postgresql_where=sa.text("left_at IS NULL"),
            sqlite_where=sa.text("left_at IS NULL"),
        ),
        sa.Index(None, "item_id"),
        sa.Index(None, "crate_id", "left_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    crate_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    packed_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_by: Mapped[uuid.UUID | None]
