"""What stands where: counts by place, kind and state, and what has waited longest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.read.paging import KeyPart, Page, beyond, cut, read_key
from lending.loop.read.pieces import view_item, view_items
from lending.loop.read.sight import site_asked
from lending.loop.scans import ItemView
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.people.actors import Actor
from lending.places.tables import Site

Destination = aliased(Site)
ALL_LINES = 10_000


@dataclass(frozen=True, slots=True)
class StockLine:
    """How many pieces of one kind are in one state at one site; `to`: where shipped ones go.

    `clean` and `held` are counted among them.
    """

    site: str
    kind: str
    state: State
    to: str | None
    count: int
    clean: int
    held: int


def stock_of_sites(
    session: Session,
    *,
    actor: Actor,
    site: str | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = ALL_LINES,
) -> Page[StockLine]:
    """Counts of the sites an actor sees by site, kind and state, crates and bags left out; a place's
    own include what is on its way to it. Errors: `site_asked`, cursor INVALID."""
    key = read_key(after, str, str, str, str)
    place = site_asked(session, actor=actor, code=site)
    to = sa.func.coalesce(Destination.code, "", type_=sa.Text())
    state = sa.type_coerce(Item.state, sa.Text())
    order = (Site.code, ItemKind.code, state, to)
    query = (
        sa.select(*order, sa.func.count(), _count_if(Item.clean), _count_if(Item.hold.is_not(None)))
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Site, Site.id == Item.site_id)
        .outerjoin(Destination, Destination.id == Item.to_site_id)
        .where(Item.district_id == actor.district_id, ~Item.carrier, beyond(order, key))
        .group_by(*order)
        .order_by(*order)
        .limit(limit + 1)
    )
    if place is not None:
        query = query.where(sa.or_(Item.site_id == place, Item.to_site_id == place))
    rows = session.execute(query).all()
    return cut(rows, limit, _view_line, lambda row: tuple(row[:4]))


def oldest_items(
    session: Session, *, site_id: int, states: Collection[State], limit: int = 10
) -> list[ItemView]:
    """The pieces at a site that have been longest in one of these states, the longest first."""
    query = (
        view_items()
        .where(Item.site_id == site_id, Item.state.in_(states), ~Item.carrier)
        .order_by(Item.since, Item.id)
        .limit(limit)
    )
    return [view_item(row) for row in session.execute(query)]


def _count_if(condition: Any) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _view_line(row: Any) -> StockLine:
    site, kind, state, to, count, clean, held = row
    return StockLine(site, kind, State(state), to or None, count, int(clean), int(held))
