"""A day at the demo's washing centre and on its courier's round."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from lending.demo.batches import Load, plan_batch
from lending.demo.equipment import BUBBLE, TUNNEL
from lending.demo.hygiene import PAST_RECALL, plan_past_recall
from lending.demo.plan import (
    BY_CODE,
    CENTRE,
    EMPTY,
    FORGETFUL,
    LENDING_PLACES,
    PLACES,
    UNCOLLECTED,
    UNSTOCKED,
    working_days_before,
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
BATCHED_FOR = timedelta(days=8)  # since then the centre notes what each machine run washed
BAGGED_FOR = timedelta(days=14)  # since then boxes are emptied bag by bag
DOUBTFUL = 12  # pieces of the small batch that is recalled today
RUN = 250  # pieces of a full run
LEFT_TODAY = 0.4  # of what stands dirty in the morning, washed only later in the day


def live_morning(town: Town, day: date, today: date) -> None:
    """Washes what stands dirty in batches of a hundred, passes it, fills the shelves."""
    if day == today:
        kept = math.ceil(len(town.dirty) * LEFT_TODAY)
        town.waiting, town.dirty = town.dirty[:kept], town.dirty[kept:]
    if not BY_CODE[CENTRE].is_open(day.weekday()):
        return
    _release_held(town, day)
    dirty, town.dirty = town.dirty, []
    if today - day > BATCHED_FOR:
        for start in range(0, len(dirty), BATCH):
            _wash(town, dirty[start : start + BATCH], moment(day, 7 + start / BATCH * 0.12))
    else:
        _wash_in_batches(town, dirty, day, today)
    _fill_shelves(town, day, today)


def live_round(town: Town, day: date, today: date) -> None:
    """The courier collects what came back before four o'clock; the centre receives it."""
    if not BY_CODE[CENTRE].is_open(day.weekday()):
        return
    at = moment(day, COLLECT_HOUR + 0.1)
    collected: list[tuple[str, str, str | None]] = []
    bags: list[tuple[str, str]] = []
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
        bag = None
        if place.kind is SiteKind.BOX and today - day <= BAGGED_FOR:
            bag = town.bags[day.toordinal() % len(town.bags)]
            at += some_seconds(town.rng, 1, 2)
            town.scan("courier", Action.COLLECT, bag, at, site=place.code)
            scanned = False  # two beeps, box and bag; the centre sees what was in it
            bags.append((bag, place.code))
        for one in waiting:
            collected.append((one.code, place.code, bag))
            at += some_seconds(town.rng, 1, 2)
            if scanned:
                town.scan("courier", Action.COLLECT, one.code, at, site=place.code)
    at = moment(day, 18.1)
    for bag, place_code in bags:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.RECEIVE, bag, at, from_=place_code)
    for code, place_code, crate in collected:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.RECEIVE, code, at, from_=place_code, crate=crate)
        town.dirty.append(code)


def _wash_in_batches(town: Town, dirty: list[str], day: date, today: date) -> None:
    """Runs of the machines, in turn; yesterday's first one is small, and recalled today."""
    small = DOUBTFUL if day == working_days_before(today, 1) else 0
    loads: list[Load] = []
    for number, codes in enumerate(_split(dirty, small)):
        begins = moment(day, 7 + number * 0.1)
        machine = BUBBLE if number % 2 else TUNNEL
        loads.append(Load(town.make_id(begins), machine, begins, codes))
    ended = [plan_batch(town, load) for load in loads]
    if loads and day == working_days_before(today, PAST_RECALL):
        plan_past_recall(town, loads[0].id, ended[0])
    at = max(ended, default=moment(day, 8)) + timedelta(minutes=5)
    for load in loads:
        passed = len(town.ready)
        at = _inspect_all(town, load.codes, at)
        if load is loads[0] and small:
            town.doubtful_batch = load.id
            _send_out_first(town, passed)


def _split(codes: list[str], small: int) -> list[list[str]]:
    """One small run where it is wanted, then full ones."""
    rest = codes[small:]
    runs = [codes[:small]] + [rest[start : start + RUN] for start in range(0, len(rest), RUN)]
    return [run for run in runs if run]


def _send_out_first(town: Town, passed: int) -> None:
    """What was passed last goes to the cafés first: most of it to one, some to the next."""
    fresh, town.ready = town.ready[passed:], town.ready[:passed]
    town.ready[:0] = fresh[:7]
    town.ready[40:40] = fresh[7:]


def _wash(town: Town, codes: list[str], begins: datetime) -> None:
    at = begins
    for code in codes:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.WASH, code, at)
    _inspect_all(town, codes, begins + timedelta(minutes=75))


def _inspect_all(town: Town, codes: Sequence[str], at: datetime) -> datetime:
    """One piece after the other; when that is done."""
    for code in codes:
        at += some_seconds(town.rng, 1, 2)
        _inspect(town, code, at)
    return at


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
