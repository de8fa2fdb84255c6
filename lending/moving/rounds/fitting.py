"""Where in a round one more stop makes the way least longer, and what that changes."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lending.moving.rounds.driving import number_stops
from lending.moving.rounds.pickups import spots_of_calls
from lending.moving.rounds.plans import STOP_SECONDS
from lending.moving.rounds.routing import travel
from lending.people.sealing import Keys
from lending.places.sites import load_sites
from lending.places.spots import Spot
from lending.requests.round_tables import Round, Stop

_STOP = timedelta(seconds=STOP_SECONDS)


@dataclass(frozen=True, slots=True)
class Fit:
    """After the first `place` stops, called at about `planned_for`; all after it comes `later`, and
    the way is longer by `metres`."""

    place: int
    planned_for: datetime
    later: timedelta
    metres: int


def fit_stop(
    drive: Round, home: Spot, stops: Sequence[Stop], spots: Sequence[Spot], new: Spot, now: datetime
) -> Fit:
    """The best place for `new` among the stops (in order, `spots`: theirs) that nothing was told of."""
    told = max((n for n, stop in enumerate(stops, 1) if stop.outcome is not None), default=0)
    ways = [home, *spots, home]
    place = min(range(told, len(stops) + 1), key=lambda n: _longer(ways, n, new)[0])
    metres, seconds = _longer(ways, place, new)
    leaves = stops[place - 1].planned_for + _STOP if place else drive.leaves_at
    arrives = max(leaves, now) + timedelta(seconds=travel(ways[place], new)[1])
    return Fit(place, arrives, timedelta(seconds=seconds) + _STOP, metres)


def put_in(session: Session, drive: Round, stops: Sequence[Stop], new: Stop, fit: Fit) -> None:
    """Puts a stored stop there."""
    new.planned_for = fit.planned_for
    for stop in stops[fit.place :]:
        stop.planned_for += fit.later
    drive.back_at += fit.later
    drive.metres += fit.metres
    number_stops(session, [*stops[: fit.place], new, *stops[fit.place :]])


def spots_of_stops(
    session: Session, stops: Collection[Stop], *, keys: Keys
) -> Mapping[uuid.UUID, Spot]:
    """Where these stops are, by id: a place, or where a request says, as well as that is known."""
    sites = load_sites(session, site_ids={stop.site_id for stop in stops})
    lent_at = {stop.pickup_id: stop.site_id for stop in stops if stop.pickup_id is not None}
    asked = spots_of_calls(
        session, {id: sites[site].spot for id, site in lent_at.items()}, keys=keys
    )
    return {
        stop.id: asked[stop.pickup_id] if stop.pickup_id else sites[stop.site_id].spot
        for stop in stops
    }


def _longer(ways: Sequence[Spot], place: int, new: Spot) -> tuple[int, int]:
    """By how many metres and seconds the way is longer with `new` after the first `place` stops."""
    before, after = ways[place], ways[place + 1]
    straight = (0, 0) if before == after else travel(before, after)
    there, on = travel(before, new), travel(new, after)
    return there[0] + on[0] - straight[0], there[1] + on[1] - straight[1]
