"""Routes: every call once, hours and capacity kept, the same input the same routes, in seconds."""

import time
from itertools import pairwise
from random import Random

import pytest

from lending.errors import Code, LendingError
from lending.moving.rounds.routing import Call, Routes, Van, find_routes, travel
from lending.places.spots import Spot

DEPOT = Spot(0, 37.545, 126.675)
DAY = Van("van", 30, 9 * 3600, 18 * 3600)


def town(count: int, seed: int = 3, **more: int) -> list[Call]:
    rng = Random(seed)
    return [
        Call(
            key, Spot(0, 37.52 + rng.random() * 0.06, 126.64 + rng.random() * 0.09),
            **({"leave": rng.randint(0, 2), "take": rng.randint(0, 2)} | more),
        )
        for key in range(1, count + 1)
    ]  # fmt: skip


def check(found: Routes, calls: list[Call], vans: list[Van]) -> None:
    """Against the rules, computed anew: nobody's word is taken."""
    by_key = {call.key: call for call in calls}
    left = {call.key: [call.leave, call.take] for call in calls}
    for route in found.routes:
        load = sum(visit.leave for visit in route.visits)
        assert load <= route.van.crates
        here, at = DEPOT, route.leaves
        assert at >= route.van.leaves
        for visit in route.visits:
            call = by_key[visit.key]
            at = max(at + travel(here, call.spot)[1], call.opens)
            assert visit.at >= at and call.opens <= visit.at <= call.closes
            at, here = visit.at + call.seconds, call.spot
            load += visit.take - visit.leave
            assert 0 <= load <= route.van.crates
            left[visit.key][0] -= visit.leave
            left[visit.key][1] -= visit.take
        assert at + travel(here, DEPOT)[1] <= route.back <= route.van.back
    for key, (leave, take) in left.items():
        assert (leave, take) == (0, 0) or key in found.left_out
    names = [route.van.name for route in found.routes]
    assert len(names) == len(set(names)) and set(names) <= {van.name for van in vans}


def test_every_call_is_made_on_a_short_way() -> None:
    calls = town(12)
    found = find_routes(DEPOT, calls, [DAY])
    check(found, calls, [DAY])
    assert found.left_out == ()
    [route] = found.routes
    way = [DEPOT, *(call.spot for call in calls), DEPOT]
    as_listed = sum(travel(one, other)[0] for one, other in pairwise(way))
    assert route.metres < as_listed * 0.7


def test_four_in_a_row_are_called_at_on_one_way_there_and_back() -> None:
    calls = [Call(key, Spot(0, 37.545, 126.675 + 0.01 * key), leave=1) for key in (3, 1, 4, 2)]
    [route] = find_routes(DEPOT, calls, [DAY]).routes
    assert route.metres == pytest.approx(2 * travel(DEPOT, calls[2].spot)[0], rel=0.01)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_input_gives_the_same_routes_whatever_its_order(seed: int) -> None:
    calls = town(15, seed)
    vans = [DAY, Van("second", 10, 9 * 3600, 18 * 3600)]
    once = find_routes(DEPOT, calls, vans)
    Random(5).shuffle(calls)
    assert find_routes(DEPOT, calls, vans) == once


def test_hours_are_kept_and_who_cannot_be_reached_is_left_out() -> None:
    calls = town(8)
    early = Call(90, calls[0].spot, leave=1, opens=9 * 3600, closes=10 * 3600)
    late = Call(91, calls[1].spot, leave=1, opens=16 * 3600, closes=17 * 3600)
    never = Call(92, calls[2].spot, leave=1, opens=3600, closes=2 * 3600)
    all_calls = [*calls, late, early, never]
    found = find_routes(DEPOT, all_calls, [DAY])
    check(found, all_calls, [DAY])
    assert found.left_out == (92,)


def test_what_does_not_fit_is_left_out_rather_than_loaded() -> None:
    calls, van = town(10, leave=2, take=0), Van("small", 7, 9 * 3600, 18 * 3600)
    found = find_routes(DEPOT, calls, [van])
    check(found, calls, [van])
    assert len(found.left_out) == 7  # three calls of two crates


def test_a_call_larger_than_a_van_is_made_by_several() -> None:
    calls = [Call(1, Spot(0, 37.55, 126.68), leave=25, take=3)]
    vans = [Van("a", 15), Van("b", 15)]
    found = find_routes(DEPOT, calls, vans)
    check(found, calls, vans)
    assert found.left_out == () and len(found.routes) == 2


def test_places_without_a_position_are_called_at_all_the_same() -> None:
    calls = [Call(1, Spot(), leave=1), Call(2, Spot(), take=1)]
    assert find_routes(Spot(), calls, [DAY]).left_out == ()


def test_a_hundred_calls_take_seconds_at_most() -> None:
    calls = town(100)
    vans = [Van(name, 60, 8 * 3600, 20 * 3600) for name in ("a", "b")]
    begun = time.monotonic()
    found = find_routes(DEPOT, calls, vans)
    assert time.monotonic() - begun < 20
    check(found, calls, vans)
    assert len(found.left_out) < 30


@pytest.mark.parametrize(
    ("van", "field"), [(Van("v", 0), "crates"), (Van("v", 5, 3600, 3600), "back")]
)
def test_a_van_that_cannot_drive_is_refused(van: Van, field: str) -> None:
    with pytest.raises(LendingError) as caught:
        find_routes(DEPOT, town(1), [van])
    assert (caught.value.code, caught.value.field) == (Code.INVALID, field)


def test_too_many_calls_are_refused_and_none_are_no_route() -> None:
    with pytest.raises(LendingError) as caught:
        find_routes(DEPOT, town(201), [DAY])
    assert caught.value.code is Code.TOO_LARGE
    assert find_routes(DEPOT, [], [DAY]) == Routes((), ())
    assert find_routes(DEPOT, town(2), []).left_out == (1, 2)
