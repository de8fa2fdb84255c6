"""The officer's list of requests: what is to be decided, late, waiting, on its way; and what is over."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.read.paging import KeyPart, Page, beyond, cut, read_key
from lending.people.access_log import Access, record_access
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.people.tables import Device, Staff
from lending.requests.pickups.sheet import PickupSheet, load_sheets
from lending.requests.pickups.tables import Pickup, PickupVisit
from lending.requests.pickups.views import PickupState, PickupView, load_pickups, select_views

MOST_OPEN = 500
PAGE = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """Open requests by what they wait for, each the oldest first, at most 500 in all."""

    decide: tuple[PickupView, ...]
    late: tuple[PickupView, ...]
    waiting: tuple[PickupView, ...]
    taken: tuple[PickupView, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A courier was there; `by`: the login or the tablet's name; `undone_at`: the word was taken
    back."""

    taken: bool
    at: datetime
    by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class PickupStory:
    """One request with its visits; where to go stands in neither."""

    pickup: PickupView
    visits: tuple[Visit, ...]


def load_desk(session: Session, *, district_id: int) -> Desk:
    """What is open in a district; one statement."""
    query = (
        select_views()
        .where(Pickup.district_id == district_id, Pickup.closed_at.is_(None))
        .order_by(Pickup.asked_at, Pickup.id)
        .limit(MOST_OPEN)
    )
    views = [PickupView(*row) for row in session.execute(query)]
    decide = [one for one in views if one.state is PickupState.OFFICER]
    taken = [one for one in views if one.state is PickupState.TAKEN]
    rest = [one for one in views if one.state in (PickupState.WAITING, PickupState.PLANNED)]
    late = [one for one in rest if one.late_at is not None]
    waiting = [one for one in rest if one.late_at is None]
    return Desk(tuple(decide), tuple(late), tuple(waiting), tuple(taken))


def list_ended(
    session: Session,
    *,
    district_id: int,
    after: Sequence[KeyPart] | None = None,
    limit: int = PAGE,
) -> Page[PickupView]:
    """Requests that are over, the latest asked first; cursor INVALID."""
    key = read_key(after, datetime, uuid.UUID)
    query = select_views().where(
        Pickup.district_id == district_id,
        Pickup.closed_at.is_not(None),
        beyond([Pickup.asked_at, Pickup.id], key, falling=True),
    )
    query = query.order_by(Pickup.asked_at.desc(), Pickup.id.desc()).limit(limit + 1)
    rows = session.execute(query).all()
    return cut(rows, limit, lambda row: PickupView(*row), lambda row: (row.asked_at, row.id))


def load_story(session: Session, *, pickup_id: uuid.UUID, district_id: int) -> PickupStory:
    """One request of the district; NOT_FOUND (pickup). Four statements."""
    view = load_pickups(session, pickup_ids=[pickup_id]).get(pickup_id)
    if view is None or view.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    query = (
        sa.select(PickupVisit.taken, PickupVisit.at, PickupVisit.by, PickupVisit.undone_at)
        .where(PickupVisit.pickup_id == pickup_id)
        .order_by(PickupVisit.at, PickupVisit.id)
        .limit(MOST_OPEN)
    )
    rows = session.execute(query).all()
    names = _names(session, {row.by for row in rows})
    visits = (Visit(r.taken, r.at, names.get(r.by, r.by), r.undone_at) for r in rows)
    return PickupStory(view, tuple(visits))


def look_where(
    session: Session, *, pickup_id: uuid.UUID, actor: Actor, address: str, keys: Keys, now: datetime
) -> PickupSheet | None:
    """Where the courier is to go, for an officer's eyes: the look is logged. None once the request
    is over; NOT_FOUND (pickup)."""
    load_story(session, pickup_id=pickup_id, district_id=actor.district_id)
    sheet = load_sheets(session, pickup_ids=[pickup_id], keys=keys, now=now).get(pickup_id)
    if sheet is not None:
        record_access(session, actor=actor, access=Access(address=address, what="pickup"), now=now)
    return sheet


def _names(session: Session, signatures: set[str]) -> dict[str, str]:
    """Who signed so: staff by login, devices by name."""
    kinds = (("staff", Staff.id, Staff.login), ("device", Device.id, Device.name))
    found: dict[str, str] = {}
    for kind, column, name in kinds:
        ids = [int(one.partition(":")[2]) for one in signatures if one.startswith(f"{kind}:")]
        rows = session.execute(sa.select(column, name).where(column.in_(ids)))
        found |= {f"{kind}:{row[0]}": row[1] for row in rows}
    return found
