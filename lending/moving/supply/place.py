"""What one place has, what it asked for and when that comes, and what it might ask for now."""

import math
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.read.pieces import KindView, list_kinds
from lending.loop.tables import Item
from lending.moving.supply.demand import load_demand
from lending.moving.supply.forecast import forecast
from lending.moving.supply.orders import MOST_DAYS_AHEAD, OrderView, list_orders, local_today
from lending.moving.supply.proposals import SAFETY
from lending.moving.supply.standing import LevelView, StandingView, list_levels, list_standing
from lending.moving.supply.stock import load_stock
from lending.moving.tables import Allotment
from lending.places.sites import SiteView
from lending.requests.collections import CollectView, open_collections
from lending.requests.fullness import Fullness, boxes_full
from lending.requests.round_tables import Consignment, Round, Stop, Way
from lending.requests.watch import is_missing

STEP = 10  # pieces: what is proposed is a multiple of it
USUAL = 20  # proposed where nothing is known of a place [I]


@dataclass(frozen=True, slots=True)
class KindSupply:
    """One kind at a place, in pieces. `asked`: ordered and still to come; `need`: forecast for
    tomorrow; `propose`: what one tap asks for; `is_enough`: nothing need be asked."""

    kind: KindView
    here: int = 0
    coming: int = 0
    asked: int = 0
    need: float = 0.0
    propose: int = USUAL
    is_enough: bool = False
    level: LevelView | None = None
    standing: StandingView | None = None

    @property
    def is_known(self) -> bool:
        """Whether the place has anything to do with this kind."""
        return bool(self.here or self.coming or self.asked or self.need or self.level
                    or self.standing)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that may still come; `given`: pieces the officer decided to send that day."""

    order: OrderView
    given: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A round that is to call: when, how many crates it leaves and takes."""

    stop_id: uuid.UUID
    planned_for: datetime
    leave: int
    take: int


@dataclass(frozen=True, slots=True)
class PlaceSupply:
    """All that a place's page shows. `crates_coming`: sent off and not taken in yet; `box`: how full
    it is, where that is counted."""

    site: SiteView
    today: date
    kinds: list[KindSupply]
    asked: list[Asked]
    collections: list[CollectView]
    visits: list[Visit]
    crates_coming: int
    box: Fullness | None


def load_place_supply(session: Session, *, site: SiteView, now: datetime) -> PlaceSupply:
    """A place's supply as it stands; about twenty statements whatever the size."""
    district = site.district_id
    today = local_today(session, district_id=district, now=now)
    orders = list_orders(
        session, district_id=district, first=today, last=today + timedelta(days=MOST_DAYS_AHEAD),
        site_id=site.id,
    )  # fmt: skip
    orders = [one for one in orders if one.withdrawn_at is None]
    given = _load_given(session, site, today)
    boxes = boxes_full(session, district_id=district) if site.spot.capacity else []
    return PlaceSupply(
        site,
        today,
        _load_kinds(session, site, today, orders, now),
        [Asked(one, given.get((one.kind, one.day))) for one in orders],
        open_collections(session, district_id=district, site_ids=[site.id]),
        _load_visits(session, site, today),
        _count_coming(session, site),
        next((one for one in boxes if one.site.id == site.id), None),
    )


def propose(*, need: float, level: LevelView | None, have: int) -> tuple[int, bool]:
    """(pieces that one tap asks for, whether there is enough): up to the level where one is set, else
    tomorrow's need with its safety, less what is there, coming or asked for; in tens."""
    wanted = max(level.fill_to if level else 0, math.ceil(need * (1 + SAFETY)))
    short = max(wanted - have, 0)
    if level is not None and have >= level.least and need * (1 + SAFETY) <= have:
        short = 0
    return (math.ceil(short / STEP) * STEP or USUAL, short == 0 and wanted > 0)


def _load_kinds(
    session: Session, site: SiteView, today: date, orders: list[OrderView], now: datetime
) -> list[KindSupply]:
    district, tomorrow = site.district_id, today + timedelta(days=1)
    stock = load_stock(session, district_id=district, site_id=site.id)
    demand = load_demand(session, district_id=district, until=today, now=now, site_id=site.id)
    levels = {one.kind: one for one in list_levels(session, district_id=district, site_id=site.id)}
    standing = list_standing(session, district_id=district, site_id=site.id)
    by_kind = {one.kind: one for one in standing}
    asked: dict[str, int] = {}
    for one in orders:
        asked[one.kind] = asked.get(one.kind, 0) + one.quantity
    found = []
    for kind in list_kinds(session, district_id=district, counted=None):
        if kind.carrier:
            continue
        key = (site.id, kind.id)
        row = KindSupply(
            kind, stock.there(key), stock.on_the_way(key), asked.get(kind.code, 0),
            round(forecast(demand.series.get(key, {}), tomorrow), 1),
            level=levels.get(kind.code), standing=by_kind.get(kind.code),
        )  # fmt: skip
        have = row.here + row.coming + row.asked
        pieces, enough = propose(need=row.need, level=row.level, have=have)
        found.append(replace(row, propose=pieces, is_enough=enough))
    return found


def _load_given(session: Session, site: SiteView, today: date) -> dict[tuple[str, date], int]:
    """Pieces the officer gives by kind (code) and day."""
    kinds = {
        kind.id: kind.code
        for kind in list_kinds(session, district_id=site.district_id, counted=None)
    }
    query = sa.select(Allotment.kind_id, Allotment.day, Allotment.pieces).where(
        Allotment.site_id == site.id, Allotment.day >= today
    )
    return {(kinds[row[0]], row[1]): row[2] for row in session.execute(query)}


def _load_visits(session: Session, site: SiteView, today: date) -> list[Visit]:
    query = (
        sa.select(Stop.id, Stop.planned_for, Stop.leave, Stop.take)
        .join(Round, Round.id == Stop.round_id)
        .where(Stop.site_id == site.id, Stop.outcome.is_(None), Stop.pickup_id.is_(None))
        .where(Round.day >= today, Round.ended_at.is_(None))
        .order_by(Stop.planned_for)
    )
    return [Visit(*row) for row in session.execute(query)]


def _count_coming(session: Session, site: SiteView) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Consignment)
        .join(Item, Item.id == Consignment.crate_id)
        .where(Consignment.to_site_id == site.id, Consignment.way == Way.OUT, is_missing())
    )
    return session.scalar(query) or 0
