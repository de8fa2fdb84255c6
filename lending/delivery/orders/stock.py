"""Crates of stock at a shop: too much in them for an order's bag, so none goes out for one."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.tables import Item, Label, Scan
from lending.places.sites import SiteView
from lending.requests.pickups.bags import MOST_IN_A_BAG

MOST_CODES = 2000

Inside = aliased(Item)


def refuse_stock(session: Session, *, item_id: int, beep_id: uuid.UUID) -> None:
    """CONFLICT (code) for a crate with more than 12 pieces in it. Not where the beep was taken
    already: the bag may have been filled with other things since."""
    inside = sa.select(sa.func.count()).select_from(Item).where(Item.crate_id == item_id)
    many = (session.scalar(inside) or 0) > MOST_IN_A_BAG
    if many and session.get(Scan, beep_id) is None:
        raise LendingError(Code.CONFLICT, field="code")


def stock_codes(session: Session, *, site: SiteView) -> list[str]:
    """Every code on the crates that `refuse_stock` refuses and that are at the shop or on their way
    to it, so that its tablet knows them without a network; at most 2,000, one statement."""
    inside = sa.select(sa.func.count()).where(Inside.crate_id == Item.id).scalar_subquery()
    query = (
        sa.select(Label.code)
        .join(Item, Item.id == Label.item_id)
        .where(
            Item.district_id == site.district_id,
            Item.carrier,
            sa.or_(Item.site_id == site.id, Item.to_site_id == site.id),
            inside > MOST_IN_A_BAG,
        )
    )
    return list(session.scalars(query.order_by(Item.last_at.desc(), Label.code).limit(MOST_CODES)))
