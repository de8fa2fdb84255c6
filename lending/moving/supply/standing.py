"""Standing orders and levels of places, and the orders that come of them by themselves."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.moving.supply.orders import find_ware, note_orders
from lending.moving.supply.stock import load_stock
from lending.moving.tables import OrderWhy, StandingOrder, SupplyLevel
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.places.opening import load_opening_days
from lending.places.tables import Site
from lending.requests.acting import SYSTEM, check_count, place_of, signature

BY_ITSELF = uuid.UUID("5a3b0d1c-8a53-5b0e-9d0e-2f6a7f5b1c11")  # names orders nobody tapped
EVERY_DAY = 0b1111111


@dataclass(frozen=True, slots=True)
class NewStanding:
    """Pieces of a kind on weekdays (bit 0 is Monday); `site`: a code, None for the actor's own."""

    id: uuid.UUID
    kind: str
    quantity: int
    weekdays: int = EVERY_DAY
    site: str | None = None


@dataclass(frozen=True, slots=True)
class StandingView:
    """A standing order that stands."""

    id: uuid.UUID
    site: str
    kind: str
    kind_name: str
    quantity: int
    weekdays: int
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class LevelView:
    """Where fewer than `least` clean pieces are there or on the way, it is filled up to `fill_to`."""

    site: str
    kind: str
    kind_name: str
    least: int
    fill_to: int
    set_at: datetime
    set_by: str


def set_standing(session: Session, new: NewStanding, *, actor: Actor, now: datetime) -> None:
    """A standing order in place of the one before for this place and kind; the same id again
    changes nothing.

    Errors as `place_of`; INVALID (quantity, weekdays), NOT_FOUND (kind), CONFLICT (kind) when
    somebody else set one at this moment.
    """
    site = place_of(session, actor=actor, code=new.site)
    kind = find_ware(session, code=new.kind, district_id=site.district_id)
    if session.get(StandingOrder, new.id) is not None:
        return
    row = {
        "id": new.id,
        "district_id": site.district_id,
        "site_id": site.id,
        "kind_id": kind,
        "quantity": check_count(new.quantity, "quantity"),
        "weekdays": check_count(new.weekdays, "weekdays", most=EVERY_DAY),
        "set_at": now,
        "set_by": signature(actor),
    }
    _end(session, site.id, kind, actor, now)
    insert = insert_or(session, StandingOrder).on_conflict_do_nothing()
    if session.execute(insert.returning(StandingOrder.id), [row]).first() is None:
        raise LendingError(Code.CONFLICT, field="kind")


def end_standing(
    session: Session, *, kind: str, site: str | None, actor: Actor, now: datetime
) -> None:
    """No standing order for this place and kind any more; nothing changes where there is none."""
    place = place_of(session, actor=actor, code=site)
    _end(
        session, place.id, find_ware(session, code=kind, district_id=place.district_id), actor, now
    )


def list_standing(
    session: Session, *, district_id: int, site_id: int | None = None
) -> list[StandingView]:
    """The standing orders that stand, by place and kind."""
    query = (
        sa.select(
            StandingOrder.id, Site.code, ItemKind.code, ItemKind.name, StandingOrder.quantity,
            StandingOrder.weekdays, StandingOrder.set_at, StandingOrder.set_by,
        )
        .join(Site, Site.id == StandingOrder.site_id)
        .join(ItemKind, ItemKind.id == StandingOrder.kind_id)
        .where(StandingOrder.district_id == district_id, StandingOrder.ended_at.is_(None))
        .order_by(Site.code, ItemKind.code)
    )  # fmt: skip
    if site_id is not None:
        query = query.where(StandingOrder.site_id == site_id)
    return [StandingView(*row) for row in session.execute(query)]


