"""A hall's board: what is in each room, what stands ready in its store, what must go back today."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.crates.undoing_back import may_undo
from lending.events.reading import event_crates, find_events, stored_crates, view_crates
from lending.events.rights import HALLS, acts_everywhere, check_hall
from lending.events.rooms import list_rooms
from lending.events.stages import out_now, stage_case
from lending.events.tables import Event, EventCrate
from lending.events.values import (
    EventCrateView,
    EventView,
    HallBoard,
    RoomState,
    RoomView,
    Stage,
    StoredCrate,
)
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.sites import SiteView, list_sites, load_sites

AHEAD = timedelta(days=2)  # an event is on the board so long before it begins
MOST_HALLS = 500
_OVER = (Stage.SETTLED.value, Stage.CANCELLED.value, Stage.COUNTED.value)


def hall_board(session: Session, *, site_id: int, actor: Actor, now: datetime) -> HallBoard:
    """The rooms of a hall with the events that are on or begin within two days, the crates out at
    them, and the store. NOT_ALLOWED_HERE (site); about a dozen statements whatever the size."""
    if actor.role is not Role.COURIER:
        check_hall(site_id, actor)
    hall = load_sites(session, site_ids=[site_id])[site_id]
    here = sa.exists().where(EventCrate.event_id == Event.id, out_now())
    events = find_events(
        session, Event.site_id == site_id, stage_case().not_in(_OVER),
        sa.or_(Event.from_at <= now + AHEAD, here), district_id=actor.district_id, now=now,
    )  # fmt: skip
    crates = event_crates(session, event_ids=[one.id for one in events], out_only=True)
    unopened = _unopened(session, site_id, [one.id for one in events], now)
    rooms = list_rooms(session, site_id=site_id)
    busy = {one.room_id for one in events}
    old = [one for one in list_rooms(session, site_id=site_id, all_of_them=True) if not one.active]
    shown: list[RoomView | None] = [*rooms, *(one for one in old if one.id in busy)]
    if None in busy:
        shown.append(None)
    return HallBoard(
        hall.code, hall.name, hall.name_en,
        tuple(_room(room, events, crates, unopened) for room in shown),
        tuple(_store(session, site_id)), sum(one.out for one in events if one.must_go_back),
    )  # fmt: skip


def list_halls(session: Session, *, actor: Actor) -> list[SiteView]:
    """The halls whose boards an actor may see, by code: those of the district, or its own. Offices
    and washing centres are among them only where they have events."""
    sites = list_sites(session, district_id=actor.district_id, kinds=HALLS, limit=MOST_HALLS)
    used = set(
        session.scalars(
            sa.select(Event.site_id).where(Event.district_id == actor.district_id).distinct()
        )
    )
    everywhere = acts_everywhere(actor) or actor.role is Role.COURIER
    return [
        site
        for site in sites
        if site.active
        and (everywhere or site.id == actor.site_id)
        and (site.kind is HALLS[0] or site.id in used)
    ]


def _room(
    room: RoomView | None,
    events: list[EventView],
    crates: list[EventCrateView],
    unopened: list[EventCrateView],
) -> RoomState:
    room_id = room.id if room is not None else None
    mine = tuple(one for one in events if one.room_id == room_id)
    ids: set[uuid.UUID] = {one.id for one in mine}
    return RoomState(
        room, mine, tuple(one for one in crates if one.event_id in ids),
        tuple(one for one in unopened if one.event_id in ids),
    )  # fmt: skip


def _unopened(
    session: Session, site_id: int, event_ids: list[uuid.UUID], now: datetime
) -> list[EventCrateView]:
    query = (
        sa.select(EventCrate, Item.code)
        .select_from(EventCrate)
        .join(Item, Item.id == EventCrate.crate_id)
        .where(EventCrate.event_id.in_(event_ids), Item.site_id == site_id, may_undo(now=now))
        .order_by(EventCrate.back_at, EventCrate.id)
    )
    return view_crates(session, query)


def _store(session: Session, site_id: int) -> list[StoredCrate]:
    here = sa.and_(Item.site_id == site_id, Item.state == State.READY)
    coming = sa.and_(Item.to_site_id == site_id, Item.state == State.SHIPPED)
    return stored_crates(session, sa.or_(here, coming), at=site_id)
