"""Photos kept for thirty days: stored once, found by what they show, shown, deleted."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.notices.tables import Erasure
from lending.people.access_log import Access, record_access
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.photos.tables import Photo

KEPT = timedelta(days=30)
DROPPED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A clean JPEG (from `clean_picture`), where it was taken and what report or scan it is about."""

    jpeg: bytes
    district_id: int
    site_id: int
    about: uuid.UUID


def keep_photo(session: Session, snapshot: Snapshot, *, now: datetime) -> bool:
    """Stores a photo under a random id until 30 days from now; False when its report has one."""
    insert = insert_or(session, Photo).on_conflict_do_nothing().returning(Photo.id)
    row = {
        "id": uuid.uuid4(),
        "district_id": snapshot.district_id,
        "site_id": snapshot.site_id,
        "about": snapshot.about,
        "taken_at": now,
        "expires_at": now + KEPT,
        "jpeg": snapshot.jpeg,
    }
    return session.execute(insert, [row]).first() is not None


def photos_about(
    session: Session, *, district_id: int, about: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, uuid.UUID]:
    """The ids of photos not yet expired by the report or scan they are about; one statement."""
    query = sa.select(Photo.about, Photo.id).where(
        Photo.district_id == district_id, Photo.about.in_(about), Photo.expires_at > now
    )
    return {row.about: row.id for row in session.execute(query)}


def show_photo(
    session: Session, *, photo_id: uuid.UUID, actor: Actor, address: str, now: datetime
) -> bytes:
    """The JPEG; that the officer looked is logged, for a photo can show a person.

    NOT_FOUND for one that is unknown, another district's or past its time.
    """
    jpeg = session.scalar(
        sa.select(Photo.jpeg).where(
            Photo.id == photo_id,
            Photo.district_id == actor.district_id,
            Photo.expires_at > now,
        )
    )
    if jpeg is None:
        raise LendingError(Code.NOT_FOUND, field="photo")
    record_access(session, actor=actor, access=Access(address=address, what="photo"), now=now)
    return jpeg


def drop_photos_about(session: Session, *, about: Collection[uuid.UUID]) -> int:
    """Deletes the photos about these reports before their time; how many. The caller notes the
    erasure (notices/tables.Erasure), so that the files are cleaned."""
    gone = session.execute(
        sa.delete(Photo)
        .where(Photo.about.in_(about))
        .returning(Photo.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def drop_old_photos(session: Session, *, now: datetime) -> int:
    """Deletes photos past their time, 500 at most; how many.

    The worker then cleans the database's files (notices/cleaning.py), so that no page keeps them.
    """
    old = sa.select(Photo.id).where(Photo.expires_at <= now).limit(DROPPED_AT_ONCE)
    gone = session.execute(
        sa.delete(Photo)
        .where(Photo.id.in_(old))
        .returning(Photo.id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        session.execute(sa.insert(Erasure), [{"at": now}])
    return len(gone)
