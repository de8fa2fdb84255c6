"""The log of staff reading residents' data: written, paged, deleted after its time."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime
from lending.people.actors import Actor, ActorKind
from lending.people.tables import AccessLog, Resident, Staff
from lending.places.texts import read_text

# 개인정보의 안전성 확보조치 기준 §8: one year, two from 50,000 people on.
KEPT = timedelta(days=366)
KEPT_LARGE = timedelta(days=731)
LARGE = 50_000


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One view: who (login), when, from which address, whose, what and why."""

    id: int
    at: datetime
    login: str | None
    address: str
    resident_id: uuid.UUID | None
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """What is to be logged; `reason` is asked for where a person is searched or data taken out."""

    address: str
    what: str
    resident_id: uuid.UUID | None = None
    reason: str = ""


def record_access(session: Session, *, actor: Actor, access: Access, now: datetime) -> None:
    """Logs one view of a resident's data by staff; in the transaction of the view itself."""
    session.add(
        AccessLog(
            district_id=actor.district_id,
            at=now,
            staff_id=actor.id if actor.kind is ActorKind.STAFF else None,
            address=access.address[:100],
            resident_id=access.resident_id,
            what=read_text(access.what, "what"),
            reason=read_text(access.reason, "reason", longest=500, empty=True),
        )
    )
    session.flush()


def list_access(
    session: Session,
    *,
    district_id: int,
    before: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[AccessEntry]:
    """At most `limit` entries, the newest first, from the first before (at, id) `before` on."""
    query = (
        sa.select(AccessLog, Staff.login)
        .outerjoin(Staff, Staff.id == AccessLog.staff_id)
        .where(AccessLog.district_id == district_id)
        .order_by(AccessLog.at.desc(), AccessLog.id.desc())
        .limit(limit)
    )
    if before is not None:
        at, entry_id = sa.literal(before[0], UtcDateTime()), before[1]
        query = query.where(sa.tuple_(AccessLog.at, AccessLog.id) < sa.tuple_(at, entry_id))
    return [
        AccessEntry(
            id=entry.id,
            at=entry.at,
            login=login,
            address=entry.address,
            resident_id=entry.resident_id,
            what=entry.what,
            reason=entry.reason,
        )
        for entry, login in session.execute(query)
    ]


def drop_old_access(session: Session, *, now: datetime) -> int:
    """Deletes what is older than the law asks to keep, district by district; how many."""
    large = (
        sa.select(Resident.district_id)
        .group_by(Resident.district_id)
        .having(sa.func.count() >= LARGE)
    )
    old = sa.delete(AccessLog).where(
        sa.or_(
            AccessLog.at < now - KEPT_LARGE,
            sa.and_(AccessLog.at < now - KEPT, AccessLog.district_id.not_in(large)),
        )
    )
    return len(session.execute(old.returning(AccessLog.id)).all())
