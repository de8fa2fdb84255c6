"""Events are planned, changed and called off."""

import uuid
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.reading import load_event, stage_of
from lending.events.rights import get_event, hall_of
from lending.events.rooms import find_room
from lending.events.tables import CrateSeal, Event
from lending.events.values import GUESTS, EventIn, EventView, Stage
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import move_end, open_occasion
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.people.sealing import seal
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.places.texts import read_text
from lending.requests.acting import check_count, signature

LONGEST = timedelta(days=31)  # of one event
MOST_GUESTS = 20_000
OVER = frozenset({Stage.SETTLED, Stage.CANCELLED})


def plan_event(
    session: Session, event: EventIn, *, actor: Actor, keys: Keys, now: datetime
) -> EventView:
    """A new event; the same again is the same.

    NOT_FOUND, INVALID or NOT_ALLOWED_HERE (site); INVALID (room: not one of the hall's, or neither
    room nor place named; until: not after from, or more than 31 days; guests; place; contact);
    ID_REUSED (id) where another event has it.
    """
    hall = hall_of(session, actor=actor, code=event.site)
    known = session.get(Event, event.id)
    if known is not None:
        if not _is_same(known, event, hall, actor):
            raise LendingError(Code.ID_REUSED, field="id")
        return load_event(session, event_id=event.id, actor=actor, now=now)
    row = Event(
        id=event.id, district_id=actor.district_id, kind=event.kind, made_at=now,
        made_by=signature(actor), link_number=0,
    )  # fmt: skip
    _fill(session, row, event, hall, keys)
    open_occasion(
        session, id=event.id, kind=OccasionKind.EVENT, site_id=hall.id,
        district_id=actor.district_id, ends_on=_last_day(session, row), now=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return load_event(session, event_id=event.id, actor=actor, now=now)


def change_event(
    session: Session, event: EventIn, *, actor: Actor, keys: Keys, now: datetime
) -> EventView:
    """All that an event says, anew; what is out is due by its new end.

    A contact of None leaves the one that is known, an empty one takes it away. Errors as
    `plan_event`; NOT_FOUND (event), CONFLICT (event, its stage) for one that is over, CONFLICT
    (site) for another hall.
    """
    row = get_event(session, event_id=event.id, actor=actor, lock=True)
    _refuse_stages(session, row, OVER)
    hall = hall_of(session, actor=actor, code=event.site)
    if hall.id != row.site_id:
        raise LendingError(Code.CONFLICT, field="site")  # it is planned anew there
    row.kind = event.kind
    _fill(session, row, event, hall, keys)
    row.changed_at, row.changed_by = now, signature(actor)
    session.flush()
    move_end(session, id=row.id, ends_on=_last_day(session, row))
    return load_event(session, event_id=row.id, actor=actor, now=now)


def cancel_event(session: Session, *, event_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Calls an event off; crates packed for it stay in the store. Again: nothing changes. NOT_FOUND
    (event), CONFLICT (event, its stage) where ware is out or to be counted."""
    row = get_event(session, event_id=event_id, actor=actor, lock=True)
    if row.cancelled_at is not None:
        return
    _refuse_stages(session, row, frozenset(Stage) - {Stage.PLANNED, Stage.PACKED})
    row.cancelled_at, row.cancelled_by = now, signature(actor)
    row.contact_sealed = None
    session.execute(
        sa.update(CrateSeal)
        .where(CrateSeal.event_id == row.id, CrateSeal.broken_at.is_(None))
        .values(event_id=None)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def contact_about(event_id: uuid.UUID) -> str:
    """What an event's contact is sealed with."""
    return f"event.contact:{event_id}"


def _fill(session: Session, row: Event, event: EventIn, hall: SiteView, keys: Keys) -> None:
    place = read_text(event.place, "place", empty=True)
    if event.room_id is None and not place:
        raise LendingError(Code.INVALID, field="room")
    if not timedelta(0) < event.until_at - event.from_at <= LONGEST:
        raise LendingError(Code.INVALID, field="until")
    if event.room_id is not None and event.room_id != row.room_id:
        find_room(session, room_id=event.room_id, site_id=hall.id)
    guests = GUESTS if event.guests is None else event.guests
    row.site_id, row.room_id, row.place = hall.id, event.room_id, place
    row.from_at, row.until_at = event.from_at, event.until_at
    row.guests = check_count(guests, "guests", most=MOST_GUESTS)
    if event.contact is not None:
        contact = read_text(event.contact, "contact", empty=True)
        about = contact_about(row.id)
        row.contact_sealed = seal(keys, contact, about=about) if contact else None


def _last_day(session: Session, row: Event) -> date:
    zone = load_district(session, district_id=row.district_id).zone
    return row.until_at.astimezone(zone).date()


def _refuse_stages(session: Session, row: Event, refused: frozenset[Stage]) -> None:
    stage = stage_of(session, event_id=row.id)
    if stage in refused:
        raise LendingError(Code.CONFLICT, field="event", detail=stage)


def _is_same(row: Event, event: EventIn, hall: SiteView, actor: Actor) -> bool:
    guests = GUESTS if event.guests is None else event.guests
    return (
        row.district_id, row.site_id, row.kind, row.from_at, row.until_at, row.room_id, row.guests,
    ) == (
        actor.district_id, hall.id, event.kind, event.from_at, event.until_at, event.room_id,
        guests,
    )  # fmt: skip
