"""Claims as they are read: the last word about a loan, and what was found of a borrower's."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.care.drop_sweep import SEEN
from lending.loop.dropped import ClaimOutcome, SaidBy
from lending.loop.tables import DropClaim, Item, ItemKind, Loan, ScanBorrower
from lending.places.tables import Site


@dataclass(frozen=True, slots=True)
class ClaimView:
    """The last word about a loan; `site_name` empty: none of our places, or not known."""

    lend_id: uuid.UUID
    said_at: datetime
    dropped_at: datetime
    said_by: SaidBy
    stops_clock: bool
    outcome: ClaimOutcome | None
    note: str | None
    site_name: str
    site_name_en: str

    @property
    def waits(self) -> bool:
        """Whether it is neither confirmed nor decided yet."""
        return self.outcome is None

    @property
    def holds(self) -> bool:
        """Whether the loan's clock stands still by it."""
        return self.stops_clock and self.outcome in (None, ClaimOutcome.BELIEVED)


@dataclass(frozen=True, slots=True)
class Found:
    """A cup that somebody said to have brought back and that was seen since."""

    code: str
    kind_name: str
    kind_name_en: str
    at: datetime


def claims_of_loans(session: Session, lends: Collection[uuid.UUID]) -> dict[uuid.UUID, ClaimView]:
    """The last claim about each of these loans, by loan; one statement."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            DropClaim.lend_id, DropClaim.said_at, DropClaim.dropped_at, DropClaim.said_by,
            DropClaim.stops_clock, DropClaim.outcome, DropClaim.note,
            sa.func.coalesce(Site.name, ""), sa.func.coalesce(Site.name_en, ""),
        )
        .outerjoin(Site, Site.id == DropClaim.site_id)
        .where(DropClaim.lend_id.in_(lends))
        .order_by(DropClaim.said_at, DropClaim.id)
    )  # fmt: skip
    return {row.lend_id: ClaimView(*row) for row in fetch(session, query)}


def found_of_resident(session: Session, *, resident_id: uuid.UUID, since: datetime) -> list[Found]:
    """The cups of a resident's claims that were seen since then, the latest first; at most 20."""
    claimed = sa.exists().where(
        DropClaim.lend_id == Loan.id,
        DropClaim.said_at <= Loan.closed_at,
        DropClaim.settled_at.is_(None) | (DropClaim.outcome == ClaimOutcome.CONFIRMED),
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.code, ItemKind.name, ItemKind.name_en, Loan.closed_at)
        .join(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .join(Item, Item.id == Loan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(
            ScanBorrower.resident_id == resident_id,
            Loan.closed_at >= since,
            Loan.outcome.in_(SEEN),
            claimed,
        )
        .order_by(Loan.closed_at.desc(), Loan.id)
        .limit(20)
    )
    return [Found(*row) for row in fetch(session, query)]
