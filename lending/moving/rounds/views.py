"""A round as the driver sees it: its stops in order, what to leave, what to take."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.moving.packing.crates import CrateView, view_crates
from lending.moving.rounds.drivers import Driver, drivers_of, vans_of
from lending.moving.rounds.pickups import PickupOn, pickups_of_stops
from lending.places.sites import SiteView, load_sites
from lending.requests.collections import CollectView, open_collections
from lending.requests.round_tables import Consignment, Round, Stop, StopOutcome, Way


@dataclass(frozen=True, slots=True)
class StopView:
    """A stop as the driver sees it: what to leave (`crates`: by code, as far as they are sealed or
    loaded), how many crates to take, what the place asked for: where something was told of the
    stop, what was asked until then and is still open. With `pickup` it is nothing of the place's,
    but a request of somebody who got ware from there, to be fetched from where they say."""

    id: uuid.UUID
    position: int
    site: SiteView
    planned_for: datetime
    leave: int
    take: int
    crates: tuple[CrateView, ...]
    requests: tuple[CollectView, ...]
    outcome: StopOutcome | None
    note: str
    told_id: uuid.UUID | None
    told_at: datetime | None
    pickup: PickupOn | None = None


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with its stops in order; `taken`: crates taken along so far or brought to the depot;
    `driver`: nobody yet, or who is to drive it or has begun it."""

    id: uuid.UUID
    day: date
    depot: SiteView
    van: str
    crates: int
    leaves_at: datetime
    back_at: datetime
    metres: int
    begun_at: datetime | None
    ended_at: datetime | None
    stops: tuple[StopView, ...]
    taken: tuple[CrateView, ...]
    driver: Driver | None = None

    @property
    def next_stop(self) -> StopView | None:
        """The first stop nothing was told of; None: only the way home is left."""
        return next((stop for stop in self.stops if stop.outcome is None), None)


def view_rounds(
    session: Session, district_id: int, *which: sa.ColumnElement[bool]
) -> list[RoundView]:
    """The rounds of a district that these conditions choose, by when they leave; about nine
    statements, however many there are."""
    query = sa.select(Round).where(Round.district_id == district_id, *which)
    rows = session.scalars(query.order_by(Round.leaves_at, Round.van, Round.id)).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    order = (Stop.round_id, Stop.position)
    stops = session.scalars(sa.select(Stop).where(Stop.round_id.in_(ids)).order_by(*order)).all()
    places = {stop.site_id for stop in stops} | {row.site_id for row in rows}
    sites = load_sites(session, site_ids=places)
    crates = view_crates(session, Consignment.round_id.in_(ids))
    drivers = vans_of(session, round_ids=ids) | drivers_of(session, round_ids=ids)
    asked = {stop.pickup_id for stop in stops if stop.pickup_id is not None}
    pickups = pickups_of_stops(session, pickup_ids=asked)
    requests: dict[int, list[CollectView]] = {}
    for one in open_collections(session, district_id=district_id, site_ids=places):
        requests.setdefault(one.site_id, []).append(one)
    return [
        RoundView(
            row.id, row.day, sites[row.site_id], row.van, row.crates, row.leaves_at, row.back_at,
            row.metres, row.begun_at, row.ended_at,
            tuple(
                _pickup_stop(stop, sites[stop.site_id], pickups[stop.pickup_id])
                if stop.pickup_id is not None
                else _stop(stop, sites[stop.site_id], crates, requests.get(stop.site_id, []))
                for stop in stops
                if stop.round_id == row.id
            ),
            tuple(one for one in crates if one.way is Way.BACK and one.round_id == row.id),
            drivers.get(row.id),
        )
        for row in rows
    ]  # fmt: skip


def _stop(
    stop: Stop, site: SiteView, crates: list[CrateView], requests: list[CollectView]
) -> StopView:
    own = (
        one
        for one in crates
        if one.way is Way.OUT and one.round_id == stop.round_id and one.to_site == site.code
    )
    asked = (one for one in requests if stop.told_at is None or one.asked_at <= stop.told_at)
    return StopView(
        stop.id, stop.position, site, stop.planned_for, stop.leave, stop.take, tuple(own),
        tuple(asked), stop.outcome, stop.note, stop.told_id, stop.told_at,
    )  # fmt: skip


def _pickup_stop(stop: Stop, site: SiteView, pickup: PickupOn) -> StopView:
    """Nothing of the place it was lent at is done there."""
    return StopView(
        stop.id, stop.position, site, stop.planned_for, 0, 0, (), (), stop.outcome, stop.note,
        stop.told_id, stop.told_at, pickup,
    )  # fmt: skip
