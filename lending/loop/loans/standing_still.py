"""Table of clock stops: spans in which a loan's borrower cannot help that the piece is not back."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class StopWhy(StrEnum):
    REFUSED = "refused"  # a machine did not take the piece
    PICKUP_LATE = "pickup_late"  # nobody came for it in time
    PICKED_UP = "picked_up"  # a courier has it, in a bag that nobody opened yet


_GOES_ON = sa.text("ended_at IS NULL")


class ClockStop(Base):
    """Until it ends, nothing is sent about the loan, and it is neither late nor written off."""

    __tablename__ = "clock_stop"
    __table_args__ = (
        sa.Index(None, "ref"),
        sa.Index("ix_clock_stop_lend", "lend_id", postgresql_where=_GOES_ON, sqlite_where=_GOES_ON),
        sa.Index(
            "ix_clock_stop_goes_on",
            "district_id",
            "until",
            "id",
            postgresql_where=_GOES_ON,
            sqlite_where=_GOES_ON,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # follows from ref, lend and why
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    lend_id: Mapped[uuid.UUID]  # no foreign key: a void and a rebuild take loans away
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    ref: Mapped[uuid.UUID]  # the refusal or the pick-up request
    why: Mapped[StopWhy] = mapped_column(by_value(StopWhy))
    from_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
