"""Plans of rounds: what is wanted put on vans, in an order that keeps hours and capacity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.rounds.bag_room import load_bags_per_crate
from lending.moving.rounds.hours import Window, load_windows, midnight_of, next_open_day
from lending.moving.rounds.routing import Call, Van, find_routes
from lending.moving.rounds.vehicles import list_vehicles
from lending.moving.rounds.wishes import Wish, gather_wishes
from lending.moving.supply.orders import local_today
from lending.people.sealing import Keys
from lending.places.sites import find_site

STOP_SECONDS = 300  # at a stop, and for each crate: [I]
CRATE_SECONDS = 30


class LeftOutWhy(StrEnum):
    CLOSED = "closed"  # on that day
    NO_ROOM = "no_room"  # neither room in a van nor time


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop of a plan, with what it is for."""

    wish: Wish
    planned_for: datetime
    leave: int
    take: int


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """One van's round."""

    van: Van
    stops: tuple[PlannedStop, ...]
    leaves_at: datetime
    back_at: datetime
    metres: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A place that no round of the plan calls at, or not for all that is wanted."""

    wish: Wish
    why: LeftOutWhy


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """All rounds of a day from one depot, as they could be driven; nothing of it is stored yet."""

    district_id: int
    depot_id: int
    day: date
    made_at: datetime
    rounds: tuple[PlannedRound, ...]
    left_out: tuple[LeftOut, ...]


def plan_rounds(
    session: Session,
    *,
    district_id: int,
    depot: str,
    day: date,
    now: datetime,
    vans: Sequence[Van] | None = None,
    keys: Keys | None = None,
) -> RoundPlan:
    """The shortest rounds for what is wanted now, from `depot` (a site code) with the district's
    active vans or `vans`; for a day that has begun, the rest of it. `keys` open where pick-ups are.

    The same wishes, hours and vans give the same plan. It takes seconds at most and writes nothing:
    plan while reading, then `open_rounds`. NOT_FOUND (site, vans: there is none), INVALID (day:
    past), CONFLICT (depot) for a day on which it is closed, TOO_LARGE (stops) beyond 200.
    """
    home = find_site(session, code=depot, district_id=district_id)
    if vans is None:
        known = list_vehicles(session, district_id=district_id)
        vans = [one.van for one in known if one.active]
    if not vans:
        raise LendingError(Code.NOT_FOUND, field="vans")
    start = midnight_of(session, district_id=district_id, day=day)
    begun = int((now - start).total_seconds())
    if begun >= 86_400:
        raise LendingError(Code.INVALID, field="day")
    if next_open_day(session, site_id=home.id, day=day, now=now) != day:
        raise LendingError(Code.CONFLICT, field="depot")
    usable = [
        Van(van.name, van.crates, max(van.leaves, begun), van.back)
        for van in vans
        if van.back > max(van.leaves, begun)
    ]
    today = local_today(session, district_id=district_id, now=now)
    wishes = gather_wishes(
        session, district_id=district_id, depot_id=home.id, day=day, today=today, keys=keys
    )
    sites = [wish.site.id for wish in wishes if wish.pickup is None]
    windows = load_windows(session, site_ids=sites, day=day, now=now)
    calls = [
        call
        for key, wish in enumerate(wishes)
        if (call := _call(key, wish, windows, start, now)) is not None
    ]
    bags = load_bags_per_crate(session, district_id=district_id)
    found = find_routes(home.spot, calls, usable, bags=bags)
    rounds = tuple(
        PlannedRound(
            route.van,
            tuple(
                PlannedStop(wishes[one.key], _at(start, one.at), one.leave, one.take)
                for one in route.visits
            ),
            _at(start, route.leaves), _at(start, route.back), route.metres,
        )
        for route in found.routes
    )  # fmt: skip
    asked = {call.key for call in calls}
    closed = [LeftOut(one, LeftOutWhy.CLOSED) for key, one in enumerate(wishes) if key not in asked]
    full = [LeftOut(wishes[key], LeftOutWhy.NO_ROOM) for key in found.left_out]
    return RoundPlan(district_id, home.id, day, now, rounds, (*closed, *full))


def _call(
    key: int, wish: Wish, windows: Mapping[int, Window], start: datetime, now: datetime
) -> Call | None:
    """The call a wish makes; None where the place is closed that day."""
    if (pickup := wish.pickup) is not None:
        opens, closes = pickup.window(start, now)
        return Call(
            key, pickup.spot, opens=opens, closes=closes, seconds=STOP_SECONDS, bags=pickup.bags
        )  # fmt: skip
    if wish.site.id not in windows:
        return None
    seconds = STOP_SECONDS + CRATE_SECONDS * (wish.leave + wish.take)
    return Call(key, wish.site.spot, wish.leave, wish.take, *windows[wish.site.id], seconds)


def _at(start: datetime, seconds: int) -> datetime:
    return start + timedelta(seconds=seconds)
