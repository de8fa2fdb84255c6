"""Counted ware of recalls that is at places: in their rooms, in crates that stand there, on a shelf.

Nobody can tell one bowl from another: of what left the centre since a recall's wash, at most as many
pieces may be concerned as the recall washed and did not find at the centre.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.loop.loans.lent_for import OccasionKind
from lending.loop.tables import Item, ItemKind, Loan, Occasion
from lending.places.tables import Site, SiteKind
from lending.wares.tables import CountedAccount, CountedMove
from lending.wares.ways import Condition, Why
from lending.washing.hygiene.aside import AWAY
from lending.washing.hygiene.counted_reach import GOOD, crates_reached, washed_from
from lending.washing.hygiene.tables import Recall, RecallCount

Where = sa.ColumnElement[bool]
Source, Target = aliased(CountedAccount), aliased(CountedAccount)
_KIND = (ItemKind.id, ItemKind.code, ItemKind.name, ItemKind.name_en)


@dataclass(frozen=True, slots=True)
class CountedAsk:
    """Up to `quantity` pieces of a kind that a place is to keep out of use: in a crate (its code) or
    loose; lent since `lent_at` for an occasion, else there."""

    site_id: int
    kind: str  # code
    kind_name: str
    kind_name_en: str
    quantity: int
    crate: str | None = None
    occasion: OccasionKind | None = None
    lent_at: datetime | None = None


@dataclass(slots=True)
class CountedAsks:
    """What is asked of places. `here` and `out` (lent): by place the most pieces of all kinds that
    may be concerned, which is less than the lines together where any of several crates may hold
    them."""

    lines: list[CountedAsk] = field(default_factory=list)
    here: dict[int, int] = field(default_factory=dict)
    out: dict[int, int] = field(default_factory=dict)


def asks_of_district(session: Session, *, district_id: int) -> CountedAsks:
    """What open recalls ask of a district's places for ware by number; never of a washing centre,
    which has the recall's own page. One statement where no recall has counted ware, else five to
    seven more for each that has."""
    return _find(session, district_id, [Site.district_id == district_id])


def asks_of_place(session: Session, *, site_id: int) -> CountedAsks:
    """The same for one place."""
    district = sa.select(Site.district_id).where(Site.id == site_id).scalar_subquery()
    return _find(session, district, [Site.id == site_id])


def _find(session: Session, district: Any, places: Sequence[Where]) -> CountedAsks:
    asks = CountedAsks()
    query = (
        sa.select(Recall, RecallCount)
        .join(RecallCount, RecallCount.recall_id == Recall.id)
        .where(Recall.district_id == district, Recall.closed_at.is_(None))
        .order_by(Recall.opened_at, Recall.id, RecallCount.kind_id)
    )
    counts: dict[uuid.UUID, tuple[Recall, dict[int, int]]] = {}
    for recall, count in session.execute(query):
        counts.setdefault(recall.id, (recall, {}))[1][count.kind_id] = count.wanted - count.held
    for recall, missing in counts.values():
        crates = crates_reached(session, recall, list(missing))
        sought = _Sought(recall, missing, crates, [*places, Site.kind != SiteKind.WASH_CENTRE])
        _add(asks, asks.out, _lent(session, sought), missing)
        _add(asks, asks.here, _held_in_crates(session, sought), missing)
        _add(asks, asks.here, _loose(session, sought), missing)
    return asks


@dataclass(frozen=True, slots=True)
class _Sought:
    """A recall's counted ware: pieces not found at the centre by kind, crates they may have left in."""

    recall: Recall
    missing: dict[int, int]
    crates: set[int]
    places: Sequence[Where]

    def which(self) -> Sequence[Where]:
        """Moves of its kinds since its wash, to do with places that are looked at."""
        return (
            CountedMove.kind_id.in_(self.missing), CountedMove.at >= washed_from(self.recall),
            *self.places,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """Ware at a place: `sure` pieces that the recall holds, `maybe` others of its kind."""

    site_id: int
    kind: tuple[int, str, str, str]
    sure: int
    maybe: int
    crate: str | None = None
    occasion: OccasionKind | None = None
    lent_at: datetime | None = None


def _add(
    asks: CountedAsks, totals: dict[int, int], found: Iterable[_Found], missing: dict[int, int]
) -> None:
    """Writes down what one recall asks, at most what it looks for at any place."""
    left: dict[tuple[int, int], int] = {}
    for one in found:
        kind, code, name, name_en = one.kind
        quantity = one.sure + min(one.maybe, missing[kind])
        if quantity <= 0:
            continue
        asks.lines.append(
            CountedAsk(
                one.site_id, code, name, name_en, quantity, one.crate, one.occasion, one.lent_at
            )
        )  # fmt: skip
        key = (one.site_id, kind)
        more = min(quantity - one.sure, left.get(key, missing[kind]))
        left[key] = left.get(key, missing[kind]) - more
        totals[one.site_id] = totals.get(one.site_id, 0) + one.sure + more


def _lent(session: Session, sought: _Sought) -> list[_Found]:
    """What is out in crates, by crate; held before, or handed out while it was not."""
    if not sought.crates:
        return []
    held = Source.condition == Condition.HELD
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Site.id, *_KIND, _sum_if(held), _sum_if(~held), Item.code, Occasion.kind, Loan.opened_at
        )
        .select_from(CountedMove)
        .join(Loan, Loan.id == CountedMove.ref)
        .join(Source, Source.id == CountedMove.from_id)
        .join(ItemKind, ItemKind.id == CountedMove.kind_id)
        .join(Item, Item.id == Loan.item_id)
        .join(Occasion, Occasion.id == Loan.occasion_id)
        .join(Site, Site.id == Occasion.site_id)
        .where(CountedMove.why == Why.HANDED, Source.crate_id.in_(sought.crates), *sought.which())
        .where(Loan.closed_at.is_(None), Loan.lost_at.is_(None))
        .group_by(Site.id, *_KIND, Item.code, Occasion.kind, Loan.opened_at)
        .order_by(Loan.opened_at.desc(), Item.code, ItemKind.code)
    )
    return [_found(row) for row in session.execute(query)]


