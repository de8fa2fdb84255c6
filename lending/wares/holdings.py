"""The balances of counted ware as a paged list: by kind, then account; a place sees its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import seen_by, sees_district
from lending.loop.tables import Item, ItemKind, Label
from lending.people.actors import Actor
from lending.places.tables import Site
from lending.wares.tables import CountedAccount
from lending.wares.ways import Condition


@dataclass(frozen=True, slots=True)
class HoldingView:
    """Pieces of a kind in one condition, loose at a place (`site`) or in a crate (`crate`), by their
    codes; below zero more was taken than was known of."""

    kind: str
    site: str | None
    crate: str | None
    condition: Condition
    quantity: int


def list_holdings(
    session: Session,
    *,
    actor: Actor,
    site_id: int | None = None,
    crate_id: int | None = None,
    kind: str | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[HoldingView]:
    """What accounts hold, empty ones left out: all the actor sees, of one place (loose ware and the
    crates that stand there), of one crate, of one kind. Errors: cursor INVALID."""
    key = read_key(after, int)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            ItemKind.code, Site.code, Item.code, CountedAccount.condition, CountedAccount.balance,
            CountedAccount.id,
        )
        .join(ItemKind, ItemKind.id == CountedAccount.kind_id)
        .outerjoin(Site, Site.id == CountedAccount.site_id)
        .outerjoin(Item, Item.id == CountedAccount.crate_id)
        .where(CountedAccount.district_id == actor.district_id, CountedAccount.balance != 0)
        .where(CountedAccount.outside.is_(None), beyond([CountedAccount.id], key))
        .order_by(CountedAccount.id)
        .limit(limit + 1)
    )  # fmt: skip
    if not sees_district(actor):
        query = query.where((CountedAccount.site_id == actor.site_id) | seen_by(actor))
    if site_id is not None:
        query = query.where((CountedAccount.site_id == site_id) | (Item.site_id == site_id))
    if crate_id is not None:
        query = query.where(CountedAccount.crate_id == crate_id)
    if kind is not None:
        query = query.where(ItemKind.code == kind)
    rows = session.execute(query).all()
    return cut(rows, limit, lambda row: HoldingView(*row[:5]), lambda row: (row[5],))


def find_crates(session: Session, *, codes: Collection[str], district_id: int) -> dict[str, int]:
    """The ids of crates by their labels' codes; what is no crate of the district is left out."""
    query = (
        sa.select(Label.code, Item.id)
        .join(Item, Item.id == Label.item_id)
        .where(Label.code.in_(codes), Item.district_id == district_id, Item.carrier)
    )
    return {row[0]: row[1] for row in session.execute(query)}
