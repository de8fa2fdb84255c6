"""What a lid or a bag that was scanned stands for: its whole order, or the piece alone."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.lent_for import OccasionKind
from lending.loop.read.pieces import find_item
from lending.loop.tables import Item, Loan, Occasion
from lending.places.tables import Site, SiteKind


@dataclass(frozen=True, slots=True)
class OpenLend:
    """An open loan: its id and its piece."""

    lend_id: uuid.UUID
    item_id: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be picked up. `key`: of it one request can be open; `site_id`: where it was lent;
    `lends`: all of it that is still out."""

    key: str
    item_id: int
    district_id: int
    site_id: int
    occasion_id: uuid.UUID | None
    lends: tuple[OpenLend, ...]


def find_subject(session: Session, *, code: str) -> Subject | None:
    """What this label's piece is out for; None where nothing is to be picked up: it is back, or was
    not delivered. INVALID or BAD_CHECK_DIGIT for what is no code, NOT_FOUND for an unknown one.
    """
    item_id = find_item(session, code=code, actor=None).id
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Loan.id, Loan.district_id, Loan.site_id, Occasion.id)
        .join(Site, Site.id == Loan.site_id)
        .outerjoin(Occasion, Occasion.id == Loan.occasion_id)
        .where(Loan.item_id == item_id, Loan.closed_at.is_(None), _is_delivery())
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    lend_id, district_id, site_id, occasion_id = row
    if occasion_id is None:
        alone = (OpenLend(lend_id, item_id),)
        return Subject(f"item:{item_id}", item_id, district_id, site_id, None, alone)
    lends = open_lends(session, occasion_id=occasion_id)
    return Subject(f"order:{occasion_id}", item_id, district_id, site_id, occasion_id, lends)


def open_lends(session: Session, *, occasion_id: uuid.UUID) -> tuple[OpenLend, ...]:
    """All that is still out of an order; one statement."""
    query = sa.select(Loan.id, Loan.item_id).where(
        Loan.occasion_id == occasion_id, Loan.closed_at.is_(None)
    )
    return tuple(OpenLend(*row) for row in session.execute(query.order_by(Loan.id)))


def was_delivered(session: Session, *, item_id: int) -> bool:
    """Whether a piece was ever lent for a delivery: the same while it is out and when it is back,
    so that nobody reads from a page which of the two it is. One statement."""
    query = (
        sa.select(Item.id)
        .join(Loan, Loan.item_id == Item.id)
        .join(Site, Site.id == Loan.site_id)
        .outerjoin(Occasion, Occasion.id == Loan.occasion_id)
        .where(Item.id == item_id, _is_delivery())
        .limit(1)
    )
    return session.scalar(query) is not None


def _is_delivery() -> sa.ColumnElement[bool]:
    """SQL over Loan, its Site and its Occasion, if any."""
    no_occasion = sa.and_(Occasion.id.is_(None), Site.kind == SiteKind.SHOP)
    return sa.or_(Occasion.kind == OccasionKind.ORDER, no_occasion)
