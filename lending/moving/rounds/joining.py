"""A pick-up joins a round, one under way as well: as the stop that makes the way least longer."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.driving import lock_stops, number_stops
from lending.moving.rounds.lifecycle import get_round, load_round, take_planners_turn
from lending.moving.rounds.pickups import give_pickups, spots_of_calls
from lending.moving.rounds.plans import STOP_SECONDS
from lending.moving.rounds.routing import travel
from lending.moving.rounds.views import RoundView
from lending.moving.supply.orders import local_today
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import load_sites
from lending.places.spots import Spot
from lending.requests.pickups.views import load_pickups
from lending.requests.round_tables import Round, Stop


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
    drive = get_round(session, round_id=round_id, district_id=actor.district_id)
    if drive.ended_at is not None:
        raise LendingError(Code.CONFLICT, field="round")
    request = load_pickups(session, pickup_ids=[pickup_id]).get(pickup_id)
    if request is None or request.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="pickup")
    stops = lock_stops(session, round_id)
    own = [stop for stop in stops if stop.pickup_id == pickup_id]
    if all(stop.outcome is not None for stop in own):
        today = local_today(session, district_id=actor.district_id, now=now)
        give_pickups(session, [pickup_id], drive=drive, today=today)
        stop = Stop(
            id=uuid.uuid5(round_id, f"pickup {pickup_id} {len(own)}"),
            district_id=drive.district_id, round_id=round_id, site_id=request.site_id,
            position=len(stops) + 1, planned_for=drive.back_at, leave=0, take=0,
            pickup_id=pickup_id,
        )  # fmt: skip
        session.add(stop)
        session.flush()
        _fit_in(session, drive, stops, stop, keys=keys, now=now)
    return load_round(session, round_id=round_id, district_id=actor.district_id)


def _fit_in(
    session: Session, drive: Round, stops: list[Stop], new: Stop, *, keys: Keys, now: datetime
) -> None:
    """Where the way becomes least longer; what comes after it comes later by as much."""
    spots = spots_of_stops(session, [*stops, new], keys=keys)
    sites = load_sites(session, site_ids=[drive.site_id])
    home = sites[drive.site_id].spot
    told = max((n for n, stop in enumerate(stops, 1) if stop.outcome is not None), default=0)
    ways = [home, *(spots[stop.id] for stop in stops), home]
    place = min(range(told, len(stops) + 1), key=lambda n: _longer(ways, n, spots[new.id])[0])
    metres, seconds = _longer(ways, place, spots[new.id])
    before = stops[place - 1] if place else None
    leaves = before.planned_for + _STOP if before is not None else drive.leaves_at
    new.planned_for = max(leaves, now) + timedelta(seconds=travel(ways[place], spots[new.id])[1])
    later = timedelta(seconds=seconds) + _STOP
    for stop in stops[place:]:
        stop.planned_for += later
    drive.back_at += later
    drive.metres += metres
    number_stops(session, [*stops[:place], new, *stops[place:]])


_STOP = timedelta(seconds=STOP_SECONDS)


def _longer(ways: Sequence[Spot], place: int, new: Spot) -> tuple[int, int]:
    """By how many metres and seconds the way is longer with `new` after the first `place` stops."""
    before, after = ways[place], ways[place + 1]
    straight = (0, 0) if before == after else travel(before, after)
    there, on = travel(before, new), travel(new, after)
    return there[0] + on[0] - straight[0], there[1] + on[1] - straight[1]


def spots_of_stops(
    session: Session, stops: Collection[Stop], *, keys: Keys
) -> Mapping[uuid.UUID, Spot]:
    """Where these stops are, by id: a place, or where a request says, as well as that is known."""
    sites = load_sites(session, site_ids={stop.site_id for stop in stops})
    pickups = {stop.pickup_id: stop.site_id for stop in stops if stop.pickup_id is not None}
    asked = spots_of_calls(
        session, {id: sites[site].spot for id, site in pickups.items()}, keys=keys
    )
    return {
        stop.id: asked[stop.pickup_id] if stop.pickup_id else sites[stop.site_id].spot
        for stop in stops
    }
