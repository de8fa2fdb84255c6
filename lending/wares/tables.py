"""Tables of counted ware: accounts, the moves between them, what was counted, stocktaking sessions."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.people.tables import Role, role_column
from lending.wares.stocktaking.tables import StockLine, StockPiece, StockSession
from lending.wares.ways import Condition, Outside, Why

__all__ = [
    "CountedAccount", "CountedFigure", "CountedMove", "StockLine", "StockPiece", "StockSession",
]  # fmt: skip


def _one_each(name: str, holder: str, *more: str) -> sa.Index:
    """One account for each kind, holder and condition."""
    held = sa.text(f"{holder} IS NOT NULL")
    columns = ("kind_id", holder, *more)
    return sa.Index(
        f"uq_counted_account_{name}", *columns, unique=True,
        postgresql_where=held, sqlite_where=held,
    )  # fmt: skip


class CountedAccount(Base):
    """Ware of one kind in one condition at a place or in a crate, or outside.

    `balance` is a cache of the moves, kept in the transaction of each; it may be below zero, where
    more was taken than was known of. Outside it is not kept: every move of a kind would wait for
    that one row.
    """

    __tablename__ = "counted_account"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN site_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN crate_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN outside IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_holder",
        ),
        sa.CheckConstraint("(condition IS NULL) = (outside IS NOT NULL)", name="condition_inside"),
        _one_each("place", "site_id", "condition"),
        _one_each("crate", "crate_id", "condition"),
        _one_each("outside", "outside"),
        sa.Index(None, "site_id"),
        sa.Index(None, "crate_id"),
        sa.Index(None, "district_id", "kind_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    crate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    condition: Mapped[Condition | None] = mapped_column(by_value(Condition))
    outside: Mapped[Outside | None] = mapped_column(by_value(Outside))
    balance: Mapped[int] = mapped_column(default=0)


class CountedFigure(Base):
    """What was counted in an account at a moment; its difference stands in the moves that name it.

    A figure comes after every move of its moment; a second one that is told for the same moment is
    kept a microsecond later.
    """

    __tablename__ = "counted_figure"
    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity"),
        sa.Index(None, "account_id", "at", "id"),
        sa.Index(None, "ref"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("counted_account.id"))
    quantity: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    ref: Mapped[uuid.UUID | None]
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
    sender_role: Mapped[Role] = mapped_column(role_column())
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class CountedMove(Base):
    """A quantity that went from one account to another: append-only, the truth of counted ware.

    `figure_id`: the figure whose difference it is; more than one where word of something earlier
    came later (`ref` then names that move).
    """

    __tablename__ = "counted_move"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("from_id <> to_id", name="two_accounts"),
        sa.CheckConstraint("(figure_id IS NULL) = (why <> 'counted')", name="figure_counted"),
        sa.Index(None, "from_id", "at"),
        sa.Index(None, "to_id", "at"),
        sa.Index(None, "figure_id"),
        sa.Index(
            "ix_counted_move_batch",
            "batch_id",
            postgresql_where=sa.text("batch_id IS NOT NULL"),
            sqlite_where=sa.text("batch_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_counted_move_ref",
            "ref",
            postgresql_where=sa.text("ref IS NOT NULL"),
            sqlite_where=sa.text("ref IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    quantity: Mapped[int]
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("counted_account.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("counted_account.id"))
    why: Mapped[Why] = mapped_column(by_value(Why))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    batch_id: Mapped[uuid.UUID | None]
    ref: Mapped[uuid.UUID | None]
    figure_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("counted_figure.id"))
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
    sender_role: Mapped[Role] = mapped_column(role_column())
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str | None]
