"""A piece not taken: noted once, the clock of its loan stopped for a day, and where to go."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.loans.clock_stops import sweep_stops
from lending.loop.loans.stopped import clock_stopped
from lending.loop.tables import ClockStop, Loan
from lending.machines.fleet import list_refusals
from lending.machines.refusals import MOST_STOPS, Clock, refused_now
from lending.machines.tables import MachineRefusal, Why
from lending.machines.watch import drop_old_machine_rows
from lending.photos.keep import show_photo
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import DAY, MINUTE, Loop, found_town
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


def test_what_the_screen_says_of_the_clock_is_so(machines: Machines) -> None:
    """As long as it would stop, and no longer; the same words for a cup that nobody has."""
    loop = machines.loop
    lent, free = loop.lent_cup(), loop.clean_cup()
    for _ in range(MOST_STOPS + 1):
        stops = len(machines.all(ClockStop))
        told = machines.refuse(machines.refused(lent))
        assert (told.clock is Clock.STOPS) == (len(machines.all(ClockStop)) > stops)
        assert machines.refuse(machines.refused(free)).clock is told.clock
        loop.now += 2 * HOUR
    assert told.clock is Clock.NO_MORE
    loop.give_back(lent)
    assert machines.refuse(machines.refused(lent)).clock is Clock.STOPS  # its story goes on
    late = machines.refused(loop.lent_cup(), at=loop.now - 25 * HOUR, clock_error=0.0)
    assert machines.refuse(late).clock is Clock.NONE
    assert machines.refuse(machines.refused("482109375518")).clock is Clock.NONE
    assert machines.refuse(machines.refused()).clock is Clock.NONE


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
