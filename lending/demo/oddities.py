"""What goes wrong in the demo's last days, so that every list has something to show; and what Minji did."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from lending.demo.cafe import may_borrow, pick_person, take_clean
from lending.demo.plan import LENDING_PLACES
from lending.demo.town import Act, Out, Standing, Town, moment
from lending.loop.codes import make_code
from lending.loop.steps import Action

OFFLINE = "CAFE-02"
OFFLINE_HOURS = (13, 16)
MINJI_CAME = (57, 50, 41, 33, 26, 19, 12, 6, 1)  # days ago
MINJI_KEEPS = 6  # what was borrowed then and later is still out


def live_oddities(town: Town, day: date, today: date) -> None:
    """What happens on this day besides the ordinary."""
    ago = (today - day).days
    if ago in MINJI_CAME:
        _minji_borrows(town, day, keeps=ago <= MINJI_KEEPS)
    for what in ODDITIES.get(ago, ()):
        what(town, day)


def _minji_borrows(town: Town, day: date, *, keeps: bool) -> None:
    """The resident of the demo sign-in takes a cup and mostly brings it back the next day."""
    at = moment(day, 12.7)
    minji = town.people[0]
    code = take_clean(town, "CAFE-01", at) if may_borrow(minji, at) else None
    if code is None:
        return
    raw = minji.borrower.raw
    lend = town.scan("CAFE-01", Action.LEND, code, at, ask=True, borrower=raw)
    if keeps:
        return
    back_at = at + timedelta(hours=21)
    out = Out(code, 0, lend, at, "CAFE-01", back_at, "CAFE-01")
    minji.out += 1
    town.back[back_at.date()].append(out)


def _safe_number(town: Town, day: date) -> None:
    """A delivery number stands for nobody: the loan happened and waits to be settled."""
    at = moment(day, 13.1)
    if code := take_clean(town, OFFLINE, at):
        town.scan(OFFLINE, Action.LEND, code, at, borrower="050-7123-4567")


def _foreign_piece(town: Town, day: date) -> None:
    """Another district's cup comes back here."""
    town.scan("CAFE-01", Action.RETURN, make_code(town.rng), moment(day, 15.3))


def _two_persons(town: Town, day: date) -> None:
    """A cup that is out is lent again: its return was missed, or somebody handed it on."""
    at = moment(day, 12.55)
    known = [out for out in town.never if timedelta(days=1) < at - out.at < timedelta(days=30)]
    number = pick_person(town, at)
    if not known or number is None:
        return
    before = known[-1]
    town.never.remove(before)
    town.people[before.person].out -= 1
    if before.back_at is not None:
        town.back[before.back_at.date()].remove(before)
    person = town.people[number]
    person.out += 1
    lend = town.scan("CAFE-03", Action.LEND, before.code, at, borrower=person.borrower.raw)
    town.never.append(Out(before.code, number, lend, at, "CAFE-03", None, "CAFE-03"))


def _unclean_lend(town: Town, day: date) -> None:
    """A cup from the basket goes out again; it comes back the same afternoon."""
    at = moment(day, 12.4)
    number, found = pick_person(town, at), _in_a_basket(town, at)
    if number is None or found is None:
        return
    place, one = found
    town.basket[place].remove(one)
    raw, back_at = town.people[number].borrower.raw, at + timedelta(hours=3)
    town.scan(place, Action.LEND, one.code, at, borrower=raw)
    town.scan(place, Action.RETURN, one.code, back_at)
    town.basket[place].append(Standing(one.code, back_at))


def _stocked_unclean(town: Town, day: date) -> None:
    """A cup from the basket is put on the shelf by mistake, and noticed."""
    at = moment(day, 11.05)
    if found := _in_a_basket(town, at):
        town.scan(found[0], Action.STOCK, found[1].code, at)


def _refused(town: Town, day: date) -> None:
    """The till asks for a cup that is not clean, and is told to take another."""
    at = moment(day, 12.2)
    if found := _in_a_basket(town, at):
        raw = town.people[0].borrower.raw
        town.scan(found[0], Action.LEND, found[1].code, at, ask=True, borrower=raw)


def _retired_seen(town: Town, day: date) -> None:
    """A retired cup turns up in a basket."""
    if town.retired:
        town.scan("CAFE-02", Action.RETURN, town.retired[-1], moment(day, 17.2))


def _worn_label(town: Town, day: date) -> None:
    """Two cups get a new label; the old code stays good."""
    at = moment(day, 9.4)
    for code in town.ready[:2]:
        at += timedelta(minutes=1)
        town.scan("WASH", Action.RELABEL, code, at, to=make_code(town.rng))


def _extended(town: Town, day: date) -> None:
    """Some ask for another week."""
    at = moment(day, 18.5)
    known = [out for out in town.never if timedelta(days=1) < at - out.at < timedelta(days=6)]
    for out in known[:3]:
        town.scan("OFFICE", Action.EXTEND, out.code, at, ask=True, of=out.lend, site=out.place)


def _offline(town: Town, day: date) -> None:
    """One café had no network in the afternoon: its tablet sends what happened in the evening."""
    begin, end = (moment(day, hour) for hour in OFFLINE_HOURS)
    town.acts = [
        Act(replace(act.scan, ask=False), act.by, late=True)
        if act.by == OFFLINE and begin <= act.scan.at < end
        else act
        for act in town.acts
    ]


def _in_a_basket(town: Town, at: datetime) -> tuple[str, Standing] | None:
    """A cup that waits in the basket of some café since before `at`, and where."""
    for place in LENDING_PLACES:
        for one in town.basket[place.code]:
            if one.since < at:
                return place.code, one
    return None


ODDITIES: dict[int, tuple[Callable[[Town, date], None], ...]] = {
    8: (_offline,),
    6: (_safe_number, _worn_label),
    5: (_foreign_piece, _refused),
    4: (_two_persons, _stocked_unclean),
    3: (_safe_number, _unclean_lend),
    2: (_retired_seen, _extended, _worn_label),
    1: (_two_persons, _refused, _foreign_piece),
}
