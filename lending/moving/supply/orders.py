"""Places ask for clean ware: with one tap, by a standing order, by itself when stock runs low."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.moving.tables import OrderWhy, SupplyOrder
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.requests.acting import check_count, place_of, signature

MOST_DAYS_AHEAD = 60
MOST_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Pieces of a kind (its code) wanted on a local day, tomorrow if none is named; `site`: a code,
    None for the actor's own."""

    id: uuid.UUID
    kind: str
    quantity: int
    day: date | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as it is shown."""

    id: uuid.UUID
    site: str
    site_name: str
    kind: str
    kind_name: str
    quantity: int
    day: date
    why: OrderWhy
    asked_at: datetime
    asked_by: str
    withdrawn_at: datetime | None


def ask_supply(session: Session, new: NewOrder, *, actor: Actor, now: datetime) -> OrderView:
    """One tap: so many clean pieces for a place. The same id again is the same order.

    Errors as `place_of`; INVALID (quantity, day: past or more than 60 days ahead), NOT_FOUND
    (kind), ID_REUSED for an id of another order.
    """
    site = place_of(session, actor=actor, code=new.site)
    kind = find_ware(session, code=new.kind, district_id=site.district_id)
    today = local_today(session, district_id=site.district_id, now=now)
    day = new.day or date.fromordinal(today.toordinal() + 1)
    known = session.get(SupplyOrder, new.id)
    if known is None:
        if not 0 <= (day - today).days <= MOST_DAYS_AHEAD:
            raise LendingError(Code.INVALID, field="day")
        row = {
            "id": new.id,
            "district_id": site.district_id,
            "site_id": site.id,
            "kind_id": kind,
            "quantity": check_count(new.quantity, "quantity"),
            "day": day,
            "why": OrderWhy.TAP,
            "asked_at": now,
            "asked_by": signature(actor),
        }
        session.execute(insert_or(session, SupplyOrder).on_conflict_do_nothing(), [row])
        known = session.get_one(SupplyOrder, new.id)
    meant = (known.site_id, known.kind_id, known.quantity)
    if meant != (site.id, kind, new.quantity) or (new.day and known.day != new.day):
        raise LendingError(Code.ID_REUSED, field="id")
    return load_order(session, order_id=new.id)


def withdraw_order(
    session: Session, *, order_id: uuid.UUID, actor: Actor, now: datetime
) -> OrderView:
    """The place does not want it after all; again: nothing changes. One made by a standing order
    or a level is not made again for that day.

    NOT_FOUND (id), NOT_ALLOWED_HERE (site).
    """
    row = session.get(SupplyOrder, order_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="id")
    place_of(session, actor=actor, code=load_order(session, order_id=order_id).site)
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by = now, signature(actor)
        session.flush()
    return load_order(session, order_id=order_id)


def list_orders(
    session: Session,
    *,
    district_id: int,
    first: date,
    last: date,
    site_id: int | None = None,
) -> list[OrderView]:
    """Orders for the days from `first` to `last` (both counted in), by day, place and kind; at most
    1,000, withdrawn ones among them."""
    query = _views().where(
        SupplyOrder.district_id == district_id, SupplyOrder.day.between(first, last)
    )
    if site_id is not None:
        query = query.where(SupplyOrder.site_id == site_id)
    order = (SupplyOrder.day, Site.code, ItemKind.code, SupplyOrder.asked_at, SupplyOrder.id)
    return [OrderView(*row) for row in session.execute(query.order_by(*order).limit(MOST_SHOWN))]


def load_order(session: Session, *, order_id: uuid.UUID) -> OrderView:
    """One order; it must exist."""
    return OrderView(*session.execute(_views().where(SupplyOrder.id == order_id)).one())


def find_ware(session: Session, *, code: str, district_id: int) -> int:
    """The id of a kind of ware that can be asked for; NOT_FOUND (kind), also for crates and bags."""
    query = sa.select(ItemKind.id).where(
        ItemKind.district_id == district_id, ItemKind.code == code, ~ItemKind.carrier
    )
    found = session.scalar(query)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    return found


def local_today(session: Session, *, district_id: int, now: datetime) -> date:
    """The district's calendar day at a moment."""
    return now.astimezone(load_district(session, district_id=district_id).zone).date()


def note_orders(session: Session, rows: Sequence[dict[str, object]]) -> int:
    """Stores orders that are not known yet; how many were new."""
    if not rows:
        return 0
    insert = insert_or(session, SupplyOrder).on_conflict_do_nothing()
    return len(session.execute(insert.returning(SupplyOrder.id), rows).all())


def _views() -> sa.Select[
    uuid.UUID, str, str, str, str, int, date, OrderWhy, datetime, str, datetime | None
]:
    return (
        sa.select(
            SupplyOrder.id, Site.code, Site.name, ItemKind.code, ItemKind.name,
            SupplyOrder.quantity, SupplyOrder.day, SupplyOrder.why, SupplyOrder.asked_at,
            SupplyOrder.asked_by, SupplyOrder.withdrawn_at,
        )
        .join(Site, Site.id == SupplyOrder.site_id)
        .join(ItemKind, ItemKind.id == SupplyOrder.kind_id)
    )  # fmt: skip
