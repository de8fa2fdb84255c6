"""Who looked where somebody lives: each courier's first look at a pick-up's address is noted."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.drivers import drives
from lending.people.access_log import Access, record_access
from lending.people.actors import Actor, ActorKind
from lending.people.tables import AccessLog
from lending.photos.keep import photos_about, show_photo
from lending.requests.acting import signature
from lending.requests.round_tables import Round, Stop, to_come

LOOKED = "pick-up address"
AGAIN = timedelta(days=2)  # as long as a round stands in a driver's list


def unnoted(
    session: Session, *, pickup_ids: Collection[uuid.UUID], actor: Actor, now: datetime
) -> list[uuid.UUID]:
    """Those of these requests whose address this actor has not looked at yet; one statement."""
    if not pickup_ids:
        return []
    query = sa.select(AccessLog.reason).where(
        AccessLog.district_id == actor.district_id,
        AccessLog.at >= now - AGAIN,
        AccessLog.what == LOOKED,
        AccessLog.staff_id == (actor.id if actor.kind is ActorKind.STAFF else None),
    )
    noted = set(session.scalars(query))
    return [id for id in sorted(pickup_ids) if _reason(id, actor) not in noted]


def note_looks(
    session: Session,
    *,
    pickup_ids: Collection[uuid.UUID],
    actor: Actor,
    address: str,
    now: datetime,
) -> None:
    """Notes that the actor saw where these requests are. `address`: of the network."""
    for id in pickup_ids:
        access = Access(address=address, what=LOOKED, reason=_reason(id, actor))
        record_access(session, actor=actor, access=access, now=now)


def show_door(
    session: Session,
    *,
    pickup_id: uuid.UUID,
    actor: Actor,
    address: str,
    today: date,
    now: datetime,
) -> bytes:
    """The asker's photo, for who drives there now; the look is noted. NOT_FOUND (pickup, photo)."""
    query = (
        sa.select(Stop.id)
        .join(Round, Round.id == Stop.round_id)
        .where(Stop.pickup_id == pickup_id, drives(actor), to_come(today))
    )
    if session.scalar(query.limit(1)) is None:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    about = [pickup_id]
    found = photos_about(session, district_id=actor.district_id, about=about, now=now)
    if pickup_id not in found:
        raise LendingError(Code.NOT_FOUND, field="photo")
    photo = found[pickup_id]
    return show_photo(session, photo_id=photo, actor=actor, address=address, now=now)


def _reason(pickup_id: uuid.UUID, actor: Actor) -> str:
    return f"{pickup_id} {signature(actor)}"
