"""A pick-up joins a round, one under way as well: by the dispatcher's word, or by itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.bag_room import load_bags_per_crate
from lending.moving.rounds.driving import lock_stops
from lending.moving.rounds.fitting import Fit, fit_stop, put_in, spots_of_stops
from lending.moving.rounds.hours import midnight_of
from lending.moving.rounds.lifecycle import get_round, load_round, take_planners_turn
from lending.moving.rounds.pickups import PickupCall, call_of, waiting_calls
from lending.moving.rounds.vehicles import list_vehicles
from lending.moving.rounds.views import RoundView
from lending.moving.supply.orders import local_today
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import load_sites
from lending.places.spots import Spot
from lending.requests.pickups.bags import load_bags
from lending.requests.pickups.take import plan_pickups
from lending.requests.round_tables import Round, Stop, StopOutcome

MOST_AT_ONCE = 50  # requests that one sweep gives to rounds


def join_pickup(
    session: Session,
    *,
    round_id: uuid.UUID,
    pickup_id: uuid.UUID,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> RoundView:
    """Puts a waiting request onto a round that is not over, among the stops that are still to be
    called at; the stops after it come that much later. On it already, nothing changes.

    NOT_FOUND (round, pickup); CONFLICT (round) for one that is over, (pickup) for a request that
    waits for no round: taken, called off, or on another one.
    """
    take_planners_turn(session, actor.district_id)
    row = get_round(session, round_id=round_id, district_id=actor.district_id)
    if row.ended_at is not None:
        raise LendingError(Code.CONFLICT, field="round")
    call = call_of(session, pickup_id=pickup_id, keys=keys)
    if call is None or call.request.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    drive = _load(session, row, keys)
    is_on_it = any(stop.outcome is None for stop in drive.own(pickup_id))
    if not is_on_it and not _add(session, drive, call, drive.fit(call, now), now):
        raise LendingError(Code.CONFLICT, field="pickup")
    return load_round(session, round_id=round_id, district_id=actor.district_id)


def join_waiting(session: Session, *, district_id: int, keys: Keys, now: datetime) -> int:
    """Requests that wait join the rounds of today by themselves, each the one whose way becomes
    least longer and that comes by at the hours asked for, has room and is back in time; how many.

    None joins a round that has looked for it in vain, or that left before it was looked for last:
    those are for the next rounds. Several workers at once are safe.
    """
    today = local_today(session, district_id=district_id, now=now)
    wait = partial(waiting_calls, district_id=district_id, day=today, today=today, keys=keys)
    if not wait(session):
        return 0
    take_planners_turn(session, district_id)
    drives = _todays(session, district_id, now, keys)
    joined = 0
    for call in wait(session)[:MOST_AT_ONCE] if drives else ():
        fits = [(fit, drive) for drive in drives if (fit := drive.takes(call, now)) is not None]
        if fits:
            fit, drive = min(fits, key=lambda one: one[0].metres)
            joined += _add(session, drive, call, fit, now)
    return joined


@dataclass(slots=True)
class _Drive:
    """A round that is driven, with its stops and where they are; `bags`: those of its pick-ups, by
    request; `per_crate`: how many need the room of a crate; `back_by`: when its van must be home,
    None: not known."""

    row: Round
    home: Spot
    stops: list[Stop]
    spots: dict[uuid.UUID, Spot]
    bags: dict[uuid.UUID, int]
    per_crate: int
    back_by: datetime | None = None

    def own(self, pickup_id: uuid.UUID) -> list[Stop]:
        return [stop for stop in self.stops if stop.pickup_id == pickup_id]

    def fit(self, call: PickupCall, now: datetime) -> Fit:
        spots = [self.spots[stop.id] for stop in self.stops]
        return fit_stop(self.row, self.home, self.stops, spots, call.spot, now)

    def takes(self, call: PickupCall, now: datetime) -> Fit | None:
        """Where the request would join by itself, or None."""
        request = call.request
        if self.own(request.id) or not self._has_room(call.bags) or self._is_on_its_way_home():
            return None
        if request.failed_at is not None and self.row.leaves_at <= request.failed_at:
            return None
        fit = self.fit(call, now)
        late = self.back_by is not None and self.row.back_at + fit.later > self.back_by
        return None if late or not call.allows(fit.planned_for, now) else fit

    def _has_room(self, bags: int) -> bool:
        """For so many; what fills more than the whole van goes into an empty one."""
        crates = max(sum(stop.leave for stop in self.stops), sum(stop.take for stop in self.stops))
        fetched = (stop for stop in self.stops if stop.outcome is not StopOutcome.NOBODY)
        asked = (stop.pickup_id for stop in fetched if stop.pickup_id)  # where nothing was, none is
        taken = sum(self.bags[id] for id in asked)
        wanted = min(bags, self.row.crates * self.per_crate)
        return taken + wanted <= (self.row.crates - crates) * self.per_crate

    def _is_on_its_way_home(self) -> bool:
        return all(stop.outcome is not None for stop in self.stops)


def _todays(session: Session, district_id: int, now: datetime, keys: Keys) -> list[_Drive]:
    """The rounds of today that are not over; a few statements for each."""
    today = local_today(session, district_id=district_id, now=now)
    midnight = midnight_of(session, district_id=district_id, day=today)
    vans = {one.name: one.van for one in list_vehicles(session, district_id=district_id)}
    query = sa.select(Round).where(
        Round.district_id == district_id, Round.day == today, Round.ended_at.is_(None)
    )
    rows = session.scalars(query.order_by(Round.leaves_at, Round.id).with_for_update()).all()
    drives = [_load(session, row, keys) for row in rows]
    for drive in drives:
        if (van := vans.get(drive.row.van)) is not None:
            drive.back_by = midnight + timedelta(seconds=van.back)
    return drives


def _load(session: Session, row: Round, keys: Keys) -> _Drive:
    stops = lock_stops(session, row.id)
    home = load_sites(session, site_ids=[row.site_id])[row.site_id].spot
    spots = dict(spots_of_stops(session, stops, keys=keys))
    bags = load_bags(session, pickup_ids={stop.pickup_id for stop in stops if stop.pickup_id})
    per_crate = load_bags_per_crate(session, district_id=row.district_id)
    return _Drive(row, home, stops, spots, bags, per_crate)


def _add(session: Session, drive: _Drive, call: PickupCall, fit: Fit, now: datetime) -> bool:
    """Puts the request onto the round; False where it waits for none any more."""
    row, request = drive.row, call.request
    today = local_today(session, district_id=row.district_id, now=now)
    if not plan_pickups(session, pickup_ids=[request.id], round_id=row.id, today=today):
        return False
    stop = Stop(
        id=uuid.uuid5(row.id, f"pickup {request.id} {len(drive.own(request.id))}"),
        district_id=row.district_id, round_id=row.id, site_id=request.site_id,
        position=len(drive.stops) + 1, planned_for=fit.planned_for, leave=0, take=0,
        pickup_id=request.id,
    )  # fmt: skip
    session.add(stop)
    session.flush()
    put_in(session, row, drive.stops, stop, fit)
    drive.stops.insert(fit.place, stop)
    drive.spots[stop.id] = call.spot
    drive.bags[request.id] = call.bags
    return True
