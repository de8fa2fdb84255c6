"""What is known about a claim when the desk looks at it: was the place emptied since, by whom."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.db import UtcDateTime, fetch
from lending.loop.dropped import SaidBy
from lending.loop.steps import Action
from lending.loop.tables import DropClaim, Item, Loan, Scan
from lending.notices.tables import Notice
from lending.people.actors import ActorKind
from lending.people.tables import Device, Role
from lending.places.tables import Site

Void = aliased(Scan)
DAY = timedelta(days=1)  # a claim often knows the day only


@dataclass(frozen=True, slots=True)
class Emptied:
    """The last time anything was taken from the place; `device`: its name, where one did it."""

    at: datetime
    role: Role
    device: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against a claim; never a person.

    `pieces`: how many were taken from the place since the day it names; `emptied` None: nothing
    was. `lent_at`, `due_at`, `told`: the loan, and how many reminders went out about it.
    """

    lend_id: uuid.UUID
    site_name: str
    site_name_en: str
    dropped_at: datetime
    said_at: datetime
    said_by: SaidBy
    stops_clock: bool
    lent_at: datetime
    due_at: datetime
    told: int
    pieces: int
    emptied: Emptied | None


def load_evidence(session: Session, lends: Collection[uuid.UUID]) -> dict[uuid.UUID, Evidence]:
    """The evidence of the last claim about each of these loans (a page of them), by loan.

    Three statements. A piece counts as taken by a collect there, or when the centre received it
    from there.
    """
    claims = {row.lend_id: row for row in fetch(session, _claims(lends))}
    placed = [row for row in claims.values() if row.site_id is not None]
    counts = {row.lend: row.count for row in _read(session, [_count(row) for row in placed])}
    last = {row.lend: row for row in _read(session, [_last(row) for row in placed])}
    return {
        lend: Evidence(
            lend, row.site_name, row.site_name_en, row.dropped_at, row.said_at, row.said_by,
            row.stops_clock, row.opened_at, row.due_at, row.told, counts.get(lend, 0),
            _emptied(last.get(lend)),
        )
        for lend, row in claims.items()
    }  # fmt: skip


def _claims(lends: Collection[uuid.UUID]) -> sa.Select[*tuple[Any, ...]]:
    told = (
        sa.select(sa.func.count())
        .where(Notice.lend_id == DropClaim.lend_id, Notice.sent_at.is_not(None))
        .scalar_subquery()
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            DropClaim.lend_id, DropClaim.site_id, DropClaim.dropped_at, DropClaim.said_at,
            DropClaim.said_by, DropClaim.stops_clock, Loan.opened_at, Loan.due_at,
            told.label("told"), sa.func.coalesce(Site.name, "").label("site_name"),
            sa.func.coalesce(Site.name_en, "").label("site_name_en"),
        )
        .join(Loan, Loan.id == DropClaim.lend_id)
        .outerjoin(Site, Site.id == DropClaim.site_id)
        .where(DropClaim.lend_id.in_(lends))
        .order_by(DropClaim.said_at, DropClaim.id)
    )  # fmt: skip
    return query


def _taken(claim: Any, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Pieces taken from the place of a claim since a day before the moment it names."""
    since = max(claim.opened_at, claim.dropped_at - DAY)
    there = sa.or_(
        sa.and_(Scan.action == Action.COLLECT, Scan.site_id == claim.site_id),
        sa.and_(Scan.action == Action.RECEIVE, Scan.from_site_id == claim.site_id),
    )
    voided = sa.exists().where(Void.of == Scan.id, Void.action == Action.VOID)
    lend = sa.literal(claim.lend_id, sa.Uuid()).label("lend")
    return sa.select(lend, *columns).where(
        there, Scan.occurred_at >= sa.literal(since, UtcDateTime()), ~voided
    )


def _count(claim: Any) -> sa.Select[*tuple[Any, ...]]:
    taken = _taken(claim, sa.func.count(sa.distinct(Scan.item_id)).label("count"))
    return taken.join(Item, Item.id == Scan.item_id).where(~Item.carrier)  # not the bag itself


def _last(claim: Any) -> sa.Select[*tuple[Any, ...]]:
    by_device = (Scan.sender_kind == ActorKind.DEVICE.value) & (Device.id == Scan.sender_id)
    query = _taken(claim, Scan.occurred_at.label("at"), Scan.sender_role, Device.name)
    query = query.outerjoin(Device, by_device)
    return query.order_by(Scan.occurred_at.desc(), Scan.id).limit(1)


def _read(session: Session, queries: Sequence[sa.Select[*tuple[Any, ...]]]) -> Sequence[Any]:
    """All of them in one statement."""
    if not queries:
        return []
    parts = [sa.select(query.subquery()) for query in queries]
    return fetch(session, sa.union_all(*parts))


def _emptied(row: Any | None) -> Emptied | None:
    return Emptied(row.at, row.sender_role, row.name) if row is not None else None
