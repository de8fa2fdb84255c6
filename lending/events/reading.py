"""Events as they are read: one, a list, the crates handed to them and packed for them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events import stages
from lending.events.rights import get_event, seen_events
from lending.events.settings import load_times
from lending.events.tables import CrateSeal, Event, EventCrate, EventLine, Room
from lending.events.values import BackHow, EventCrateView, EventView, Stage, StoredCrate
from lending.loop.read.paging import KeyPart, Page, beyond, cut, read_key
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.people.sealing import unseal
from lending.people.signers import name_signers
from lending.places.districts import load_district
from lending.places.tables import Site, SiteKind
from lending.wares.balances import crate_contents

_OVER = (Stage.SETTLED.value, Stage.CANCELLED.value)


def load_event(
    session: Session,
    *,
    event_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    keys: Keys | None = None,
) -> EventView:
    """An event; whom to ask at the hall only where `keys` are given. NOT_FOUND (event)."""
    contact = ""
    row = get_event(session, event_id=event_id, actor=actor)
    if keys is not None and row.contact_sealed is not None:
        contact = unseal(keys, row.contact_sealed, about=f"event.contact:{event_id}")
    return find_events(
        session, Event.id == event_id, district_id=actor.district_id, now=now, contact=contact
    )[0]


def list_events(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    stage: Stage | None = None,
    site_id: int | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = 50,
) -> Page[EventView]:
    """The events an actor sees by when they begin: those that are not over, the next first; those
    of a stage, the newest first. Errors: cursor INVALID."""
    key = read_key(after, datetime, uuid.UUID)
    falling = stage is not None
    order = (Event.from_at, Event.id)
    case = stages.stage_case()
    wanted = [seen_events(actor), beyond(order, key, falling=falling)]
    wanted.append(case == stage.value if stage is not None else case.not_in(_OVER))
    if site_id is not None:
        wanted.append(Event.site_id == site_id)
    ways = [column.desc() for column in order] if falling else list(order)
    query = _select().where(*wanted).order_by(*ways).limit(limit + 1)
    rows = session.execute(query).all()
    look = _Look(session, actor.district_id, now)
    return cut(rows, limit, look.view, lambda row: (row.from_at, str(row.id)))


def find_events(
    session: Session,
    *which: sa.ColumnElement[bool],
    district_id: int,
    now: datetime,
    contact: str = "",
) -> list[EventView]:
    """These events of a district by when they begin; two statements more than the rows."""
    query = _select().where(Event.district_id == district_id, *which)
    rows = session.execute(query.order_by(Event.from_at, Event.id))
    look = _Look(session, district_id, now)
    return [look.view(row, contact) for row in rows]


def events_by_id(
    session: Session, *, event_ids: Collection[uuid.UUID], district_id: int, now: datetime
) -> dict[uuid.UUID, EventView]:
    """These events of a district by their ids; the number of statements as of `find_events`."""
    found = find_events(session, Event.id.in_(event_ids), district_id=district_id, now=now)
    return {event.id: event for event in found}


def stage_of(session: Session, *, event_id: uuid.UUID) -> Stage:
    """How far an event is; NOT_FOUND (event)."""
    stage = session.scalar(sa.select(stages.stage_case()).where(Event.id == event_id))
    if stage is None:
        raise LendingError(Code.NOT_FOUND, field="event")
    return Stage(stage)


def event_crates(
    session: Session, *, event_ids: Collection[uuid.UUID], out_only: bool = False
) -> list[EventCrateView]:
    """The crates handed to these events by when they were, mistakes left out; four statements."""
    query = (
        sa.select(EventCrate, Item.code)
        .select_from(EventCrate)
        .join(Item, Item.id == EventCrate.crate_id)
        .where(EventCrate.event_id.in_(event_ids))
        .where(sa.func.coalesce(EventCrate.back_how, "") != BackHow.UNDONE.value)
        .order_by(EventCrate.handed_at, EventCrate.id)
    )
    if out_only:
        query = query.where(EventCrate.back_at.is_(None))
    return view_crates(session, query)


def view_crates(session: Session, query: sa.Select[EventCrate, str]) -> list[EventCrateView]:
    """The views of rows of (EventCrate, its crate's code)."""
    rows = session.execute(query.execution_options(populate_existing=True)).all()
    pieces = _pieces_of(session, [row[0].id for row in rows])
    signers = {row[0].handed_by for row in rows} | {row[0].back_by for row in rows}
    names = name_signers(session, signers)
    return [
        EventCrateView(
            one.id, code, one.event_id, one.seal, one.top_up, one.signed, one.handed_at,
            names.get(one.handed_by, ""), pieces.get(one.id, {}), one.back_how, one.back_at,
            names.get(one.back_by or "", ""), one.back_signed, one.in_at,
        )
        for one, code in rows
    ]  # fmt: skip


def stored_crates(
    session: Session, *which: sa.ColumnElement[bool], at: int | None = None
) -> list[StoredCrate]:
    """Crates (SQL over Item and their CrateSeal, if any) with what is in them, by code; without a
    seal only those that hold something. Three statements. `at`: the hall they are to be at."""
    query = (
        sa.select(
            Item.id,
            Item.code,
            CrateSeal.number,
            CrateSeal.event_id,
            Item.site_id,
            Item.state,
            Site.kind,
        )
        .select_from(Item)
        .join(Site, Site.id == Item.site_id)
        .outerjoin(CrateSeal, (CrateSeal.crate_id == Item.id) & CrateSeal.broken_at.is_(None))
        .where(Item.carrier, Item.state.not_in([State.RETIRED, State.LOST]), *which)
        .order_by(Item.code)
    )
    rows: Sequence[Any] = session.execute(query).all()
    inside: dict[int, dict[str, int]] = {}
    for line in crate_contents(session, crate_ids=[row.id for row in rows]):
        kinds = inside.setdefault(line.crate_id, {})
        kinds[line.kind] = kinds.get(line.kind, 0) + line.quantity
    return [
        StoredCrate(
            row.code, row.number or "", inside.get(row.id, {}), row.event_id,
            coming=at is not None and row.site_id != at,
            at_centre=row.kind is SiteKind.WASH_CENTRE and row.state is not State.SHIPPED,
        )
        for row in rows
        if row.number or inside.get(row.id)
    ]  # fmt: skip


def packed_for(session: Session, *, event_id: uuid.UUID) -> list[StoredCrate]:
    """The crates packed for an event and not handed out yet."""
    return stored_crates(session, CrateSeal.event_id == event_id)


class _Look:
    """What every event of a list is looked at with: names, zone, times."""

    def __init__(self, session: Session, district_id: int, now: datetime) -> None:
        self.zone: ZoneInfo = load_district(session, district_id=district_id).zone
        self.count = timedelta(hours=load_times(session, district_id=district_id).count_hours)
        self.now = now

    def view(self, row: Any, contact: str = "") -> EventView:
        today = self.now.astimezone(self.zone).date()
        over = row.until_at.astimezone(self.zone).date() <= today
        count_by = row.all_in + self.count if row.all_in is not None else None
        return EventView(
            row.id, Stage(row.stage), row.kind, row.site, row.site_name, row.site_name_en,
            row.room_id, row.room or "", row.place, row.from_at, row.until_at, row.guests,
            row.crates, row.out, row.packed, count_by,
            unopened=row.unopened, count_late=count_by is not None and count_by < self.now,
            must_go_back=row.out > 0 and over, settled_at=row.settled_at, contact=contact,
        )  # fmt: skip


def _select() -> sa.Select[*tuple[Any, ...]]:
    handed = sa.func.coalesce(EventCrate.back_how, "") != BackHow.UNDONE.value
    return (
        sa.select(
            Event.id, stages.stage_case().label("stage"), Event.kind, Site.code.label("site"),
            Site.name.label("site_name"), Site.name_en.label("site_name_en"), Event.room_id,
            Room.name.label("room"), Event.place, Event.from_at, Event.until_at, Event.guests,
            stages.number_of(handed).label("crates"),
            stages.number_of(EventCrate.back_how == BackHow.SEALED).label("unopened"),
            stages.number_of(stages.out_now()).label("out"),
            stages.packed_number().label("packed"), stages.all_in_at().label("all_in"),
            Event.settled_at,
        )
        .select_from(Event)
        .join(Site, Site.id == Event.site_id)
        .outerjoin(Room, Room.id == Event.room_id)
    )  # fmt: skip


def _pieces_of(session: Session, crates: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    query = (
        sa.select(EventLine.event_crate_id, ItemKind.code, EventLine.tracked + EventLine.counted)
        .select_from(EventLine)
        .join(ItemKind, ItemKind.id == EventLine.kind_id)
        .where(EventLine.event_crate_id.in_(crates))
        .order_by(ItemKind.code)
    )
    found: dict[uuid.UUID, dict[str, int]] = {}
    for crate, kind, pieces in session.execute(query):
        found.setdefault(crate, {})[kind] = pieces
    return found
