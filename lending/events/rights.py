"""Who may do what with events: the office and the washing centre everywhere, a hall at its own."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.tables import Event
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, load_sites
from lending.places.tables import SiteKind

HALLS = (SiteKind.HALL, SiteKind.OFFICE, SiteKind.WASH_CENTRE)  # where events may be lent from
EVERYWHERE = frozenset({Role.OFFICER, Role.WASH})
_READERS = EVERYWHERE | {Role.COURIER}


def acts_everywhere(actor: Actor) -> bool:
    """Whether an actor plans, packs and counts for every hall of its district."""
    return actor.kind is ActorKind.SYSTEM or actor.role in EVERYWHERE


def check_centre(actor: Actor) -> None:
    """NOT_ALLOWED unless the actor is of the office or of a washing centre."""
    if not acts_everywhere(actor):
        raise LendingError(Code.NOT_ALLOWED)


def check_officer(actor: Actor) -> None:
    """NOT_ALLOWED unless the actor is of the office."""
    if actor.kind is not ActorKind.SYSTEM and actor.role is not Role.OFFICER:
        raise LendingError(Code.NOT_ALLOWED)


def hall_of(session: Session, *, actor: Actor, code: str | None) -> SiteView:
    """The hall of this code that the actor may act for; None: the actor's own.

    INVALID (site) for none, for a place that lends to no events or is closed for good; NOT_FOUND or
    NOT_ALLOWED_HERE (site), the latter also where the actor's own place is no hall.
    """
    if code is None:
        if actor.site_id is None:
            raise LendingError(Code.INVALID, field="site")
        site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
    else:
        site = find_site(session, code=code, district_id=actor.district_id)
    check_hall(site.id, actor)
    if site.kind not in HALLS and site.id == actor.site_id:  # a café, a shop: no hall at all
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    if site.kind not in HALLS or not site.active:
        raise LendingError(Code.INVALID, field="site")
    return site


def check_hall(site_id: int, actor: Actor) -> None:
    """NOT_ALLOWED_HERE (site) for a hall that is not the actor's to act for."""
    if not (acts_everywhere(actor) or (actor.role is Role.CAFE and actor.site_id == site_id)):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")


def seen_events(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL over Event: those an actor may read."""
    district = Event.district_id == actor.district_id
    if actor.kind is ActorKind.SYSTEM or actor.role in _READERS:
        return district
    return sa.and_(district, Event.site_id == actor.site_id)


def get_event(session: Session, *, event_id: uuid.UUID, actor: Actor, lock: bool = False) -> Event:
    """The event's row; NOT_FOUND (event) for one that the actor may not see."""
    query = sa.select(Event).where(Event.id == event_id, seen_events(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="event")
    return row
