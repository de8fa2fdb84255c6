"""In which order a vehicle calls at its stops: capacity in crates, opening hours, shortest way; pure.

PyVRP finds it. The search ends after a number of tries that depends only on the number of stops, so
the same input gives the same rounds, on any machine.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lending.errors import Code, LendingError
from lending.places.spots import Spot, metres_between

MOST_CALLS = 200
TRIES = 60_000  # divided by the calls, within the two bounds below
FEWEST_TRIES, MOST_TRIES = 300, 3_000
LONGEST = 20.0  # seconds: a machine so slow gives the best found by then
SEED = 1
BAGS_PER_CRATE = 4  # bags of used ware where one crate would stand, unless a district says so [I]
WORTH = 100_000  # of one call, in metres and seconds: no way saved is worth leaving one out
NEVER = 10_000_000.0  # a crate too many or a second too late always costs more than a call is worth

# A van in a Korean city district [I]: streets are longer than the straight line by a third.
DETOUR = 1.3
METRES_A_SECOND = 20 / 3.6
UNKNOWN_METRES = 3_000  # between places of which one has no position


@dataclass(frozen=True, slots=True)
class Call:
    """A place to call at: crates to leave and to take, seconds from local midnight between which
    the call may begin, how long it lasts, and bags to take, of which several need a crate's room."""

    key: int
    spot: Spot
    leave: int = 0
    take: int = 0
    opens: int = 0
    closes: int = 86_400
    seconds: int = 300
    bags: int = 0


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle: how many crates it holds, and when it may leave and must be back (seconds from
    local midnight)."""

    name: str
    crates: int
    leaves: int = 0
    back: int = 86_400


@dataclass(frozen=True, slots=True)
class Visit:
    """A call on its route: when it begins (seconds from local midnight)."""

    key: int
    leave: int
    take: int
    at: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one van does: its visits in order, from the depot and back."""

    van: Van
    visits: tuple[Visit, ...]
    leaves: int
    back: int
    metres: int


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes, and the keys of calls for which there was neither room nor time."""

    routes: tuple[Route, ...]
    left_out: tuple[int, ...]


def find_routes(
    depot: Spot, calls: Sequence[Call], vans: Sequence[Van], *, bags: int = BAGS_PER_CRATE
) -> Routes:
    """The shortest routes that keep every van's capacity and every call's hours. `bags`: how many
    need the room of a crate.

    A call of more crates than a van holds becomes several; one of more bags has the largest van to
    itself: they are an estimate, and the driver packs tighter or comes again. What fits in no van is left out rather
    than driven to after closing. TOO_LARGE beyond 200 calls; INVALID for a van that holds nothing
    (field crates) or is back before it leaves (back).
    """
    for van in vans:
        if van.crates < 1:
            raise LendingError(Code.INVALID, field="crates")
        if van.back <= van.leaves:
            raise LendingError(Code.INVALID, field="back")
    if not calls or not vans:
        return Routes((), tuple(sorted({call.key for call in calls})))
    most = max(van.crates for van in vans)
    parts = [replace(part, bags=min(part.bags, most * bags)) for part in _split(calls, most)]
    if len(parts) > MOST_CALLS:
        raise LendingError(Code.TOO_LARGE, field="stops")
    return _solve(depot, parts, vans, bags)


def travel(one: Spot, other: Spot) -> tuple[int, int]:
    """(metres, seconds) of the way between two places."""
    straight = metres_between(one, other)
    metres = UNKNOWN_METRES if straight is None else straight * DETOUR
    return round(metres), round(metres / METRES_A_SECOND)


def _split(calls: Sequence[Call], most: int) -> list[Call]:
    """No call larger than a van; in the order of the keys, that of the input does not matter."""
    parts: list[Call] = []
    for call in sorted(calls, key=lambda one: one.key):
        leave, take, bags = call.leave, call.take, call.bags
        while True:
            parts.append(replace(call, leave=min(leave, most), take=min(take, most), bags=bags))
            leave, take, bags = max(0, leave - most), max(0, take - most), 0
            if not leave and not take:
                break
    return parts


def _solve(depot: Spot, parts: Sequence[Call], vans: Sequence[Van], bags: int) -> Routes:
    # A third of a second to import, and only who plans a round needs it.
    from pyvrp import Model, PenaltyParams, SolveParams
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria

    model = Model()
    spots = [depot, *(part.spot for part in parts)]
    places = [model.add_location(0, 0) for _ in spots]  # the ways are given, not these
    home = model.add_depot(places[0])
    for van in vans:
        model.add_vehicle_type(
            capacity=van.crates * bags, start_depot=home, end_depot=home,
            tw_early=van.leaves, tw_late=van.back, unit_duration_cost=1,
        )  # fmt: skip
    for part, place in zip(parts, places[1:], strict=True):
        model.add_client(
            place, delivery=part.leave * bags, pickup=part.take * bags + part.bags,
            service_duration=part.seconds, tw_early=part.opens, tw_late=part.closes, prize=WORTH,
            required=False,
        )  # fmt: skip
    for one, here in zip(spots, places, strict=True):
        for other, there in zip(spots, places, strict=True):
            if here is not there:
                metres, seconds = (0, 0) if one is other else travel(one, other)
                model.add_edge(here, there, metres, seconds)
    tries = max(FEWEST_TRIES, min(MOST_TRIES, TRIES // len(parts)))
    end = MultipleCriteria([MaxIterations(tries), MaxRuntime(LONGEST)])
    params = SolveParams(penalty=PenaltyParams(max_penalty=NEVER))
    with warnings.catch_warnings():  # that a penalty is at its maximum: where not all calls fit
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = model.solve(end, seed=SEED, collect_stats=False, display=False, params=params)
    best = result.best
    if not best.is_feasible():
        return Routes((), tuple(sorted({part.key for part in parts})))
    return _read(best, parts, vans)


def _read(best: object, parts: Sequence[Call], vans: Sequence[Van]) -> Routes:
    from pyvrp import Solution

    assert isinstance(best, Solution)
    routes: list[Route] = []
    driven: set[int] = set()
    for route in best.routes():
        visits = []
        for step in route:
            if step.is_client():
                part = parts[step.idx]
                driven.add(step.idx)
                visits.append(Visit(part.key, part.leave, part.take, step.start_time))
        van = vans[route.vehicle_type()]
        routes.append(
            Route(van, tuple(visits), route.start_time(), route.end_time(), route.distance())
        )
    out = {part.key for number, part in enumerate(parts) if number not in driven}
    return Routes(tuple(routes), tuple(sorted(out)))
