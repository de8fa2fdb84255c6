"""A day at the demo's cafés: cups lent with a peak at noon, cups brought back anywhere."""

import uuid
from bisect import insort
from datetime import date, datetime, timedelta

from lending.demo.plan import BY_CODE, LENDING_PLACES, Place
from lending.demo.town import Act, Out, Person, Standing, Town, moment
from lending.loop.care.lapse import lose_id
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.places.tables import SiteKind

# Loans per hour of the day: coffee in the morning, the rush after lunch.
HOURS = {8: 6, 9: 9, 10: 7, 11: 10, 12: 26, 13: 18, 14: 8, 15: 7, 16: 6, 17: 5, 18: 4, 19: 3}
# Loans per weekday, Monday first.
DAYS = (1.0, 1.05, 1.1, 1.05, 1.15, 0.7, 0.35)
# How many days later a cup comes back; None never does.
BACK_AFTER: tuple[tuple[float, tuple[int, int] | None], ...] = (
    (0.25, (0, 0)),
    (0.50, (1, 1)),
    (0.62, (2, 2)),
    (0.72, (3, 3)),
    (0.90, (4, 7)),
    (0.95, (8, 13)),
    (0.972, (14, 35)),
    (0.976, (38, 50)),
    (1.01, None),
)
LEAST = timedelta(hours=2)  # from a lend to the return, and to the next lend after a return
BOX_REST = timedelta(days=9)  # a box may be emptied as late as that
ALL_SHARES = sum(place.share for place in LENDING_PLACES)
LOST_AFTER = timedelta(
    days=37, hours=5
)  # seven days free, thirty late, seen at four in the morning


def live_day(town: Town, day: date) -> None:
    """Lends and returns of one day in the order they happen."""
    events: list[tuple[datetime, int, Out | Place]] = []
    order = 0
    for out in sorted(town.back.pop(day, []), key=lambda out: out.back_at or out.at):
        events.append((out.back_at or out.at, order, out))
        order += 1
    for place in LENDING_PLACES:
        for at in _lend_times(town, place, day):
            events.append((at, order, place))
            order += 1
    events.sort()
    position = 0
    while position < len(events):
        at, _, what = events[position]
        position += 1
        if isinstance(what, Out):
            _bring_back(town, what)
        elif (out_now := _lend(town, what, at)) and out_now.back_at is not None:
            if out_now.back_at.date() == day:
                order += 1
                insort(events, (out_now.back_at, order, out_now), lo=position)
            else:
                town.back[out_now.back_at.date()].append(out_now)


def write_off(town: Town, day: date) -> None:
    """Cups that are out for more than 30 days after they were due are given up, as the worker
    does it: a `lose` that names the lend, with an id derived from it."""
    at = moment(day, 4)
    for out in list(town.never):
        if out.at < at - LOST_AFTER:
            town.never.remove(out)
            lose = ScanIn(lose_id(out.lend), Action.LOSE, out.code, at, site=out.place, of=out.lend)
            town.acts.append(Act(lose, "system"))
            town.people[out.person].out -= 1


def pick_person(town: Town, at: datetime) -> int | None:
    """Somebody who may have one more cup; some come far more often than others.

    Not the first of all: what the resident of the demo sign-in does is told apart.
    """
    for _ in range(20):
        number = 1 + int((len(town.people) - 1) * town.rng.random() ** 1.7)
        if may_borrow(town.people[number], at):
            return number
    return None


def may_borrow(person: Person, at: datetime) -> bool:
    """Whether the till would lend to this person without a question."""
    return person.out < person.borrower.most_open and person.free_from <= at


def take_clean(town: Town, place: str, at: datetime) -> str | None:
    """The cup that stands longest on a shelf at that moment."""
    shelf = town.shelf[place]
    for number, one in enumerate(shelf):
        if one.since < at:
            del shelf[number]
            return one.code
    return None


def lend_to(town: Town, place: str, at: datetime, number: int) -> Out | None:
    """One cup to one person, as the till asks for it; None where no clean cup is left."""
    code = take_clean(town, place, at)
    if code is None:
        return None
    person = town.people[number]
    person.out += 1
    lend = town.scan(place, Action.LEND, code, at, ask=True, borrower=person.borrower.raw)
    if town.chance(0.002):
        _take_back_at_once(town, place, code, at, lend)
        person.out -= 1
        return None
    out = _plan_return(town, Out(code, number, lend, at, place, None, place))
    if out.back_at is None or out.back_at - at > LOST_AFTER:
        town.never.append(out)
    return out


def _lend(town: Town, place: Place, at: datetime) -> Out | None:
    number = pick_person(town, at)
    return None if number is None else lend_to(town, place.code, at, number)


def _take_back_at_once(town: Town, place: str, code: str, at: datetime, lend: uuid.UUID) -> None:
    """A slip of the hand: undone half a minute later, the cup stands on the shelf again."""
    town.scan(place, Action.VOID, code, at + timedelta(seconds=30), of=lend)
    town.shelf[place].insert(0, Standing(code, at + timedelta(seconds=31)))


def _lend_times(town: Town, place: Place, day: date) -> list[datetime]:
    if not place.is_open(day.weekday()):
        return []
    mean = town.scale.loans * DAYS[day.weekday()] * place.share / ALL_SHARES
    count = max(0, round(town.rng.gauss(mean, mean**0.5)))
    hours = town.rng.choices(list(HOURS), weights=list(HOURS.values()), k=count)
    return sorted(
        moment(day, hour) + timedelta(microseconds=town.rng.randrange(3_600_000_000))
        for hour in hours
    )


def _plan_return(town: Town, out: Out) -> Out:
    drawn = town.rng.random()
    days = next(days for share, days in BACK_AFTER if drawn < share)
    to = _where_back(town, out.place)
    if days is None:
        return out
    back_day = (out.at + timedelta(days=town.rng.randint(*days))).date()
    while not BY_CODE[to].is_open(back_day.weekday()):
        back_day += timedelta(days=1)
    hour = town.rng.choices(list(HOURS), weights=list(HOURS.values()))[0]
    at = moment(back_day, hour + town.rng.random())
    if at < out.at + LEAST:
        at = out.at + LEAST + timedelta(seconds=town.rng.uniform(1, 3600))
        if at.date() != out.at.date():
            at, to = moment(at.date(), 9), "MACHINE-01"
    return Out(out.code, out.person, out.lend, out.at, out.place, at, to)


def _where_back(town: Town, lent_at: str) -> str:
    drawn = town.rng.random()
    if drawn < 0.62:
        return lent_at
    if drawn < 0.84:
        return town.rng.choice([place.code for place in LENDING_PLACES])
    return "MACHINE-01" if drawn < 0.93 else ("BOX-01" if drawn < 0.97 else "OFFICE")


def _bring_back(town: Town, out: Out) -> None:
    assert out.back_at is not None
    person = town.people[out.person]
    if out in town.never:
        town.never.remove(out)
        person.out -= 1
    elif out.back_at - out.at <= LOST_AFTER:
        person.out -= 1
    person.free_from = out.back_at + LEAST
    town.basket[out.back_to].append(Standing(out.code, out.back_at))
    if BY_CODE[out.back_to].kind is SiteKind.BOX:
        person.free_from = out.back_at + BOX_REST
        return  # nobody scans at a plain box: the courier's scan is the first to see the cup
    town.scan(out.back_to, Action.RETURN, out.code, out.back_at, site=out.back_to)
