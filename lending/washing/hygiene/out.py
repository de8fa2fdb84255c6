"""Recalled pieces that are out for an order, a booking or an event: whose place lent them is to know.

Nobody may be there to be written to (a safe number, a room, a department): the shop, the hall or
the office knows where they went, and sets them aside as they come back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.lent_for import OccasionKind
from lending.loop.tables import Item, ItemKind, Loan, Occasion
from lending.places.tables import Site, SiteKind
from lending.washing.hygiene.aside import AWAY
from lending.washing.hygiene.counted_out import CountedAsk, asks_of_district, asks_of_place
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece

MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class OutLine:
    """A recalled piece that is lent for an occasion of a place, since `lent_at`."""

    code: str
    kind_name: str
    kind_name_en: str
    occasion: OccasionKind
    lent_at: datetime


@dataclass(frozen=True, slots=True)
class KeeperView:
    """What a place is to look after: `here` pieces to set aside, `out` pieces it lent for an order,
    a booking or an event, of which `lines` names the first hundred.

    Of ware without codes at most `counted_here` and `counted_out` pieces, in what `counted` names.
    """

    here: int
    out: int
    lines: list[OutLine]
    counted_here: int
    counted_out: int
    counted: list[CountedAsk]


def load_keeper_view(session: Session, *, site_id: int) -> KeeperView | None:
    """None where nothing is asked of the place, and at a washing centre, which has the recall's own
    page. Three statements, four where something is out; more while counted ware is recalled
    (`asks_of_place`)."""
    here = session.scalar(_here(site_id)) or 0
    out = _counted(session, _out().where(Site.id == site_id)).get(site_id, 0)
    counted = asks_of_place(session, site_id=site_id)
    if not here and not out and not counted.lines:
        return None
    lines = [OutLine(*row) for row in session.execute(_lines(site_id))] if out else []
    return KeeperView(
        here, out, lines, counted.here.get(site_id, 0), counted.out.get(site_id, 0),
        counted.lines[:MOST_LINES],
    )  # fmt: skip


def count_out(session: Session, *, district_id: int) -> dict[int, int]:
    """Recalled pieces out for occasions, by the place that lent them: one statement; and of ware
    without codes the most that may be concerned (`asks_of_district`)."""
    out = _counted(session, _out().where(Site.district_id == district_id))
    for site, pieces in asks_of_district(session, district_id=district_id).out.items():
        out[site] = out.get(site, 0) + pieces
    return out


def _held() -> sa.Select[*tuple[Any, ...]]:
    """The items that open recalls hold, each once; nothing chosen yet but their ids."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(RecallPiece.item_id)
        .join(Recall, Recall.id == RecallPiece.recall_id)
        .where(Recall.closed_at.is_(None), RecallPiece.reach == Reach.HELD)
        .where(RecallPiece.ended_how.is_(None))
    )
    return query


def _here(site_id: int) -> sa.Select[int]:
    asked = _held().where(RecallPiece.set_aside_at.is_(None))
    return (
        sa.select(sa.func.count())
        .select_from(Item)
        .join(Site, Site.id == Item.site_id)
        .where(Item.site_id == site_id, Item.state.not_in(AWAY), Item.id.in_(asked))
        .where(Site.kind != SiteKind.WASH_CENTRE)
    )


def _out_loans(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """The query over Loan and its Occasion, for open loans of recalled pieces that are not lost."""
    return (
        query.select_from(Loan)
        .join(Occasion, Occasion.id == Loan.occasion_id)
        .join(Site, Site.id == Occasion.site_id)
        .where(Loan.closed_at.is_(None), Loan.lost_at.is_(None), Loan.item_id.in_(_held()))
    )


def _out() -> sa.Select[*tuple[Any, ...]]:
    return _out_loans(sa.select(Site.id, sa.func.count())).group_by(Site.id)


def _counted(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _lines(site_id: int) -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        Item.code, ItemKind.name, ItemKind.name_en, Occasion.kind, Loan.opened_at
    )
    query = _out_loans(query).join(Item, Item.id == Loan.item_id)
    query = query.join(ItemKind, ItemKind.id == Item.kind_id).where(Site.id == site_id)
    return query.order_by(Loan.opened_at.desc(), Item.code).limit(MOST_LINES)
