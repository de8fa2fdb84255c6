"""What the ledger holds now: by account, by place, by crate, and beyond every place."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind
from lending.wares.accounts import ACCOUNT_COLUMNS
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.values import Holding
from lending.wares.ways import Account, Condition, Outside


@dataclass(frozen=True, slots=True)
class PlaceTotal:
    """Pieces of a counted kind in one condition at a place: loose, in crates that stand there, and
    in crates on their way there."""

    site_id: int
    kind: str  # code
    kind_id: int
    condition: Condition
    loose: int
    in_crates: int
    coming: int


@dataclass(frozen=True, slots=True)
class CrateLine:
    """So many pieces of a kind in a crate. Tracked ones are told apart by `state`, counted ones by
    `condition`."""

    crate_id: int
    kind: str
    kind_id: int
    quantity: int
    state: State | None = None
    condition: Condition | None = None


def balances(
    session: Session,
    *,
    district_id: int,
    site_ids: Collection[int] | None = None,
    crate_ids: Collection[int] | None = None,
    kind_ids: Collection[int] | None = None,
) -> list[Holding]:
    """What the accounts of these places, crates or kinds hold, empty ones left out; all those of
    the district where nothing is named. Places and crates together: the accounts of both."""
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        CountedAccount.kind_id, CountedAccount.balance, *ACCOUNT_COLUMNS
    ).where(CountedAccount.district_id == district_id, CountedAccount.balance != 0)
    holders = [
        column.in_(ids)
        for column, ids in (
            (CountedAccount.site_id, site_ids),
            (CountedAccount.crate_id, crate_ids),
        )
        if ids is not None
    ]
    if holders:
        query = query.where(sa.or_(*holders))
    if kind_ids is not None:
        query = query.where(CountedAccount.kind_id.in_(kind_ids))
    rows = session.execute(query.order_by(CountedAccount.kind_id, CountedAccount.id))
    return [Holding(row[0], Account(*row[2:]), row[1]) for row in rows]


def place_totals(
    session: Session, *, district_id: int, site_id: int | None = None
) -> list[PlaceTotal]:
    """Counted ware by place, kind and condition, of one place or of all; what is nowhere left out.

    A shipped crate is on its way to where it goes; a collected one is on the road, a lost or
    retired one stands nowhere: what is in those is in no place's total.
    """
    shipped = Item.state == State.SHIPPED
    there = sa.case((shipped, Item.to_site_id), else_=Item.site_id)
    place = sa.func.coalesce(CountedAccount.site_id, there)
    loose = CountedAccount.site_id.is_not(None)
    gone = Item.state.in_([State.COLLECTED, State.LOST, State.RETIRED])
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            place, ItemKind.code, ItemKind.id, CountedAccount.condition,
            _sum_if(loose), _sum_if(~loose & ~shipped), _sum_if(~loose & shipped),
        )
        .join(ItemKind, ItemKind.id == CountedAccount.kind_id)
        .outerjoin(Item, Item.id == CountedAccount.crate_id)
        .where(CountedAccount.district_id == district_id, CountedAccount.outside.is_(None))
        .where(CountedAccount.balance != 0, loose | ~gone, place.is_not(None))
        .group_by(place, ItemKind.code, ItemKind.id, CountedAccount.condition)
        .order_by(place, ItemKind.code, CountedAccount.condition)
    )  # fmt: skip
    if site_id is not None:
        crates = sa.select(Item.id).where(
            Item.carrier, sa.or_(Item.site_id == site_id, Item.to_site_id == site_id)
        )
        near = sa.or_(CountedAccount.site_id == site_id, CountedAccount.crate_id.in_(crates))
        query = query.where(near, place == site_id)
    return [PlaceTotal(*row[:4], *map(int, row[4:])) for row in session.execute(query)]


def crate_contents(session: Session, *, crate_ids: Collection[int]) -> list[CrateLine]:
    """All that is in these crates, tracked and counted, by crate and kind; two statements."""
    tracked = (
        sa.select(Item.crate_id, ItemKind.code, ItemKind.id, sa.func.count(), Item.state)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.crate_id.in_(crate_ids))
        .group_by(Item.crate_id, ItemKind.code, ItemKind.id, Item.state)
    )
    counted = (
        sa.select(
            CountedAccount.crate_id, ItemKind.code, ItemKind.id, CountedAccount.balance,
            CountedAccount.condition,
        )
        .join(ItemKind, ItemKind.id == CountedAccount.kind_id)
        .where(CountedAccount.crate_id.in_(crate_ids), CountedAccount.balance != 0)
    )  # fmt: skip
    lines = [CrateLine(row[0] or 0, *row[1:4], state=row[4]) for row in session.execute(tracked)]
    lines += [
        CrateLine(row[0] or 0, *row[1:4], condition=row[4]) for row in session.execute(counted)
    ]
    return sorted(
        lines, key=lambda line: (line.crate_id, line.kind, line.state or "", line.condition or "")
    )


def outside_totals(session: Session, *, district_id: int) -> dict[tuple[int, Outside], int]:
    """How many pieces of each kind went beyond every place and stayed there, by kind and account;
    what was bought is below zero. Adds up the moves: for pages that are seldom looked at."""
    beyond_places = (
        CountedAccount.district_id == district_id, CountedAccount.outside.is_not(None),
    )  # fmt: skip
    totals: dict[tuple[int, Outside], int] = {}
    for side, sign in ((CountedMove.to_id, 1), (CountedMove.from_id, -1)):
        query: sa.Select[*tuple[Any, ...]] = (
            sa.select(
                CountedAccount.kind_id, CountedAccount.outside, sa.func.sum(CountedMove.quantity)
            )
            .join(CountedMove, side == CountedAccount.id)
            .where(*beyond_places)
            .group_by(CountedAccount.kind_id, CountedAccount.outside)
        )
        for kind, outside, quantity in session.execute(query):
            totals[kind, outside] = totals.get((kind, outside), 0) + sign * int(quantity)
    return totals


def _sum_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return _total(condition, CountedAccount.balance)


def _total(condition: sa.ColumnElement[bool], amount: Any) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, amount), else_=0)), 0)
