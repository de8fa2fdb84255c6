"""A piece not taken: noted once, the clock of its loan stopped for a day, and where to go."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.clock_stops import sweep_stops
from lending.loop.stopped import clock_stopped
from lending.loop.tables import ClockStop, Loan
from lending.machines.fleet import list_refusals
from lending.machines.refusals import MOST_STOPS, refused_now
from lending.machines.tables import MachineRefusal, Why
from lending.machines.watch import drop_old_machine_rows
from lending.photos.keep import show_photo
from lending.places.opening import Hours, announce_closures, set_opening
from lending.places.spots import Spot, place_site
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import BOX, DAY, HARU, MINUTE, NABI, OFFICE, Loop, found_town
from tests.photos.pictures import picture, sent_as
from tests.races import at_once

HOUR = timedelta(hours=1)


def stopped(machines: Machines, cup: str) -> bool:
    """Whether the clock of the cup's open loan stands still."""
    with Session(machines.loop.engine) as session:
        query = sa.select(clock_stopped(Loan.id)).where(
            Loan.item_id == machines.loop.item_id(cup), Loan.closed_at.is_(None)
        )
        return bool(session.scalar(query))


def sweep(machines: Machines) -> None:
    loop = machines.loop
    machines.write(lambda s: sweep_stops(s, district_id=loop.town.id, keys=loop.keys, now=loop.now))


