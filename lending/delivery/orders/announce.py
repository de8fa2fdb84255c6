"""An order as a delivery platform tells it, before or after its shop packs it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import LONGEST_NUMBER
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.sealed import hand_over, keep_contact, read_orderer
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.errors import ChangedMeanwhile
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.texts import read_text
from lending.requests.pickups.places import OrderSpot, keep_place


@dataclass(frozen=True, slots=True)
class Announced:
    """One revision of a platform's order. `contact`: a phone number, maybe a safe one; `token`: the
    platform's own sign for the orderer; `spot`: where it goes. What is None was not told and stays
    as it was."""

    platform_id: int
    ref: str
    revision: int
    site_id: int
    district_id: int
    made_at: datetime
    number: str | None = None
    reusable: bool = True
    contact: str | None = None
    token: str | None = None
    spot: OrderSpot | None = None
    cancelled: bool = False


def announce_order(session: Session, told: Announced, *, keys: Keys, now: datetime) -> OrderView:
    """Keeps the platform's latest word of an order. One revision told again, or an older one, changes
    nothing. What is packed stays packed, whatever the platform says of `reusable` or its shop.

    INVALID (ref, number, contact, address, note, latitude, longitude). Raises ChangedMeanwhile.
    """
    ref = read_text(told.ref, "ref", longest=100)
    orderer = None
    if told.contact or told.token:
        orderer = read_orderer(told.contact or told.token or "", token=not told.contact)
    number = read_text(told.number, "number", longest=LONGEST_NUMBER) if told.number else None
    order, is_new = _find_or_make(session, told, ref, now)
    if not is_new and told.revision <= order.revision:
        return order_view(order)
    order.revision, order.number = told.revision, number or order.number
    if order.packed_at is None:
        order.reusable, order.site_id = told.reusable, told.site_id
    if told.cancelled and order.cancelled_at is None:
        order.cancelled_at, order.cancelled_by = now, _by(told)
    session.flush()
    if order.cancelled_at is None:
        if orderer is not None:
            keep_contact(session, order, orderer, at=told.made_at, keys=keys, now=now)
            hand_over(session, order, keys=keys, now=now)
        if told.spot is not None and order.reusable:
            keep_place(
                session, occasion_id=order.occasion_id or order.id, district_id=order.district_id,
                spot=told.spot, keys=keys, now=now,
            )  # fmt: skip
    refresh_orders(session, [order.id], now=now)
    return order_view(order)


def _find_or_make(session: Session, told: Announced, ref: str, now: datetime) -> tuple[Order, bool]:
    """(the platform's order, locked; whether it was made just now)."""
    zone = load_district(session, district_id=told.district_id).zone
    row = {
        "id": uuid.uuid4(),
        "platform_id": told.platform_id,
        "platform_ref": ref,
        "district_id": told.district_id,
        "site_id": told.site_id,
        "day": told.made_at.astimezone(zone).date(),
        "revision": told.revision,
        "reusable": told.reusable,
        "contact_kind": ContactKind.NONE,
        "status": OrderStatus.WAITING if told.reusable else OrderStatus.SINGLE_USE,
        "status_seq": 0,
        "made_at": min(told.made_at, now),
        "made_by": _by(told),
    }
    made = session.execute(
        insert_or(session, Order).on_conflict_do_nothing().returning(Order.__table__.c.id), [row]
    ).all()
    query = sa.select(Order).where(Order.platform_id == told.platform_id, Order.platform_ref == ref)
    found = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ChangedMeanwhile
    return found, bool(made)


def _by(told: Announced) -> str:
    return f"platform:{told.platform_id}"
