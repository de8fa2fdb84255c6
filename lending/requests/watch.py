"""What should have moved by now: crates missing after a round, ware dirty for long, silent boxes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.notices.tables import AlertOwner
from lending.people.actors import Actor
from lending.people.tables import ApiToken, Device, Role
from lending.people.upserts import insert_or
from lending.places.tables import Site, SiteKind
from lending.requests.acting import check_count, signature
from lending.requests.round_tables import UNDERWAY, Consignment, Round, WatchHours

CRATE_MISSING = "crate_missing"  # hours after its round ended
DIRTY_OLD = "dirty_old"  # hours since a piece came in dirty
BOX_SILENT = "box_silent"  # hours since its tablet or machine was last heard of
HOURS = {CRATE_MISSING: 4, DIRTY_OLD: 24, BOX_SILENT: 24}  # [I]
MOST_HOURS = 24 * 60
NO_ROUND = timedelta(hours=20)  # a crate on no round, or on one that never ended, is late after


@dataclass(frozen=True, slots=True)
class Watched:
    """`count` crates, pieces or devices at a site that `owner` is to look at."""

    site_id: int
    kind: str
    count: int
    owner: AlertOwner


def find_stuck(session: Session, *, district_id: int, now: datetime) -> list[Watched]:
    """Everything of these three kinds that is late by now; five statements."""
    hours = load_watch_hours(session, district_id=district_id)
    limits = {kind: now - timedelta(hours=hours[kind]) for kind in HOURS}
    queries = {
        CRATE_MISSING: _missing(district_id, limits[CRATE_MISSING]),
        DIRTY_OLD: _dirty(district_id, limits[DIRTY_OLD]),
        BOX_SILENT: _silent(district_id, limits[BOX_SILENT]),
    }
    owners = {DIRTY_OLD: AlertOwner.PLACE}
    return [
        Watched(site, kind, count, owners.get(kind, AlertOwner.OFFICER))
        for kind, query in queries.items()
        for site, count in session.execute(query)
    ]


def is_missing() -> sa.ColumnElement[bool]:
    """SQL over Consignment and its crate's Item: sent or taken, received by nobody, and the crate
    not seen since by any scan."""
    on_its_way = sa.or_(
        *(sa.and_(Consignment.way == way, Item.state == state) for way, state in UNDERWAY.items())
    )
    return sa.and_(
        Consignment.loaded_at.is_not(None),
        Consignment.received_at.is_(None),
        Consignment.dissolved_at.is_(None),
        on_its_way,
    )


def late_crates(session: Session, *, district_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """SQL over Consignment, its crate's Item and its Round, if any: missing for so long that an
    alert is raised. One statement, for the district's hours."""
    hours = load_watch_hours(session, district_id=district_id)[CRATE_MISSING]
    return sa.and_(is_missing(), _is_late(now - timedelta(hours=hours)))


def load_watch_hours(session: Session, *, district_id: int) -> dict[str, int]:
    """Hours by kind of alert, the district's own or else the defaults."""
    query = sa.select(WatchHours.what, WatchHours.hours)
    rows = session.execute(query.where(WatchHours.district_id == district_id))
    return HOURS | {what: hours for what, hours in rows if what in HOURS}


def set_watch_hours(
    session: Session, *, what: str, hours: int, actor: Actor, now: datetime
) -> None:
    """After how many hours (1 … 1,440) the district wants this alert; INVALID (what, hours)."""
    if what not in HOURS:
        raise LendingError(Code.INVALID, field="what")
    values = {
        "hours": check_count(hours, "hours", most=MOST_HOURS),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    insert = insert_or(session, WatchHours)
    insert = insert.values(values | {"district_id": actor.district_id, "what": what})
    session.execute(
        insert.on_conflict_do_update(index_elements=["district_id", "what"], set_=values)
    )


def _is_late(ended_before: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(Round.ended_at <= ended_before, Consignment.loaded_at <= ended_before - NO_ROUND)


def _missing(district_id: int, ended_before: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Crates by the place that should have them by now."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Consignment.to_site_id, sa.func.count())
        .join(Item, Item.id == Consignment.crate_id)
        .outerjoin(Round, Round.id == Consignment.round_id)
        .where(Consignment.district_id == district_id, is_missing(), _is_late(ended_before))
        .group_by(Consignment.to_site_id)
    )
    return query


def _dirty(district_id: int, before: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Pieces that lie dirty at a washing centre; elsewhere nobody can wash them."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.site_id, sa.func.count())
        .join(Site, Site.id == Item.site_id)
        .where(
            Item.district_id == district_id,
            Item.state == State.DIRTY,
            Item.since <= before,
            Item.hold.is_(None),
            Item.uses > 0,  # new ware waits for its first wash without anybody being late
            ~Item.carrier,
            Site.kind == SiteKind.WASH_CENTRE,
        )
        .group_by(Item.site_id)
    )
    return query


def _silent(district_id: int, before: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Active boxes and machines that have a tablet or a token, of which none was heard of."""
    tablets = sa.select(Device.site_id, Device.last_used_at).where(
        Device.district_id == district_id,
        Device.role == Role.MACHINE,
        Device.paired_at.is_not(None),
        Device.revoked_at.is_(None),
    )
    machines = sa.select(ApiToken.site_id, ApiToken.last_used_at).where(
        ApiToken.district_id == district_id,
        ApiToken.role == Role.MACHINE,
        ApiToken.last_used_at.is_not(None),
        ApiToken.revoked_at.is_(None),
    )
    heard = sa.union_all(tablets, machines).subquery()
    last = sa.func.max(heard.c.last_used_at)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(heard.c.site_id, sa.func.count())
        .join(Site, Site.id == heard.c.site_id)
        .where(Site.active, Site.kind.in_((SiteKind.BOX, SiteKind.MACHINE)))
        .group_by(heard.c.site_id)
        .having(last <= before)
    )
    return query
