"""Table of what people say of a cup: "I dropped it there"."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base


class SaidBy(StrEnum):
    """By which way a claim came in; never who."""

    RESIDENT = "resident"
    LINK = "link"  # of a message, without sign-in
    STAFF = "staff"  # for somebody who called or came


class ClaimOutcome(StrEnum):
    """How a claim ended."""

    CONFIRMED = "confirmed"  # the piece was seen
    BELIEVED = "believed"
    NOT_FOUND = "not_found"  # the clock goes on, with fresh days
    UNDECIDED = "undecided"  # nobody decided in time: no consequence, counts against the place
    WITHDRAWN = "withdrawn"  # "I have it after all"


_OPEN = sa.text("settled_at IS NULL")


class DropClaim(Base):
    """A borrower's word that a cup is back. It holds no person: that hangs on the lend's scan."""

    __tablename__ = "drop_claim"
    __table_args__ = (
        sa.Index(
            "uq_drop_claim_open",
            "lend_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        sa.Index(
            "ix_drop_claim_open_said",
            "district_id",
            "said_at",
            "id",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        sa.Index(None, "lend_id"),
        sa.Index(None, "district_id", "settled_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    lend_id: Mapped[uuid.UUID]  # no foreign key: a void and a rebuild take loans away
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))  # None: not one of ours
    said_at: Mapped[datetime]
    dropped_at: Mapped[datetime]
    said_by: Mapped[SaidBy] = mapped_column(by_value(SaidBy))
    stops_clock: Mapped[bool]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[ClaimOutcome | None] = mapped_column(by_value(ClaimOutcome))
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str | None]
