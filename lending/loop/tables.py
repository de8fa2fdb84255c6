"""Tables of the scan log and its caches: items, labels, scans, borrowers, loans."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base, BigId
from lending.loop.crates.packed import CrateStay
from lending.loop.doubts import Refusal, Review, ScanGap
from lending.loop.dropped import DropClaim
from lending.loop.loans.lent_for import Occasion
from lending.loop.loans.standing_still import ClockStop
from lending.loop.pieces.ware_kinds import ItemKind
from lending.loop.policy.tables import Forgiveness, ShelfLimit, StateLimit, TermVersion
from lending.loop.steps import Action, Outcome, State
from lending.loop.washed.wash_batch import WashBatch
from lending.people.tables import Role, role_column

_OCCASION = sa.text("occasion_id IS NOT NULL")
_NAMES = sa.text("crate_id IS NOT NULL AND of IS NULL")  # a scan that names a crate


def small(default: int = 0) -> Mapped[int]:
    return mapped_column(sa.Integer, default=default)


__all__ = [
    "ClockStop", "CrateStay", "DropClaim", "Forgiveness", "Item", "ItemKind", "Label", "Loan", "Occasion",
    "Refusal", "Review", "Scan", "ScanBorrower", "ScanGap", "ShelfLimit", "StateLimit", "TermVersion", "WashBatch",
]  # fmt: skip


class Item(Base):
    """One tagged piece: a cache of its scans, rewritten only by lending/loop/record.py."""

    __tablename__ = "item"
    __table_args__ = (
        sa.Index(None, "district_id", "site_id", "state", "kind_id", "id"),
        # What a place's snapshot holds beside what stands there: what is on its way to it.
        sa.Index(
            "ix_item_to_site",
            "to_site_id",
            postgresql_where=sa.text("to_site_id IS NOT NULL"),
            sqlite_where=sa.text("to_site_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_item_carrier",  # crates and bags, to be left out where pieces are counted
            "district_id",
            postgresql_where=sa.text("carrier"),
            sqlite_where=sa.text("carrier = 1"),
        ),
        sa.Index(
            "ix_item_crate",  # what is in a crate now
            "crate_id",
            postgresql_where=sa.text("crate_id IS NOT NULL"),
            sqlite_where=sa.text("crate_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    code: Mapped[str] = mapped_column(unique=True)  # the label in use
    state: Mapped[State] = mapped_column(by_value(State))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    clean: Mapped[bool]
    washed: Mapped[bool]
    hold: Mapped[str | None]
    to_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    uses: Mapped[int] = small()
    washes: Mapped[int] = small()
    gaps: Mapped[int] = small()
    last_at: Mapped[datetime]
    last_id: Mapped[uuid.UUID]
    last_site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    last_return_at: Mapped[datetime | None]
    since: Mapped[datetime]
    # The open loan, so that a scan is judged on this one locked row.
    loan_id: Mapped[uuid.UUID | None]
    loan_site_id: Mapped[int | None]
    loan_opened_at: Mapped[datetime | None]
    loan_party: Mapped[int | None]
    loan_extensions: Mapped[int] = small()
    loan_lost_at: Mapped[datetime | None]
    loan_resumed_at: Mapped[datetime | None]
    loan_occasion_id: Mapped[uuid.UUID | None]
    due_at: Mapped[datetime | None]
    batch_id: Mapped[uuid.UUID | None]  # that washed it, until the next step that soils
    crate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    packed_by: Mapped[uuid.UUID | None]  # the pack scan, which names the stay
    packed_at: Mapped[datetime | None]
    carrier: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # of its kind


class Label(Base):
    """A printed code. Without item it waits to be claimed; a replaced one resolves for ever."""

    __tablename__ = "label"

    code: Mapped[str] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    created_at: Mapped[datetime]


class Scan(Base):
    """A fact of the append-only log. It never holds a person."""

    __tablename__ = "scan"
    __table_args__ = (
        sa.Index(None, "item_id", "occurred_at"),
        sa.Index(None, "site_id", "occurred_at"),
        sa.Index(
            "ix_scan_of",
            "of",
            postgresql_where=sa.text("of IS NOT NULL"),
            sqlite_where=sa.text("of IS NOT NULL"),
        ),
        sa.Index(
            "ix_scan_collected",  # when a place was last emptied
            "site_id",
            "occurred_at",
            postgresql_where=sa.text("action = 'collect'"),
            sqlite_where=sa.text("action = 'collect'"),
        ),
        sa.Index(
            "ix_scan_unknown_code",
            "code",
            postgresql_where=sa.text("item_id IS NULL"),
            sqlite_where=sa.text("item_id IS NULL"),
        ),
        sa.Index(
            "ix_scan_batch",  # what a batch washed
            "batch_id",
            postgresql_where=sa.text("batch_id IS NOT NULL"),
            sqlite_where=sa.text("batch_id IS NOT NULL"),
        ),
        sa.Index(  # what was received from a bag
            "ix_scan_crate", "crate_id", "occurred_at", postgresql_where=_NAMES, sqlite_where=_NAMES
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    code: Mapped[str]  # as scanned
    action: Mapped[Action] = mapped_column(by_value(Action))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    to_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    from_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    at: Mapped[datetime]  # as sent
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    asked: Mapped[bool]  # a question that was granted, not a fact
    seq: Mapped[int] = mapped_column(BigId, default=0)
    position: Mapped[int] = small()
    clock_error: Mapped[float | None]
    clock_suspect: Mapped[bool] = mapped_column(default=False)
    of: Mapped[uuid.UUID | None]
    party: Mapped[int | None]  # which of this piece's borrowers: a random number, no person
    unresolved: Mapped[bool] = mapped_column(default=False)
    override: Mapped[str | None]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    new_code: Mapped[str | None]  # of a relabel
    sender_kind: Mapped[str]
    sender_id: Mapped[int | None]
    sender_role: Mapped[Role] = mapped_column(role_column())
    # Who was signed in at the sender, as far as it said so; the sender itself may be a tablet.
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    # The crate that the piece was packed in, taken out of or moved with (`of`: the crate's scan).
    crate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"))
    batch_id: Mapped[uuid.UUID | None]  # of a wash: the finished batch
    needs_batch: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    occasion_id: Mapped[uuid.UUID | None]  # of a lend: the order, booking or event it was for


class ScanBorrower(Base):
    """Who a lend was for: the only part of the log that erasure cuts."""

    __tablename__ = "scan_borrower"

    scan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    resident_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("resident.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes]  # keyed, of what was read or typed: part of the scan's identity
    sealed: Mapped[bytes | None]  # what could not be resolved, until it is settled


class Loan(Base):
    """One lend and how it ended; its id is the lend scan's. It never holds a person."""

    __tablename__ = "loan"
    __table_args__ = (
        sa.Index(
            "uq_loan_open_item",
            "item_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(None, "item_id"),
        sa.Index(
            "ix_loan_open_due",
            "district_id",
            "due_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(None, "district_id", "opened_at", "id"),
        sa.Index(
            "ix_loan_occasion", "occasion_id", postgresql_where=_OCCASION, sqlite_where=_OCCASION
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    extensions: Mapped[int] = small()
    lost_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    occasion_id: Mapped[uuid.UUID | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    outcome: Mapped[Outcome | None] = mapped_column(by_value(Outcome))
