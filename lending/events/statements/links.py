"""What the hall's link leads to, without an account: the statement and its photos, while it lasts."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.events.rights import acts_everywhere, get_event
from lending.events.tables import Event, Statement, StatementPhoto
from lending.events.values import LINK_LASTS
from lending.people.actors import Actor
from lending.people.credentials import hash_credential
from lending.photos.tables import Photo


def find_linked(session: Session, secret: str, now: datetime) -> Statement:
    """The latest statement that the centre confirmed, by the hall's link; NOT_FOUND (statement)."""
    query = (
        sa.select(Statement)
        .join(Event, Event.id == Statement.event_id)
        .where(*_link(secret, now), Statement.sent_at.is_not(None))
        .order_by(Statement.version.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="statement")
    return row


def linked_event(session: Session, secret: str, now: datetime) -> Event:
    """The event that the hall's link leads to, counted or not; NOT_FOUND (statement)."""
    row = session.scalars(sa.select(Event).where(*_link(secret, now))).one_or_none()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="statement")
    return row


def statement_photo(
    session: Session,
    *,
    photo_id: uuid.UUID,
    now: datetime,
    secret: str | None = None,
    actor: Actor | None = None,
) -> bytes:
    """The JPEG of a statement's photo, for whoever may see the statement: by the hall's link or
    signed in. NOT_FOUND (photo) for all else and past its 30 days."""
    later = aliased(Statement)
    query = (
        sa.select(Photo.jpeg, Statement.event_id, Event.link_hash)
        .select_from(Photo)
        .join(StatementPhoto, StatementPhoto.id == Photo.about)
        .join(Statement, Statement.id == StatementPhoto.statement_id)
        .join(Event, Event.id == Statement.event_id)
        .where(StatementPhoto.id == photo_id, Photo.expires_at > now)
        .where(Photo.district_id == Statement.district_id)
    )
    if actor is None:
        query = query.where(*_link(secret or "", now))
    if actor is None or not acts_everywhere(actor):
        query = query.where(
            sa.exists().where(  # a version may stand in the place of one the hall never saw
                later.event_id == Statement.event_id,
                later.version >= Statement.version,
                later.sent_at.is_not(None),
            ),
        )
    found = session.execute(query).one_or_none()
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="photo")
    if actor is not None:
        get_event(session, event_id=found.event_id, actor=actor)
    return bytes(found.jpeg)


def _link(secret: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL over Event: the one that this link leads to."""
    lasts = sa.or_(Event.settled_at.is_(None), Event.settled_at > now - LINK_LASTS)
    return (Event.link_hash == hash_credential(secret), lasts)