def _held_in_crates(session: Session, sought: _Sought) -> list[_Found]:
    """What the recall holds in crates that stand at places."""
    held = sa.func.sum(CountedMove.quantity)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Site.id, *_KIND, sa.func.max(Target.balance), held, Item.code)
        .select_from(CountedMove)
        .join(Target, Target.id == CountedMove.to_id)
        .join(ItemKind, ItemKind.id == CountedMove.kind_id)
        .join(Item, Item.id == Target.crate_id)
        .join(Site, Site.id == Item.site_id)
        .where(CountedMove.ref == sought.recall.id, CountedMove.why == Why.HELD)
        .where(Item.state.not_in(AWAY), *sought.places)
        .group_by(Site.id, *_KIND, Item.code)
        .order_by(Item.code, ItemKind.code)
    )
    return [
        _Found(row[0], tuple(row[1:5]), min(int(row[5]), int(row[6])), 0, crate=row[7])
        for row in session.execute(query)
    ]


def _loose(session: Session, sought: _Sought) -> list[_Found]:
    """What came to a place since the wash and is good for use there; what the place itself has put
    out of use since the recall opened is set aside."""
    came = sa.or_(
        sa.and_(CountedMove.why == Why.MOVED, Source.site_id == sought.recall.site_id),
        sa.and_(CountedMove.why == Why.UNPACKED, Source.crate_id.in_(sought.crates)),
    )
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Site.id, *_KIND, sa.func.sum(CountedMove.quantity))
        .select_from(CountedMove)
        .join(Source, Source.id == CountedMove.from_id)
        .join(Target, Target.id == CountedMove.to_id)
        .join(ItemKind, ItemKind.id == CountedMove.kind_id)
        .join(Site, Site.id == Target.site_id)
        .where(came, *sought.which())
        .group_by(Site.id, *_KIND)
        .order_by(Site.id, ItemKind.code)
    )
    rows = session.execute(query).all()
    if not rows:
        return []
    sites = {row[0] for row in rows}
    there = _by_place(
        session,
        sa.select(CountedAccount.site_id, CountedAccount.kind_id, CountedAccount.balance)
        .where(CountedAccount.site_id.in_(sites), CountedAccount.condition.in_(GOOD)),
    )  # fmt: skip
    aside = _by_place(
        session,
        sa.select(Target.site_id, CountedMove.kind_id, CountedMove.quantity)
        .join(Target, Target.id == CountedMove.to_id)
        .where(Target.site_id.in_(sites), CountedMove.why == Why.HELD)
        .where(CountedMove.at >= sought.recall.opened_at),
    )
    found = []
    for row in rows:
        key = (row[0], row[1])
        asked = min(int(row[5]), sought.missing[row[1]]) - aside.get(key, 0)
        maybe = min(asked, there.get(key, 0))
        found.append(_Found(row[0], tuple(row[1:5]), 0, maybe))
    return found


def _found(row: Any) -> _Found:
    return _Found(row[0], tuple(row[1:5]), int(row[5]), int(row[6]), *row[7:])


def _by_place(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[tuple[int, int], int]:
    """Sums of (site, kind, pieces)."""
    sums: dict[tuple[int, int], int] = {}
    for site, kind, pieces in session.execute(query):
        sums[site, kind] = sums.get((site, kind), 0) + pieces
    return sums


def _sum_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, CountedMove.quantity), else_=0))
