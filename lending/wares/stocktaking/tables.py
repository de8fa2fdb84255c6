"""Tables of stocktaking: sessions at a place, the pieces noted in them, the quantities typed."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.people.tables import Role, role_column
from lending.wares.ways import Condition


class Verdict(StrEnum):
    """What a session's end says of a piece."""

    PRESENT = "present"
    UNEXPECTED = "unexpected"  # noted, although the log has it elsewhere
    MISSING = "missing"  # not noted, although the log has it here
    UNKNOWN = "unknown"  # noted; no piece has this code


class StockSession(Base):
    """One counting at a place, by as many tablets as take part; one open session per place."""

    __tablename__ = "stock_session"
    __table_args__ = (
        sa.Index(
            "uq_stock_session_open",
            "site_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "site_id", "begun_at"),
        sa.CheckConstraint("ended_at >= begun_at", name="ends_after"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    begun_at: Mapped[datetime]
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
    sender_role: Mapped[Role] = mapped_column(role_column())
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    ender_kind: Mapped[str | None]
    ender_id: Mapped[int | None]
    ender_staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    abandoned: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class StockPiece(Base):
    """A tracked piece of a session: noted by its code or by the closed crate it is in, or missing.

    `verdict` and what stood in the log are written when the session ends.
    """

    __tablename__ = "stock_piece"
    __table_args__ = (
        sa.Index(None, "session_id", "verdict", "code"),
        sa.Index(None, "item_id"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("stock_session.id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)  # the label in use, or as scanned
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    crate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    noted_at: Mapped[datetime | None]
    sender_kind: Mapped[str | None]
    sender_id: Mapped[int | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    verdict: Mapped[Verdict | None] = mapped_column(by_value(Verdict))


class StockLine(Base):
    """A quantity typed in a session; the lines of an account add up, one can be taken back."""

    __tablename__ = "stock_line"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity"),
        sa.Index(None, "session_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("stock_session.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    crate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    condition: Mapped[Condition] = mapped_column(by_value(Condition))
    quantity: Mapped[int]
    at: Mapped[datetime]
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    taken_back_at: Mapped[datetime | None]
