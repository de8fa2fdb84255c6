"""One order with all that may be shown of it, and what its page changes."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.board import OrderLine, view_lines
from lending.delivery.orders.book import Pass, lock_order
from lending.delivery.orders.cancel import may_cancel
from lending.delivery.orders.sealed import hand_over, keep_contact, load_contact, read_orderer
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import ContactKind, Order, OrderChange, OrderStatus
from lending.errors import Code, LendingError
from lending.loop.loans.occasions import OccasionLoan, loans_of
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.pickups.places import OrderSpot, is_place_known, keep_place
from lending.requests.pickups.views import PickupView, pickups_of_orders


@dataclass(frozen=True, slots=True)
class Change:
    """A status the order came to."""

    status: OrderStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order; `ending`: the last four signs of a safe number as long as it is kept, and
    `ending_until` when it goes; `has_place`: an address is kept (never shown here); `may_cancel`:
    all of it would stand on the shelf again."""

    line: OrderLine
    site: SiteView
    loans: list[OccasionLoan]
    changes: list[Change]
    pickup: PickupView | None
    has_place: bool
    ending: str | None
    ending_until: datetime | None
    may_cancel: bool

    @property
    def order(self) -> OrderView:
        return self.line.order


def find_site_of(session: Session, *, order_id: uuid.UUID, actor: Actor) -> SiteView:
    """The shop of an order the actor may see; NOT_FOUND (order) for any other."""
    row = session.get(Order, order_id)
    own = row is not None and row.district_id == actor.district_id
    if row is None or not own or actor.site_id not in (None, row.site_id):
        raise LendingError(Code.NOT_FOUND, field="order")
    return load_sites(session, site_ids=[row.site_id])[row.site_id]


def load_order_page(
    session: Session, *, order_id: uuid.UUID, actor: Actor, keys: Keys, now: datetime
) -> OrderPage:
    """The page of an order; errors as `find_site_of`."""
    site = find_site_of(session, order_id=order_id, actor=actor)
    row = session.get_one(Order, order_id)
    occasion = row.occasion_id
    changes = session.execute(
        sa.select(OrderChange.status, OrderChange.at)
        .where(OrderChange.order_id == order_id)
        .order_by(OrderChange.seq)
    )
    is_safe = row.contact_kind is ContactKind.SAFE
    contact = load_contact(row, keys=keys, now=now) if is_safe else None
    loans = loans_of(session, [occasion])[occasion] if occasion else []
    pickup = pickups_of_orders(session, occasion_ids=[occasion]).get(occasion) if occasion else None
    return OrderPage(
        view_lines(session, [order_view(row)])[0],
        site,
        loans,
        [Change(*change) for change in changes],
        pickup,
        is_place_known(session, occasion_id=occasion or row.id),
        contact[-4:] if contact else None,
        row.contact_until if contact else None,
        not row.cancelled_at and may_cancel(loans, pickup, actor=actor, now=now),
    )


def give_contact(session: Session, *, occasion_id: uuid.UUID, text: str, here: Pass) -> OrderView:
    """Keeps what was typed of the orderer. INVALID (contact), NOT_FOUND or CONFLICT (order: over)."""
    orderer = read_orderer(text)
    order = _open_one(session, occasion_id, here)
    keep_contact(session, order, orderer, at=here.now, keys=here.keys, now=here.now)
    hand_over(session, order, keys=here.keys, now=here.now)
    return order_view(order)


def give_place(
    session: Session, *, occasion_id: uuid.UUID, spot: OrderSpot, here: Pass
) -> OrderView:
    """Keeps where the order was brought to, as long as it is out. INVALID (address, note), NOT_FOUND
    or CONFLICT (order: over)."""
    order = _open_one(session, occasion_id, here)
    keep_place(
        session, occasion_id=occasion_id, district_id=order.district_id, spot=spot,
        keys=here.keys, now=here.now,
    )  # fmt: skip
    return order_view(order)


def _open_one(session: Session, occasion_id: uuid.UUID, here: Pass) -> Order:
    order = lock_order(session, occasion_id=occasion_id, here=here)
    if order.closed_at is not None:
        raise LendingError(Code.CONFLICT, field="order")
    return order
