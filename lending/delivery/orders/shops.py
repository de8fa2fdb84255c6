"""The district's delivery shops side by side: orders, how many chose reusable, what is where."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.board import DayShare, shares
from lending.loop.policy.shelf import load_shelf_days
from lending.loop.steps import State
from lending.loop.tables import Item, Loan
from lending.places.districts import load_district
from lending.places.sites import SiteView, list_sites
from lending.places.tables import SiteKind

MOST_SHOPS = 1000
DAYS = 30


@dataclass(frozen=True, slots=True)
class ShopLine:
    """A shop over the last 30 days; `clean`, `old` and `out` are pieces as they stand now."""

    site: SiteView
    share: DayShare
    clean: int
    old: int
    out: int


@dataclass(frozen=True, slots=True)
class Shops:
    """All shops, the share of all together, each day of it, and the limit of the shelf."""

    first: date
    last: date
    lines: list[ShopLine]
    days: list[DayShare]
    shelf_days: int

    @property
    def together(self) -> DayShare:
        return DayShare(
            self.last, sum(one.share.orders for one in self.lines),
            sum(one.share.reusable for one in self.lines),
        )  # fmt: skip


def load_shops(session: Session, *, district_id: int, now: datetime) -> Shops:
    """The district's shops; six statements whatever their number."""
    last = now.astimezone(load_district(session, district_id=district_id).zone).date()
    first = last - timedelta(days=DAYS - 1)
    sites = list_sites(session, district_id=district_id, kinds=[SiteKind.SHOP], limit=MOST_SHOPS)
    ids = [site.id for site in sites]
    by_site = shares(session, site_ids=ids, first=first, last=last)
    limit = load_shelf_days(session, district_id=district_id)
    clean = _clean(session, ids, now - timedelta(days=limit))
    out = _out(session, district_id, ids)
    lines = [
        ShopLine(
            site, _sum(by_site[site.id], last), *clean.get(site.id, (0, 0)), out.get(site.id, 0)
        )
        for site in sites
    ]
    days = [_sum(list(day), day[0].day) for day in zip(*by_site.values(), strict=True)]
    return Shops(first, last, lines, days, limit)


def _sum(days: list[DayShare], day: date) -> DayShare:
    return DayShare(day, sum(one.orders for one in days), sum(one.reusable for one in days))


def _clean(session: Session, sites: list[int], since: datetime) -> dict[int, tuple[int, int]]:
    """(clean, of them too old) by shop."""
    old = sa.func.sum(sa.case((Item.since < since, 1), else_=0))
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.site_id, sa.func.count(), old)
        .where(Item.site_id.in_(sites), Item.state == State.READY, Item.clean, ~Item.carrier)
        .where(Item.hold.is_(None))
        .group_by(Item.site_id)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _out(session: Session, district_id: int, sites: list[int]) -> dict[int, int]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Loan.site_id, sa.func.count())
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.district_id == district_id, Loan.closed_at.is_(None), Loan.lost_at.is_(None))
        .where(Loan.site_id.in_(sites), ~Item.carrier)
        .group_by(Loan.site_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
