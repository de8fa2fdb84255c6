"""Pick-ups as calls of a round: what waits for one, where it lies, when it may be called at."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import Item
from lending.moving.rounds.hours import ALL_DAY, Window
from lending.people.sealing import Keys
from lending.places.districts import load_district
from lending.places.sites import SiteView, load_sites
from lending.places.spots import Spot
from lending.requests.pickups.bags import load_bags
from lending.requests.pickups.sheet import positions_of
from lending.requests.pickups.tables import Pickup
from lending.requests.pickups.take import plan_pickups
from lending.requests.pickups.views import (
    PickupState,
    PickupView,
    load_pickups,
    open_pickups,
)
from lending.requests.round_tables import Round


@dataclass(frozen=True, slots=True)
class PickupCall:
    """A request that waits for a round. `site`: where it was lent; `spot`: where it is, as well as
    that is known; `bags`: how many it fills, estimated."""

    request: PickupView
    site: SiteView
    spot: Spot
    bags: int

    @property
    def is_guessed(self) -> bool:
        """Whether it is planned from where it was lent, since nothing else is known of its place."""
        return self.spot == self.site.spot

    def window(self, start: datetime, now: datetime) -> Window:
        """Between which seconds from `start` (local midnight, UTC) it may be called at; a window
        that is over binds nobody any more."""
        opens, closes = self.request.from_at, self.request.to_at
        if opens is None or closes is None or closes <= max(now, start):
            return ALL_DAY
        begin = max(0, int((opens - start).total_seconds()))
        return begin, min(ALL_DAY[1], int((closes - start).total_seconds()))

    def allows(self, at: datetime, now: datetime) -> bool:
        """Whether it may be called at then, as `window` has it."""
        opens, closes = self.request.from_at, self.request.to_at
        return opens is None or closes is None or closes <= now or opens <= at <= closes


@dataclass(frozen=True, slots=True)
class PickupOn:
    """A request on a round; `bag`: the code of what it came along in, where that was scanned."""

    request: PickupView
    bag: str | None = None

    @property
    def is_over(self) -> bool:
        """Nothing is left to fetch: it was taken, called off, or came back by another way."""
        return self.request.state in (PickupState.TAKEN, PickupState.ENDED)


def pickups_of_stops(
    session: Session, *, pickup_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, PickupOn]:
    """These requests with the bags they came along in; two statements."""
    if not pickup_ids:
        return {}
    query = (
        sa.select(Pickup.id, Item.code)
        .join(Item, Item.id == Pickup.bag_id)
        .where(Pickup.id.in_(pickup_ids))
    )
    bags = {row[0]: row[1] for row in session.execute(query)}
    found = load_pickups(session, pickup_ids=pickup_ids)
    return {id: PickupOn(one, bags.get(id)) for id, one in found.items()}


def waiting_calls(
    session: Session, *, district_id: int, day: date, today: date, keys: Keys | None = None
) -> list[PickupCall]:
    """The requests that a round on `day` could do, the oldest first: not those for a later day, nor
    those of a day before that has not passed yet. Without keys each is thought to be where it was
    lent."""
    zone = load_district(session, district_id=district_id).zone
    found = [
        one
        for one in open_pickups(session, district_id=district_id, today=today)
        if _fits(one, day, today, zone)
    ]
    if not found:
        return []
    sites = load_sites(session, site_ids={one.site_id for one in found})
    lent_at = {one.id: sites[one.site_id].spot for one in found}
    spots = spots_of_calls(session, lent_at, keys=keys)
    bags = load_bags(session, pickup_ids=lent_at.keys())
    return [PickupCall(one, sites[one.site_id], spots[one.id], bags[one.id]) for one in found]


def call_of(session: Session, *, pickup_id: uuid.UUID, keys: Keys) -> PickupCall | None:
    """One request, whatever became of it; None: unknown."""
    request = load_pickups(session, pickup_ids=[pickup_id]).get(pickup_id)
    if request is None:
        return None
    site = load_sites(session, site_ids=[request.site_id])[request.site_id]
    spots = spots_of_calls(session, {request.id: site.spot}, keys=keys)
    bags = load_bags(session, pickup_ids=[request.id])
    return PickupCall(request, site, spots[request.id], bags[request.id])


def give_pickups(
    session: Session, pickup_ids: Collection[uuid.UUID], *, drive: Round, today: date
) -> None:
    """These requests are on this round from now on; CONFLICT (pickup) when one of them waits for
    no round any more."""
    if not pickup_ids:
        return
    given = plan_pickups(session, pickup_ids=pickup_ids, round_id=drive.id, today=today)
    if len(given) != len(set(pickup_ids)):
        raise LendingError(Code.CONFLICT, field="pickup")


def spots_of_calls(
    session: Session, places: Mapping[uuid.UUID, Spot], *, keys: Keys | None
) -> dict[uuid.UUID, Spot]:
    """Where requests are, by id, as well as that is known; `places`: where each was lent."""
    if keys is None or not places:
        return dict(places)
    known = positions_of(session, pickup_ids=places.keys(), keys=keys)
    return {id: Spot(0, *known[id]) if id in known else spot for id, spot in places.items()}


def _fits(request: PickupView, day: date, today: date, zone: ZoneInfo) -> bool:
    if request.from_at is None or request.to_at is None:
        return True
    first, last = (at.astimezone(zone).date() for at in (request.from_at, request.to_at))
    return first <= day <= last or last < today
