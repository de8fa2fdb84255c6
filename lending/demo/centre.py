"""A day at the demo's washing centre and on its courier's round."""

from datetime import date, datetime, timedelta

from lending.demo.plan import (
    BY_CODE,
    CENTRE,
    EMPTY,
    FORGETFUL,
    LENDING_PLACES,
    PLACES,
    UNCOLLECTED,
    UNSTOCKED,
)
from lending.demo.town import Standing, Town, moment, some_seconds
from lending.loop.steps import Action
from lending.places.tables import SiteKind

BATCH = 100
REWASH = ("lipstick", "foreign_matter", "water_spots")
RETIRE = ("stain", "scratch", "heat", "break")
COLLECT_HOUR = 16.0  # what came back before is on the round
LITTLE_FOR = timedelta(days=6)
LITTLE = 8  # cups that place is filled up to
NOT_COLLECTED_FOR = timedelta(days=9)


def live_morning(town: Town, day: date, today: date) -> None:
    """Washes what stands dirty in batches of a hundred, passes it, fills the shelves."""
    if not BY_CODE[CENTRE].is_open(day.weekday()):
        return
    _release_held(town, day)
    dirty, town.dirty = town.dirty, []
    for start in range(0, len(dirty), BATCH):
        _wash_batch(town, dirty[start : start + BATCH], moment(day, 7 + start / BATCH * 0.12))
    _fill_shelves(town, day, today)


def live_round(town: Town, day: date, today: date) -> None:
    """The courier collects what came back before four o'clock; the centre receives it."""
    if not BY_CODE[CENTRE].is_open(day.weekday()):
        return
    at = moment(day, COLLECT_HOUR + 0.1)
    collected: list[tuple[str, str]] = []
    for place in PLACES:
        waiting = [one for one in town.basket[place.code] if one.since < moment(day, COLLECT_HOUR)]
        left_out = place.code == UNCOLLECTED and today - day < NOT_COLLECTED_FOR
        box_rests = place.kind is SiteKind.BOX and day.weekday() not in (0, 2, 4)
        if not waiting or left_out or box_rests or town.chance(0.02):
            continue
        town.basket[place.code] = [
            one for one in town.basket[place.code] if one.since >= moment(day, COLLECT_HOUR)
        ]
        scanned = not town.chance(0.03)
        for one in waiting:
            collected.append((one.code, place.code))
            at += some_seconds(town.rng, 1, 2)
            if scanned:
                town.scan("courier", Action.COLLECT, one.code, at, site=place.code)
    at = moment(day, 18.1)
    for code, place_code in collected:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.RECEIVE, code, at, from_=place_code)
        town.dirty.append(code)


def _wash_batch(town: Town, codes: list[str], begins: datetime) -> None:
    at, inspected = begins, begins + timedelta(minutes=75)
    for code in codes:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.WASH, code, at)
        inspected += some_seconds(town.rng, 1, 2)
        _inspect(town, code, inspected)


def _inspect(town: Town, code: str, at: datetime) -> None:
    found = town.rng.random()
    if found < 0.010:
        town.scan(CENTRE, Action.REWASH, code, at, reason=town.rng.choice(REWASH))
        town.dirty.append(code)
    elif found < 0.012:
        town.scan(CENTRE, Action.RETIRE, code, at, reason=town.rng.choice(RETIRE))
        town.retired.append(code)
    elif found < 0.0135:
        town.scan(CENTRE, Action.HOLD, code, at, reason="위생 확인")
        town.held.append(Standing(code, at))
    else:
        town.scan(CENTRE, Action.PASS, code, at)
        town.ready.append(code)


def _release_held(town: Town, day: date) -> None:
    """What was held for a week is let go and washed again; two pieces stay."""
    at = moment(day, 6.9)
    old = [one for one in town.held[:-2] if at - one.since > timedelta(days=7)]
    for one in old:
        town.held.remove(one)
        at += some_seconds(town.rng)
        town.scan(CENTRE, Action.RELEASE, one.code, at)
        town.dirty.append(one.code)


def _fill_shelves(town: Town, day: date, today: date) -> None:
    at = moment(day, 9.55)
    for place in LENDING_PLACES:
        if not place.is_open(day.weekday()):
            continue
        full = place.shelf * town.scale.cups // 1200
        if place.code == EMPTY and today - day < LITTLE_FOR:
            full = min(full, LITTLE)
        wanted = full - len(town.shelf[place.code])
        sent, town.ready = town.ready[: max(0, wanted)], town.ready[max(0, wanted) :]
        scanned = place.code != FORGETFUL or town.chance(0.7)
        for code in sent:
            at += some_seconds(town.rng, 0.5, 1)
            if scanned:
                town.scan(CENTRE, Action.SHIP, code, at, to=place.code)
        if place.code == UNSTOCKED and day == _unopened_since(today):
            continue  # the crate is never opened
        _stock(town, place.code, sent, moment(day, 10 + town.rng.random() * 0.5))


def _unopened_since(today: date) -> date:
    """Three days ago, or the Saturday before when that was a Sunday."""
    day = today - timedelta(days=3)
    return day - timedelta(days=day.weekday() == 6)


def _stock(town: Town, place: str, codes: list[str], at: datetime) -> None:
    forgotten = place == FORGETFUL and town.chance(0.5)
    for code in codes:
        at += some_seconds(town.rng, 1, 2)
        if not forgotten:
            town.scan(place, Action.STOCK, code, at)
        town.shelf[place].append(Standing(code, at))
