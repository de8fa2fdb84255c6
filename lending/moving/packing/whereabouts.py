"""Where each crate of the district is and since when: being packed, on its way, missing, standing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.steps import State
from lending.loop.tables import Item
from lending.places.tables import Site
from lending.requests.round_tables import UNDERWAY, Consignment, Round, Way
from lending.requests.watch import late_crates

MOST_SHOWN = 100


class Stage(StrEnum):
    """How far a crate has come."""

    MISSING = "missing"  # should be there by now, seen by nobody
    PACKING = "packing"
    SEALED = "sealed"
    LOADED = "loaded"
    DELIVERED = "delivered"  # set down, not yet taken in
    TAKEN = "taken"  # on its way back
    STANDING = "standing"  # received, or on no way at all


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A crate: `site` where it stands or was seen last (codes), its way where it is on one, and
    since when it is at this stage; `lies`: pieces in it."""

    id: int
    code: str
    stage: Stage
    since: datetime
    site: str
    from_site: str | None
    to_site: str | None
    packing_id: uuid.UUID | None
    van: str | None
    lies: int


Here, From, To = aliased(Site), aliased(Site), aliased(Site)
_on_way = sa.or_(
    Consignment.loaded_at.is_(None),
    *(sa.and_(Consignment.way == way, Item.state == state) for way, state in UNDERWAY.items()),
)
_way = sa.and_(
    Consignment.crate_id == Item.id,
    Consignment.received_at.is_(None),
    Consignment.dissolved_at.is_(None),
    _on_way,  # one that was seen elsewhere since is on no way any more
)


def count_stages(session: Session, *, district_id: int, now: datetime) -> dict[Stage, int]:
    """How many crates are at each stage; one statement."""
    stage = _stage(session, district_id, now)
    query = _from(sa.select(stage, sa.func.count()), district_id).group_by(stage)
    return {Stage(row[0]): row[1] for row in session.execute(query)}


def list_whereabouts(
    session: Session,
    *,
    district_id: int,
    now: datetime,
    stage: Stage | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = MOST_SHOWN,
) -> list[Whereabouts]:
    """Crates by how long they are at their stage, the longest first; the next page from `after`
    (since, id) on. None: all that are on a way or being packed."""
    told = _stage(session, district_id, now)
    since = _since()
    inside = aliased(Item)
    lies = (
        sa.select(sa.func.count()).where(inside.crate_id == Item.id).correlate(Item).scalar_subquery()
    )  # fmt: skip
    query = _from(
        sa.select(
            Item.id, Item.code, told, since, Here.code, From.code, To.code, Consignment.packing_id,
            Round.van, lies,
        ),
        district_id,
    )  # fmt: skip
    query = query.where(told == stage.value if stage else told != Stage.STANDING.value)
    if after is not None:
        later = sa.and_(since == after[0], Item.id > after[1])
        query = query.where(sa.or_(since > after[0], later))
    rows: Sequence[Any] = session.execute(query.order_by(since, Item.id).limit(limit)).all()
    return [Whereabouts(row[0], row[1], Stage(row[2]), *row[3:]) for row in rows]


def _from(query: sa.Select[*tuple[Any, ...]], district_id: int) -> sa.Select[*tuple[Any, ...]]:
    return (
        query.select_from(Item)
        .join(Here, Here.id == Item.site_id)
        .outerjoin(Consignment, _way)
        .outerjoin(From, From.id == Consignment.from_site_id)
        .outerjoin(To, To.id == Consignment.to_site_id)
        .outerjoin(Round, Round.id == Consignment.round_id)
        .where(Item.district_id == district_id, Item.carrier)
        .where(Item.state.not_in([State.RETIRED, State.LOST]))
    )


def _stage(session: Session, district_id: int, now: datetime) -> Any:
    """SQL: the stage of a row of `_from`."""
    return sa.case(
        (Consignment.id.is_(None), Stage.STANDING.value),
        (late_crates(session, district_id=district_id, now=now), Stage.MISSING.value),
        (Consignment.way == Way.BACK, Stage.TAKEN.value),
        (Consignment.delivered_at.is_not(None), Stage.DELIVERED.value),
        (Consignment.loaded_at.is_not(None), Stage.LOADED.value),
        (Consignment.sealed_at.is_not(None), Stage.SEALED.value),
        else_=Stage.PACKING.value,
    )


def _since() -> Any:
    return sa.func.coalesce(
        Consignment.delivered_at, Consignment.loaded_at, Consignment.sealed_at,
        Consignment.opened_at, Item.since,
    )  # fmt: skip
