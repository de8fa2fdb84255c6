"""What a shop sees of its containers and orders: clean, out, coming back, short of, chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.orders.book import list_announced
from lending.delivery.orders.shelf import count_old_ware
from lending.delivery.orders.views import OrderView, order_view
from lending.delivery.tables import Order, OrderStatus
from lending.loop.read.pieces import KindView, list_kinds
from lending.loop.steps import State
from lending.loop.tables import Item, Loan
from lending.places.districts import load_district
from lending.places.sites import SiteView
from lending.requests.pickups.tables import Pickup, PickupLoan

DAYS = 7  # of the share, and of what is used in a day
MOST_ORDERS = 200
MOST_BAGS = 2000


@dataclass(frozen=True, slots=True)
class KindHere:
    """One kind of container of a shop, in pieces. `coming`: of those out, with a pick-up under way;
    `back`: brought back here, to be collected; `old`: clean for too long; `a_day`: used on average
    over the last seven days."""

    kind: KindView
    clean: int = 0
    out: int = 0
    coming: int = 0
    back: int = 0
    old: int = 0
    a_day: float = 0.0

    @property
    def fit(self) -> int:
        """Clean ones that may go out."""
        return self.clean - self.old

    @property
    def short(self) -> int:
        """How many are missing for one day as the last ones were."""
        return max(0, math.ceil(self.a_day) - self.fit)


@dataclass(frozen=True, slots=True)
class DayShare:
    """The orders of a local day, and how many of them chose reusable ware."""

    day: date
    orders: int
    reusable: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.reusable / self.orders) if self.orders else None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order with its pieces: containers (bags apart), and how many of them are back."""

    order: OrderView
    pieces: int
    bags: int
    back: int

    @property
    def needs_number(self) -> bool:
        return self.order.number is None and self.order.reusable


@dataclass(frozen=True, slots=True)
class ShopBoard:
    """All that a shop's board shows; `announced`: told by a platform, not packed yet."""

    site: SiteView
    today: date
    kinds: list[KindHere]
    lines: list[OrderLine]
    announced: list[OrderView]
    days: list[DayShare]

    @property
    def unnumbered(self) -> list[OrderLine]:
        return [line for line in self.lines if line.needs_number]

    @property
    def old(self) -> int:
        return sum(kind.old for kind in self.kinds)

    @property
    def week(self) -> DayShare:
        """The days together."""
        return DayShare(
            self.today, sum(day.orders for day in self.days), sum(day.reusable for day in self.days)
        )


def load_board(session: Session, *, site: SiteView, now: datetime) -> ShopBoard:
    """A shop's board; a dozen statements whatever the size."""
    today = now.astimezone(load_district(session, district_id=site.district_id).zone).date()
    return ShopBoard(
        site,
        today,
        load_kinds(session, site=site, now=now),
        list_orders(session, site=site, today=today),
        list_announced(session, site_id=site.id, now=now),
        shares(session, site_ids=[site.id], first=today - timedelta(days=DAYS - 1), last=today)[
            site.id
        ],
    )


def list_orders(session: Session, *, site: SiteView, today: date) -> list[OrderLine]:
    """Today's orders and those with something still out, the latest first; at most 200."""
    wanted = sa.or_(Order.day == today, Order.closed_at.is_(None))
    shown = sa.or_(Order.status != OrderStatus.CANCELLED, Order.cancelled_at.is_not(None))
    rows = session.scalars(
        sa.select(Order)
        .where(Order.site_id == site.id, Order.occasion_id.is_not(None), wanted, shown)
        .order_by(Order.made_at.desc(), Order.id)
        .limit(MOST_ORDERS)
    ).all()
    return view_lines(session, [order_view(row) for row in rows])


