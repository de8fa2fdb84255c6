"""The shop's book of orders: opened by their first word, found, numbered, joined and cancelled."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.refresh import refresh_orders
from lending.delivery.orders.sealed import hand_over, reseal
from lending.delivery.orders.statuses import set_statuses
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import ContactKind, Order, OrderStatus
from lending.errors import Code, LendingError
from lending.loop.loans.occasions import loans_of
from lending.loop.loans.stopped import lock_pieces
from lending.people.actors import Actor
from lending.people.contacts import BadContact, SafeNumber, read_contact
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.places.texts import Problem, read_text
from lending.requests.acting import signature
from lending.requests.pickups.places import erase_places, keep_place, places_of

LONGEST_NUMBER = 40
JOINED_WITHIN = timedelta(hours=18)  # an announced order that is packed later is another one


@dataclass(frozen=True, slots=True)
class Pass:
    """The pass of a shop: whose it is, who works there, and when we hear of it."""

    site: SiteView
    actor: Actor
    keys: Keys
    now: datetime

    @property
    def by(self) -> str:
        return signature(self.actor)


def open_order(
    session: Session, *, occasion_id: uuid.UUID, here: Pass, at: datetime, reusable: bool = True
) -> Order:
    """The order that this occasion is for, made where there is none yet; locked.

    ID_REUSED (order) when it is another shop's.
    """
    zone = load_district(session, district_id=here.site.district_id).zone
    row = {
        "id": occasion_id,
        "occasion_id": occasion_id,
        "district_id": here.site.district_id,
        "site_id": here.site.id,
        "day": at.astimezone(zone).date(),
        "revision": 0,
        "reusable": reusable,
        "contact_kind": ContactKind.NONE,
        "status": OrderStatus.PACKED if reusable else OrderStatus.SINGLE_USE,
        "status_seq": 0,
        "made_at": at,
        "made_by": here.by,
    }
    known = find_by_occasion(session, occasion_id)
    if known is None:
        session.execute(insert_or(session, Order).on_conflict_do_nothing(), [row])
        known = find_by_occasion(session, occasion_id)
    if known is None or known.site_id != here.site.id:
        raise LendingError(Code.ID_REUSED, field="order")
    return known


def find_by_occasion(session: Session, occasion_id: uuid.UUID) -> Order | None:
    """The order of an occasion as it stands now, locked."""
    query = sa.select(Order).where(Order.occasion_id == occasion_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def lock_order(session: Session, *, occasion_id: uuid.UUID, here: Pass) -> Order:
    """The shop's order of this occasion, locked; NOT_FOUND (order) for any other.

    Its pieces are locked before it, as a beep does: two of the pass never wait for each other.
    """
    open_loans = loans_of(session, [occasion_id])[occasion_id]
    lock_pieces(session, [loan.item_id for loan in open_loans if loan.closed_at is None])
    row = find_by_occasion(session, occasion_id)
    if row is None or row.site_id != here.site.id:
        raise LendingError(Code.NOT_FOUND, field="order")
    return row


def read_number(text: str) -> str:
    """An order's number as people say it, which stays and is shown; INVALID (number) also for a
    contact, which is kept elsewhere, sealed, and not for long."""
    number = read_text(text, "number", longest=LONGEST_NUMBER)
    try:
        read_contact(number)
    except SafeNumber:
        pass
    except BadContact:
        return number
    raise LendingError(Code.INVALID, field="number", detail=Problem.A_CONTACT)


def give_number(
    session: Session,
    *,
    occasion_id: uuid.UUID,
    number: str,
    here: Pass,
    announced_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> OrderView:
    """Gives the order the number that people say; again: what was said last counts, whenever word
    of it comes (`at`: by the corrected clock, else now).

    Where a platform has announced an order of that number for this shop and nothing is packed for
    it yet, what is packed here is that order (`announced_id` names it where several have the same
    number): they become one, under the announced one's id. NOT_FOUND (order), INVALID (number).
    """
    number = read_number(number)
    order = lock_order(session, occasion_id=occasion_id, here=here)
    if not say_number(order, number, at=at or here.now):
        return order_view(order)
    session.flush()
    if order.platform_id is not None:
        return order_view(order)
    announced = _announced(session, order, number, announced_id)
    return order_view(_join(session, order, announced, here) if announced else order)


def say_number(order: Order, number: str, *, at: datetime) -> bool:
    """The number of a locked order as it was said at that moment; False where another was since."""
    if order.numbered_at is not None and order.numbered_at > at:
        return False
    order.number, order.numbered_at = number, at
    return True


def list_announced(session: Session, *, site_id: int, now: datetime) -> list[OrderView]:
    """What platforms have announced to a shop and nothing is packed for yet, the oldest first."""
    query = sa.select(Order).where(Order.site_id == site_id, _waits(now)).order_by(Order.made_at)
    return [order_view(row) for row in session.scalars(query.limit(100))]


def note_single_use(
    session: Session, *, order_id: uuid.UUID, number: str | None, here: Pass, at: datetime
) -> OrderView:
    """Counts an order that chose no reusable ware: it is over as soon as it is known."""
    order = open_order(session, occasion_id=order_id, here=here, at=at, reusable=False)
    if order.reusable:
        raise LendingError(Code.CONFLICT, field="order")
    if number:
        say_number(order, read_number(number), at=at)
    order.closed_at = order.closed_at or here.now
    session.flush()
    set_statuses(session, {order.id: OrderStatus.SINGLE_USE}, now=here.now)
    return order_view(order)


def _waits(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Order.occasion_id.is_(None),
        Order.closed_at.is_(None),
        Order.reusable,
        Order.made_at > now - JOINED_WITHIN,
    )


def _announced(
    session: Session, order: Order, number: str, announced_id: uuid.UUID | None
) -> Order | None:
    """The one announced order that is meant; none where two have the same number."""
    query = (
        sa.select(Order)
        .where(Order.site_id == order.site_id, _waits(order.made_at), Order.number == number)
        .order_by(Order.id)
        .with_for_update()
    )
    if announced_id is not None:
        query = query.where(Order.id == announced_id)
    found = session.scalars(query).all()
    return found[0] if len(found) == 1 else None


def _join(session: Session, packed: Order, announced: Order, here: Pass) -> Order:
    """What was packed is the announced order's; the packed one's own row goes."""
    occasion_id = packed.occasion_id
    assert occasion_id is not None
    packed_id, packed_at, packed_by = packed.id, packed.packed_at, packed.packed_by
    kind, sealed, until = packed.contact_kind, packed.contact_sealed, packed.contact_until
    numbered_at, contact_at = packed.numbered_at, packed.contact_at
    session.delete(packed)
    session.flush()
    announced.occasion_id = occasion_id
    announced.packed_at, announced.packed_by = packed_at, packed_by
    announced.numbered_at = numbered_at
    if announced.contact_kind is ContactKind.NONE:
        announced.contact_kind, announced.contact_until = kind, until
        announced.contact_at = contact_at
        if sealed is not None:
            announced.contact_sealed = reseal(here.keys, sealed, packed_id, announced.id)
    session.flush()
    _move_place(session, announced, here)
    hand_over(session, announced, keys=here.keys, now=here.now)
    refresh_orders(session, [announced.id], now=here.now)
    return announced


def _move_place(session: Session, order: Order, here: Pass) -> None:
    """Where it is brought to was kept about the announced order: now it is the occasion's."""
    assert order.occasion_id is not None
    spot = places_of(session, occasion_ids=[order.id], keys=here.keys).get(order.id)
    if spot is None:
        return
    keep_place(
        session, occasion_id=order.occasion_id, district_id=order.district_id, spot=spot,
        keys=here.keys, now=here.now,
    )  # fmt: skip
    erase_places(session, occasion_ids=[order.id])
