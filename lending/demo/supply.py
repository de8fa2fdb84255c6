"""What the demo's places ask for, what the officer decides on it, and the crates that are packed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lending.demo.desk import Desk
from lending.demo.plan import BY_CODE, CENTRE, OFFICE, working_days_before
from lending.demo.town import Standing, Town, moment
from lending.moving.packing.lists import open_packing_list
from lending.moving.packing.pieces import Packing, pack_pieces
from lending.moving.packing.sealing import seal_crate
from lending.moving.supply.orders import NewOrder, ask_supply
from lending.moving.supply.proposals import Decision, decide_supply
from lending.moving.supply.standing import NewStanding, make_due_orders, set_level, set_standing

KIND = "cup-355"
SUPPLIED = ("CAFE-01", "CAFE-02", "CAFE-05", "CAFE-04")  # by crates, on the last two rounds
SEALED = 2  # of today's lists; the third's crate is open still, the fourth has none
MISSED = SUPPLIED[1]  # where nobody scans the crate that yesterday's round left
PIECES = 24  # for a place
EVENING = 16.5  # o'clock: the officer decides, the centre packs for the next round
RECEIVED = 13.0  # by then the places have taken in what the round brought


def live_supply(town: Town, day: date, today: date) -> None:
    """On the last two working days before today the next round is decided on and packed for."""
    if day == max(town.first, working_days_before(today, 3)):
        town.happen(moment(day, 9.0), lambda desk, at: _set_up(desk, town, at))
    yesterday = working_days_before(today, 1)
    if day == yesterday:
        for place, codes in town.coming.items():
            town.shelf[place] += [Standing(code, moment(day, RECEIVED)) for code in codes]
    for packed_on, goes_on in ((working_days_before(today, 2), yesterday), (yesterday, today)):
        if day == packed_on:
            _supply(town, day, goes_on, is_last=goes_on == today)


def _set_up(desk: Desk, town: Town, at: datetime) -> None:
    """A standing order and two levels."""
    standing = NewStanding(town.make_id(at), KIND, town.part(20), weekdays=0b0011111)
    set_standing(desk.session, standing, actor=desk.actor("CAFE-01"), now=at)
    for place, least in (("CAFE-02", 15), ("CAFE-04", 12)):
        set_level(
            desk.session, kind=KIND, least=town.part(least), fill_to=town.part(3 * least),
            site=None, actor=desk.actor(place), now=at,
        )  # fmt: skip


def _supply(town: Town, day: date, goes_on: date, *, is_last: bool) -> None:
    """Decides for `goes_on` and packs the lists; the pieces leave the town's pile now."""
    places = [one for one in SUPPLIED if BY_CODE[one].is_open(goes_on.weekday())]
    packed = places[: SEALED + 1] if is_last else places
    cups = {place: town.take_ready(town.part(PIECES), KIND) for place in packed}
    crates = {place: town.crates.pop() for place in packed if cups[place]}
    town.happen(moment(day, 16.0), lambda desk, at: _ask(desk, town, goes_on, at))
    town.happen(moment(day, EVENING), lambda desk, at: _decide(desk, town, places, goes_on, at))
    for number, place in enumerate(places):
        packing = ListOf(
            place, goes_on, crates.get(place), cups.get(place, []), not is_last or number < SEALED
        )
        town.happen(moment(day, EVENING + 0.1), packing.pack(town))
    if not is_last:
        town.coming = {place: cups[place] for place in crates if place != MISSED}


@dataclass(frozen=True, slots=True)
class ListOf:
    """One place's packing list for a day, and what goes into its crate, if any."""

    place: str
    day: date
    crate: str | None
    cups: list[str]
    seal: bool

    def pack(self, town: Town) -> Callable[[Desk, datetime], None]:
        return lambda desk, at: self._pack(desk, town, at)

    def _pack(self, desk: Desk, town: Town, at: datetime) -> None:
        washer, list_id = desk.actor(CENTRE), town.make_id(at)
        open_packing_list(
            desk.session, list_id=list_id, site=self.place, day=self.day, actor=washer, now=at
        )
        if self.crate is None:
            return
        packing = Packing(town.make_id(at), list_id, self.crate, self.cups, at)
        pack_pieces(desk.session, packing, actor=washer, keys=desk.keys, now=at)
        if self.seal:
            seal_crate(desk.session, crate=self.crate, actor=washer, now=at)


def _ask(desk: Desk, town: Town, goes_on: date, at: datetime) -> None:
    """One place asks by a tap; standing orders and levels make theirs."""
    if BY_CODE["CAFE-05"].is_open(goes_on.weekday()):
        order = NewOrder(town.make_id(at), KIND, town.part(PIECES), goes_on)
        ask_supply(desk.session, order, actor=desk.actor("CAFE-05"), now=at)
    make_due_orders(desk.session, district_id=desk.district_id, day=goes_on, now=at)


def _decide(desk: Desk, town: Town, places: Sequence[str], goes_on: date, at: datetime) -> None:
    decisions = [Decision(place, KIND, town.part(PIECES)) for place in places]
    decide_supply(desk.session, decisions, day=goes_on, actor=desk.actor(OFFICE), now=at)