def view_lines(session: Session, orders: Sequence[OrderView]) -> list[OrderLine]:
    """The same with what was lent for each; one statement."""
    wanted = [order.occasion_id for order in orders if order.occasion_id]
    query = (
        sa.select(
            Loan.occasion_id, Item.carrier, sa.func.count(),
            sa.func.sum(sa.case((Loan.closed_at.is_not(None), 1), else_=0)),
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.occasion_id.in_(wanted))
        .group_by(Loan.occasion_id, Item.carrier)
    )  # fmt: skip
    counted = {(row[0], bool(row[1])): (row[2], row[3]) for row in session.execute(query)}

    def line(order: OrderView) -> OrderLine:
        pieces, back = counted.get((order.occasion_id, False), (0, 0))
        return OrderLine(order, pieces, counted.get((order.occasion_id, True), (0, 0))[0], back)

    return [line(order) for order in orders]


def shares(
    session: Session, *, site_ids: Sequence[int], first: date, last: date
) -> dict[int, list[DayShare]]:
    """Each day's orders of these shops and how many chose reusable ware; cancelled ones and empty
    ones are none. One statement."""
    query = (
        sa.select(
            Order.site_id, Order.day, sa.func.count(),
            sa.func.sum(sa.case((Order.reusable, 1), else_=0)),
        )
        .where(Order.site_id.in_(site_ids), Order.day.between(first, last))
        .where(Order.status != OrderStatus.CANCELLED)
        .group_by(Order.site_id, Order.day)
    )  # fmt: skip
    found = {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query)}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        site: [DayShare(day, *found.get((site, day), (0, 0))) for day in days] for site in site_ids
    }


def load_kinds(session: Session, *, site: SiteView, now: datetime) -> list[KindHere]:
    """The kinds the shop has anything to do with; crates, bags and counted ware left out."""
    stands = _by_kind(
        session,
        sa.select(
            Item.kind_id,
            _count(Item.state == State.READY, Item.clean, Item.hold.is_(None)),
            _count(Item.state == State.RETURNED),
        ).where(Item.site_id == site.id, ~Item.carrier),
    )
    asked = sa.exists().where(
        PickupLoan.lend_id == Loan.id, Pickup.id == PickupLoan.pickup_id, Pickup.closed_at.is_(None)
    )
    out = _by_kind(
        session,
        sa.select(Item.kind_id, sa.func.count(), _count(asked))
        .join(Loan, Loan.item_id == Item.id)
        .where(Loan.district_id == site.district_id, Loan.closed_at.is_(None), ~Item.carrier)
        .where(Loan.site_id == site.id, Loan.lost_at.is_(None)),
    )
    used = _by_kind(
        session,
        sa.select(Item.kind_id, sa.func.count())
        .join(Loan, Loan.item_id == Item.id)
        .where(Loan.district_id == site.district_id, Loan.site_id == site.id, ~Item.carrier)
        .where(Loan.opened_at > now - timedelta(days=DAYS)),
    )
    old = count_old_ware(session, site=site, now=now)
    kinds = list_kinds(session, district_id=site.district_id)
    here = [
        KindHere(
            kind, *_pair(stands, kind.id)[:1], *_pair(out, kind.id), _pair(stands, kind.id)[1],
            old.get(kind.id, 0), used.get(kind.id, (0,))[0] / DAYS,
        )
        for kind in kinds
    ]  # fmt: skip
    return [one for one in here if one.clean or one.out or one.back or one.a_day]


def _by_kind(session: Session, query: sa.Select[*tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    return {row[0]: tuple(row[1:]) for row in session.execute(query.group_by(Item.kind_id))}


def _pair(found: dict[int, tuple[int, ...]], kind: int) -> tuple[int, int]:
    one, other = found.get(kind, (0, 0))
    return one, other


def _count(*conditions: Any) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))


def bag_codes(session: Session, *, site: SiteView) -> list[str]:
    """The codes of the bags and crates that are the shop's, at hand or out; at most 2,000."""
    query = sa.select(Item.code).where(
        Item.district_id == site.district_id, Item.carrier, Item.site_id == site.id
    )
    return list(session.scalars(query.order_by(Item.last_at.desc(), Item.id).limit(MOST_BAGS)))
