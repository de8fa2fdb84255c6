"""An order as a platform tells it, before or after its shop packs it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import read_number, say_number
from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.sealed import hand_over, keep_contact, read_orderer
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.errors import ChangedMeanwhile, LendingError
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.texts import Problem, read_text
from lending.requests.pickups.places import OrderSpot, keep_place

LONGEST_REF = 100


@dataclass(frozen=True, slots=True, repr=False)
class Announced:
    """One revision of a platform's order. `contact`: a telephone number, of their own or a safe
    one, or an e-mail address; `token`: the platform's own sign for the orderer; `spot`: where it
    goes. What is None was not told and stays as it was."""

    platform_id: int
    ref: str
    revision: int
    site_id: int
    district_id: int
    number: str | None = None
    reusable: bool = True
    contact: str | None = None
    token: str | None = None
    spot: OrderSpot | None = None
    cancelled: bool = False


def announce_order(session: Session, told: Announced, *, keys: Keys, now: datetime) -> OrderView:
    """Keeps the platform's latest word of an order; the same revision again, or an older one, changes
    nothing. What is packed stays packed and where it is, whatever the platform says of it.

    INVALID (ref, number, contact, address, note, latitude, longitude). Raises ChangedMeanwhile.
    """
    ref = read_text(told.ref, "ref", longest=LONGEST_REF)
    number = _number(told)
    order, is_new = _find_or_make(session, told, ref, now)
    if not is_new and told.revision <= order.revision:
        return order_view(order)
    order.revision = told.revision
    if number is not None:
        say_number(order, number, at=now)
    if order.occasion_id is None:
        order.reusable, order.site_id = told.reusable, told.site_id
    if told.cancelled and order.cancelled_at is None:
        order.cancelled_at, order.cancelled_by = now, _by(told)
    session.flush()
    refresh_orders(session, [order.id], now=now)
    if order.closed_at is None and order.cancelled_at is None:
        _keep_personal(session, order, told, keys, now)
    return order_view(order)


def _number(told: Announced) -> str | None:
    """The number people say. A contact in its place is left out, and costs no order."""
    if not told.number:
        return None
    try:
        return read_number(told.number)
    except LendingError as error:
        if error.detail == Problem.A_CONTACT:
            return None
        raise


def _keep_personal(
    session: Session, order: Order, told: Announced, keys: Keys, now: datetime
) -> None:
    """The orderer and the address, sealed, of an order that is not over. A number that is none is
    left out: a slip of somebody's finger must not cost an order."""
    try:
        text = told.contact or told.token
        orderer = read_orderer(text, token=not told.contact) if text else None
    except LendingError:
        orderer = None
    if orderer is not None:
        keep_contact(session, order, orderer, at=now, keys=keys, now=now)
        hand_over(session, order, keys=keys, now=now)
    if told.spot is not None:
        keep_place(
            session, occasion_id=order.occasion_id or order.id, district_id=order.district_id,
            spot=told.spot, keys=keys, now=now,
        )  # fmt: skip


def _find_or_make(session: Session, told: Announced, ref: str, now: datetime) -> tuple[Order, bool]:
    """(the platform's order, locked; whether it was made just now)."""
    zone = load_district(session, district_id=told.district_id).zone
    row = {
        "id": uuid.uuid4(),
        "platform_id": told.platform_id,
        "platform_ref": ref,
        "district_id": told.district_id,
        "site_id": told.site_id,
        "day": now.astimezone(zone).date(),
        "revision": told.revision,
        "reusable": told.reusable,
        "contact_kind": ContactKind.NONE,
        "status": OrderStatus.WAITING if told.reusable else OrderStatus.SINGLE_USE,
        "status_seq": 0,
        "made_at": now,
        "made_by": _by(told),
    }
    insert = insert_or(session, Order).on_conflict_do_nothing()
    made = session.execute(insert.returning(Order.__table__.c.id), [row]).all()
    query = sa.select(Order).where(Order.platform_id == told.platform_id, Order.platform_ref == ref)
    found = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ChangedMeanwhile
    return found, bool(made)


def _by(told: Announced) -> str:
    return f"platform:{told.platform_id}"
