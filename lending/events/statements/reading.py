"""Statements as they are read, confirmed by the centre, and linked to for the hall."""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.reading import find_events
from lending.events.rights import acts_everywhere, check_centre, get_event
from lending.events.settings import load_times
from lending.events.tables import (
    Dispute,
    Event,
    Statement,
    StatementLine,
    StatementPhoto,
)
from lending.events.values import Answer, DisputeView, LineView, StatementView, StatementWhy
from lending.loop.care.decisions import EVENT_DISPUTE
from lending.loop.tables import ItemKind, Review
from lending.people.actors import Actor
from lending.people.credentials import hash_credential
from lending.people.keys import Keys
from lending.people.sealing import digest
from lending.people.signers import name_signers
from lending.photos.keep import photos_about
from lending.places.districts import load_district
from lending.places.tables import Site
from lending.requests.acting import signature

LINK_BYTES = 15  # 120 bits in 24 letters, told over the phone if need be


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a statement in a list."""

    id: uuid.UUID
    version: int
    why: StatementWhy
    made_at: datetime
    sent_at: datetime | None
    answer: Answer | None
    answered_at: datetime | None


def load_statement(
    session: Session,
    *,
    event_id: uuid.UUID,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> StatementView:
    """A version of an event's statement, the latest by default; for all but the centre and the
    office one that the centre has confirmed. NOT_FOUND (event, statement)."""
    get_event(session, event_id=event_id, actor=actor)
    row = find_statement(session, event_id, version, drafts=acts_everywhere(actor))
    return view_statement(session, row, now=now)


def list_versions(session: Session, *, event_id: uuid.UUID, actor: Actor) -> list[Version]:
    """The versions of an event's statement that the actor may see, as `load_statement`, the latest
    first; NOT_FOUND (event)."""
    get_event(session, event_id=event_id, actor=actor)
    query = sa.select(Statement).where(Statement.event_id == event_id)
    if not acts_everywhere(actor):
        query = query.where(Statement.sent_at.is_not(None))
    return [
        Version(row.id, row.version, row.why, row.made_at, row.sent_at, row.answer, row.answered_at)
        for row in session.scalars(query.order_by(Statement.version.desc()))
    ]


def confirm_statement(
    session: Session, *, statement_id: uuid.UUID, actor: Actor, now: datetime
) -> StatementView:
    """The centre says that a statement is right: the hall may answer it from now on, within the
    district's days. Again: nothing changes. NOT_ALLOWED, NOT_FOUND (statement), CONFLICT (statement)
    for one that is not the latest."""
    check_centre(actor)
    row, _ = lock_statement(session, statement_id, actor)
    if row.sent_at is None:
        days = load_times(session, district_id=row.district_id).answer_days
        row.sent_at, row.sent_by = now, signature(actor)
        row.answer_by = now + timedelta(days=days)
        session.flush()
    return view_statement(session, row, now=now)


def hall_link(session: Session, *, event_id: uuid.UUID, actor: Actor, keys: Keys) -> str:
    """The secret of the link by which the hall sees and answers an event's statements without an
    account; the same every time until it is renewed. NOT_FOUND (event)."""
    row = get_event(session, event_id=event_id, actor=actor, lock=True)
    if row.link_number == 0:
        row.link_number = 1
    secret = _secret(row, keys)
    row.link_hash = hash_credential(secret)
    session.flush()
    return secret


def renew_link(session: Session, *, event_id: uuid.UUID, actor: Actor, keys: Keys) -> str:
    """Another secret: the link given out before leads nowhere from now on. NOT_ALLOWED for all but
    the centre and the office, NOT_FOUND (event)."""
    check_centre(actor)
    row = get_event(session, event_id=event_id, actor=actor, lock=True)
    row.link_number += 1
    session.flush()
    return hall_link(session, event_id=event_id, actor=actor, keys=keys)


def lock_statement(
    session: Session, statement_id: uuid.UUID, actor: Actor
) -> tuple[Statement, Event]:
    """The latest statement of its event, both locked; NOT_FOUND or CONFLICT (statement)."""
    event_id = session.scalar(sa.select(Statement.event_id).where(Statement.id == statement_id))
    if event_id is None:
        raise LendingError(Code.NOT_FOUND, field="statement")
    event = get_event(session, event_id=event_id, actor=actor, lock=True)
    row = find_statement(session, event.id, None)
    if row.id != statement_id:
        raise LendingError(Code.CONFLICT, field="statement", detail="newer")
    return row, event


def find_statement(
    session: Session, event_id: uuid.UUID, version: int | None, *, drafts: bool = True
) -> Statement:
    """A version's row, the latest for None; `drafts`: also one that the centre has not confirmed.
    NOT_FOUND (statement)."""
    query = sa.select(Statement).where(Statement.event_id == event_id)
    if not drafts:
        query = query.where(Statement.sent_at.is_not(None))
    if version is not None:
        query = query.where(Statement.version == version)
    row = session.scalars(
        query.order_by(Statement.version.desc()).limit(1).execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise LendingError(Code.NOT_FOUND, field="statement")
    return row


def view_statement(session: Session, row: Statement, *, now: datetime) -> StatementView:
    """A version with its lines, photos and disputes; about a dozen statements."""
    newest = sa.select(sa.func.max(Statement.version)).where(Statement.event_id == row.event_id)
    (event,) = find_events(session, Event.id == row.event_id, district_id=row.district_id, now=now)
    centre = session.get_one(Site, row.site_id)
    district = load_district(session, district_id=row.district_id)
    names = name_signers(session, {row.counted_by, row.sent_by, row.answered_by})
    photos = sa.select(StatementPhoto.id).where(StatementPhoto.statement_id == _count_of(row))
    shown = photos_about(
        session, district_id=row.district_id, about=list(session.scalars(photos)), now=now
    )
    return StatementView(
        row.id, event, row.version, row.version == session.scalar(newest), row.why, centre.code,
        centre.name, centre.name_en, row.counted_at, names.get(row.counted_by, ""), row.note,
        row.made_at, row.sent_at, names.get(row.sent_by or "", ""), row.answer_by, row.answer,
        row.answered_at, names.get(row.answered_by or "", ""), row.answer_name,
        tuple(_lines(session, row.id)), tuple(sorted(shown)),
        tuple(view_disputes(session, Dispute.statement_id == row.id, now=now)), district.id,
        district.name, district.name_en, district.helpdesk, district.timezone,
    )  # fmt: skip


def _count_of(row: Statement) -> Any:
    """SQL: the count that a version goes back to; its photos are the version's."""
    by_count = (StatementWhy.COUNT, StatementWhy.RECOUNT)
    query = sa.select(Statement.id).where(
        Statement.event_id == row.event_id, Statement.version <= row.version,
        Statement.why.in_(by_count),
    )  # fmt: skip
    return query.order_by(Statement.version.desc()).limit(1).scalar_subquery()