def set_level(
    session: Session,
    *,
    kind: str,
    least: int,
    fill_to: int,
    site: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """From now on fewer than `least` clean pieces make an order that fills up to `fill_to`; `least`
    0 takes the level away.

    Errors as `place_of`; INVALID (least, fill_to), NOT_FOUND (kind).
    """
    place = place_of(session, actor=actor, code=site)
    kind_id = find_ware(session, code=kind, district_id=place.district_id)
    check_count(least, "least", least=0)
    key = (SupplyLevel.site_id == place.id, SupplyLevel.kind_id == kind_id)
    if least == 0:
        session.execute(sa.delete(SupplyLevel).where(*key))
        return
    values = {
        "least": least,
        "fill_to": check_count(fill_to, "fill_to", least=least),
        "set_at": now,
        "set_by": signature(actor),
    }
    row = {"site_id": place.id, "kind_id": kind_id, "district_id": place.district_id} | values
    insert = insert_or(session, SupplyLevel).values(row)
    session.execute(
        insert.on_conflict_do_update(index_elements=["site_id", "kind_id"], set_=values)
    )


def list_levels(
    session: Session, *, district_id: int, site_id: int | None = None
) -> list[LevelView]:
    """The levels that are set, by place and kind."""
    query = (
        sa.select(
            Site.code, ItemKind.code, ItemKind.name, SupplyLevel.least, SupplyLevel.fill_to,
            SupplyLevel.set_at, SupplyLevel.set_by,
        )
        .join(Site, Site.id == SupplyLevel.site_id)
        .join(ItemKind, ItemKind.id == SupplyLevel.kind_id)
        .where(SupplyLevel.district_id == district_id)
        .order_by(Site.code, ItemKind.code)
    )  # fmt: skip
    if site_id is not None:
        query = query.where(SupplyLevel.site_id == site_id)
    return [LevelView(*row) for row in session.execute(query)]


def make_due_orders(session: Session, *, district_id: int, day: date, now: datetime) -> int:
    """The orders for `day` that make themselves: of standing orders on their weekdays, and of levels
    that stock has fallen under; how many are new. Any number of times a day, by any worker: each is
    made once, and one that was withdrawn is not made again.
    """
    rows = _from_standing(session, district_id, day) + _from_levels(session, district_id, day)
    opening = load_opening_days(session, site_ids={row["site_id"] for row in rows})
    due = [
        row
        | {
            "id": uuid.uuid5(BY_ITSELF, f"{row['why']} {row['site_id']} {row['kind_id']} {day}"),
            "district_id": district_id,
            "day": day,
            "asked_at": now,
            "asked_by": SYSTEM,
        }
        for row in rows
        if opening[row["site_id"]].is_open(day, now)
    ]
    return note_orders(session, due)


def _from_standing(session: Session, district_id: int, day: date) -> list[dict[str, Any]]:
    query = (
        sa.select(StandingOrder.site_id, StandingOrder.kind_id, StandingOrder.quantity)
        .join(Site, Site.id == StandingOrder.site_id)
        .where(
            StandingOrder.district_id == district_id,
            StandingOrder.ended_at.is_(None),
            StandingOrder.weekdays.op("&")(1 << day.weekday()) != 0,
            Site.active,
        )
    )
    return [
        {"site_id": site, "kind_id": kind, "quantity": count, "why": OrderWhy.STANDING}
        for site, kind, count in session.execute(query)
    ]


def _from_levels(session: Session, district_id: int, day: date) -> list[dict[str, Any]]:
    query = (
        sa.select(SupplyLevel.site_id, SupplyLevel.kind_id, SupplyLevel.least, SupplyLevel.fill_to)
        .join(Site, Site.id == SupplyLevel.site_id)
        .where(SupplyLevel.district_id == district_id, Site.active)
    )
    levels = session.execute(query).all()
    if not levels:
        return []
    stock = load_stock(session, district_id=district_id)
    found: list[dict[str, Any]] = []
    for site, kind, least, fill_to in levels:
        have = stock.there((site, kind)) + stock.on_the_way((site, kind))
        if have < least:
            row = {"site_id": site, "kind_id": kind, "quantity": fill_to - have}
            found.append(row | {"why": OrderWhy.LEVEL})
    return found


def _end(session: Session, site_id: int, kind_id: int, actor: Actor, now: datetime) -> None:
    session.execute(
        sa.update(StandingOrder)
        .where(
            StandingOrder.site_id == site_id,
            StandingOrder.kind_id == kind_id,
            StandingOrder.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=signature(actor))
        .execution_options(synchronize_session=False)
    )