def test_a_refused_cup_stops_the_clock_for_a_day(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()
    told = machines.refuse(machines.refused(cup))
    assert told.new and stopped(machines, cup)
    [stop] = machines.all(ClockStop)
    assert stop.until == loop.now + DAY
    loop.now += DAY - MINUTE
    sweep(machines)
    assert stopped(machines, cup)
    loop.now += 2 * MINUTE
    sweep(machines)
    assert not stopped(machines, cup)


def test_a_cup_brought_back_elsewhere_ends_it(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()
    machines.refuse(machines.refused(cup))
    loop.give_back(cup)
    sweep(machines)
    [stop] = machines.all(ClockStop)
    assert stop.ended_at is not None and loop.loans(cup)[0].closed_at is not None
    loop.check()


def test_told_again_nothing_changes_but_a_missing_photo(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()
    one = machines.refused(cup, Why.UNREADABLE)
    machines.refuse(one)
    loop.now += HOUR
    jpeg = sent_as(picture(9, 9), "JPEG")
    again = machines.refuse(one, jpeg=jpeg)
    assert not again.new
    assert len(machines.all(MachineRefusal)) == len(machines.all(ClockStop)) == 1
    site = machines.sites[ROBO]
    [seen] = machines.write(lambda s: list_refusals(s, site=site, now=loop.now))
    assert seen.photo is not None and (seen.code, seen.why) == (cup, Why.UNREADABLE)
    officer = loop.town.officer
    shown = machines.write(
        lambda s: show_photo(s, photo_id=seen.photo, actor=officer, address="-", now=loop.now)
    )
    assert shown == jpeg
    for other in (
        machines.refused(cup, Why.FULL, id=one.id, at=one.at),
        machines.refused("", Why.UNREADABLE, id=one.id, at=one.at),
        machines.refused(cup, Why.UNREADABLE, id=one.id, at=one.at - MINUTE),
    ):
        with pytest.raises(LendingError) as refused:
            machines.refuse(other)
        assert refused.value.code is Code.ID_REUSED
    with pytest.raises(LendingError):
        machines.refuse(one, at=GLAS)


def test_the_same_refusal_by_many_hands_at_once_is_one(machines: Machines) -> None:
    cup = machines.loop.lent_cup()
    one = machines.refused(cup)
    told = at_once([lambda: machines.refuse(one) for _ in range(4)])
    assert sorted(each.new for each in told) == [False, False, False, True]
    assert len(machines.all(ClockStop)) == 1


def test_three_refusals_of_a_loan_stop_its_clock_and_no_more(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()
    for _ in range(MOST_STOPS + 2):
        machines.refuse(machines.refused(cup))
        loop.now += 2 * HOUR
    assert len(machines.all(MachineRefusal)) == MOST_STOPS + 2
    assert len(machines.all(ClockStop)) == MOST_STOPS
    loop.give_back(cup)
    for action in (loop.collect, loop.receive, loop.wash, loop.pass_, loop.ship, loop.stock):
        action(cup)
    loop.lend(cup)
    machines.refuse(machines.refused(cup))
    assert len(machines.all(ClockStop)) == MOST_STOPS + 1  # another loan


def test_what_is_not_lent_or_not_known_stops_nothing(machines: Machines) -> None:
    loop = machines.loop
    free, lent = loop.clean_cup(), loop.lent_cup()
    for code in (free, "", "010-2345-6789", "482109375518", "x" * 300):
        machines.refuse(machines.refused(code))
    before = machines.refused(lent, at=loop.now - DAY, clock_error=0.0)  # the loan is younger
    machines.refuse(before)
    assert not machines.all(ClockStop)
    assert {one.code for one in machines.all(MachineRefusal)} == {free, lent, ""}


def test_word_that_comes_a_day_late_stops_nothing(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()
    loop.now += 30 * HOUR
    machines.refuse(machines.refused(cup, at=loop.now - 25 * HOUR, clock_error=0.0))
    assert not machines.all(ClockStop)
    machines.refuse(machines.refused(cup, at=loop.now - 20 * HOUR, clock_error=0.0))
    [stop] = machines.all(ClockStop)
    assert stop.until == loop.now + 4 * HOUR


def test_a_cup_of_another_district_is_helped_as_well(machines: Machines) -> None:
    loop = machines.loop
    with transaction(loop.engine) as session:
        other = Loop(loop.engine, loop.keys, found_town(session, loop.keys, prefix="B-"))
    cup = other.lent_cup()
    loop.now = other.now
    told = machines.refuse(machines.refused(cup))
    assert stopped(machines, cup)
    assert all(way.site.district_id == loop.town.id for way in told.ways)


# -- where to go -------------------------------------------------------------------------------------


def place(machines: Machines, **north: float) -> None:
    """Puts places so many thousandths of a degree north of Robo."""
    loop = machines.loop
    ids = loop.town.sites | {code: site.id for code, site in machines.sites.items()}
    for code, far in {ROBO: 0.0, **north}.items():
        spot = Spot(0, 37.5 + far / 1000, 126.6)
        machines.write(
            lambda s, spot=spot, id=ids[code]: place_site(
                s, district_id=loop.town.id, site_id=id, spot=spot
            )
        )
        if code in machines.sites:
            machines.sites[code] = replace(machines.sites[code], spot=spot)


def ways(machines: Machines, cup: str = "") -> list[str]:
    told = machines.refuse(machines.refused(cup))
    return [way.site.code + ("" if way.open else " closed") for way in told.ways]


def test_the_nearest_three_that_take_it(machines: Machines) -> None:
    place(machines, GLAS=1, NABI=2, BOX=3, HARU=4)
    assert ways(machines) == [GLAS, NABI, BOX]
    machines.beat(GLAS, fullness=100)
    assert ways(machines) == [NABI, BOX, HARU]
    machines.beat(GLAS, fullness=1)
    machines.loop.now += 20 * MINUTE
    machines.watch()
    assert ways(machines) == [NABI, BOX, HARU]
    machines.beat(GLAS, fullness=1)
    assert ways(machines)[0] == GLAS
    told = machines.refuse(machines.refused())
    assert [round(way.metres or 0) for way in told.ways] == [111, 222, 334]


def test_a_machine_that_does_not_take_the_kind_is_left_out(machines: Machines) -> None:
    place(machines, GLAS=1, NABI=2, BOX=3)
    machines.set_up(GLAS, accepts=("cup-473",))
    small, large = machines.loop.clean_cup(), machines.loop.clean_cup(kind="cup-473")
    assert ways(machines, small)[0] == NABI
    assert ways(machines, large)[0] == GLAS
    assert ways(machines)[0] == GLAS  # of what kind it is nobody knows


def test_places_open_now_come_first(machines: Machines) -> None:
    loop = machines.loop
    place(machines, NABI=1, HARU=2, BOX=3, GLAS=4)
    hours = Hours(loop.now - 3 * DAY, 0b1111111, time(6), time(9))

    def open_from(hours: Hours, code: str = NABI) -> None:
        machines.write(
            lambda s: set_opening(
                s, site_id=loop.town.sites[code], hours=hours, now=hours.valid_from
            )
        )

    open_from(hours)
    assert ways(machines) == [HARU, BOX, GLAS]  # it is ten in the morning
    open_from(Hours(loop.now - 2 * DAY, 0b1111111, time(10), time(22)))
    assert ways(machines)[0] == NABI
    open_from(Hours(loop.now - DAY, 0b1111110, time(10), time(22)))  # not on Mondays
    assert ways(machines)[0] == HARU
    open_from(Hours(loop.now - HOUR, 0b1111111, time(20), time(11)))  # through the night
    assert ways(machines)[0] == NABI
    today = loop.now.date()
    machines.write(
        lambda s: announce_closures(
            s, site_id=loop.town.sites[HARU], days=[today], today=today, now=loop.now
        )
    )
    assert ways(machines) == [NABI, BOX, GLAS]
    for code in (NABI, BOX, OFFICE):
        open_from(Hours(loop.now - HOUR, 0, None, None), code)
    assert ways(machines) == [GLAS, "NABI closed", "HARU closed"]


def test_the_page_tells_for_a_day_whatever_became_of_the_cup(machines: Machines) -> None:
    loop = machines.loop
    cup = loop.lent_cup()

    def told() -> object:
        return machines.write(lambda s: refused_now(s, item_id=loop.item_id(cup), now=loop.now))

    assert told() is None
    machines.refuse(machines.refused(cup))
    assert told()
    loop.give_back(cup)
    assert told()  # what is shown never says that a cup is out or in
    loop.now += DAY
    assert told() is None


def test_refusals_do_not_pile_up_for_ever(machines: Machines) -> None:
    loop = machines.loop
    machines.refuse(machines.refused(loop.lent_cup()))
    loop.now += 399 * DAY
    assert machines.write(lambda s: drop_old_machine_rows(s, now=loop.now)) == 0
    loop.now += 2 * DAY
    assert machines.write(lambda s: drop_old_machine_rows(s, now=loop.now)) == 1
    assert machines.all(MachineRefusal) == []