def view_disputes(
    session: Session, *which: sa.ColumnElement[bool], now: datetime
) -> list[DisputeView]:
    """These disputes by when they were raised; three statements."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Dispute, Statement.version, StatementLine.missing, StatementLine.what, ItemKind.name,
            Review.id, Statement.event_id,
        )
        .select_from(Dispute)
        .join(Statement, Statement.id == Dispute.statement_id)
        .join(
            StatementLine,
            (StatementLine.statement_id == Dispute.statement_id)
            & (StatementLine.position == Dispute.position),
        )
        .outerjoin(ItemKind, ItemKind.id == StatementLine.kind_id)
        .outerjoin(Review, (Review.scan_id == Dispute.id) & (Review.subject == EVENT_DISPUTE))
        .where(*which)
        .order_by(Dispute.at, Dispute.position, Dispute.id)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(query).all()
    names = name_signers(session, {row[0].decided_by for row in rows})
    photos: dict[uuid.UUID, uuid.UUID] = {}
    for district in {row[0].district_id for row in rows}:
        about = [row[0].id for row in rows]
        photos |= photos_about(session, district_id=district, about=about, now=now)
    return [
        DisputeView(
            one.id, one.statement_id, version, one.position, what or name or "", missing,
            one.missing_said, one.reason, one.name, one.at, photos.get(one.id), one.decision,
            one.decided_at, names.get(one.decided_by or "", ""), one.decision_note, review, event,
        )
        for one, version, missing, what, name, review, event in rows
    ]  # fmt: skip


def _lines(session: Session, statement_id: uuid.UUID) -> list[LineView]:
    query = (
        sa.select(StatementLine, ItemKind.code, ItemKind.name, ItemKind.name_en, ItemKind.carrier)
        .select_from(StatementLine)
        .outerjoin(ItemKind, ItemKind.id == StatementLine.kind_id)
        .where(StatementLine.statement_id == statement_id)
        .order_by(StatementLine.position)
    )
    return [
        LineView(
            line.position, line.kind_id, code or "", name or "", name_en or "", line.what,
            line.sent, line.returned, line.broken, line.missing, line.surplus,
            line.foreign_pieces, line.price, bool(carrier),
        )
        for line, code, name, name_en, carrier in session.execute(query)
    ]  # fmt: skip


def _secret(row: Event, keys: Keys) -> str:
    raw = digest(keys, "event-link", f"{row.id} {row.link_number}")[:LINK_BYTES]
    return base64.b32encode(raw).decode("ascii").lower()
