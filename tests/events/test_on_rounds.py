"""Crates for an event go onto the driver's rounds: those still to be planned and those planned already."""

from datetime import time

import pytest

from lending.errors import Code
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.lifecycle import list_rounds
from lending.places.tables import Site
from tests.events.halls import Halls
from tests.events.test_handing import refused
from tests.events.test_rounds import beep, wishes
from tests.moving.conftest import Moving
from tests.personas import HARU, WASH


@pytest.fixture
def moving(halls: Halls) -> Moving:
    """The town with a van of ten crates that drives all day; the hall is on the map."""
    moving = Moving(halls.loop)
    moving.van(leaves=time(0), back=time(23, 59))

    def place(session):
        site = session.get_one(Site, halls.hall)
        site.latitude, site.longitude = 37.55, 126.68

    halls.write(place)
    return moving


def on_rounds(halls: Halls, moving: Moving) -> list[str]:
    """The crates on today's rounds."""
    day = halls.now.date()
    rounds = moving.read(list_rounds, district_id=halls.loop.town.id, day=day)
    return [crate.code for one in rounds for stop in one.stops for crate in stop.crates]


def test_a_crate_packed_later_joins_the_round_that_calls_there(
    halls: Halls, moving: Moving
) -> None:
    event = halls.plan()
    first = halls.pack(event, bowl=20)
    [drive] = moving.drive(moving.plan(halls.now.date()))
    assert on_rounds(halls, moving) == [first.crate]
    second = halls.pack(event, bowl=10)
    assert sorted(on_rounds(halls, moving)) == sorted([first.crate, second.crate])
    beep(halls, Move.LOAD, second.crate, halls.loop.site(WASH), round_id=drive.id)
    third = halls.pack(event, bowl=5)  # loading has begun, the van has not left yet
    assert third.crate in on_rounds(halls, moving)


def test_a_crate_whose_arrival_nobody_told_is_sent_again(halls: Halls) -> None:
    event, centre = halls.plan(), halls.loop.site(WASH)
    packed = halls.pack(event, cups=1, bowl=20)
    beep(halls, Move.LOAD, packed.crate, centre)
    beep(halls, Move.DELIVER, packed.crate, halls.code)  # the hall hands it out as it stands there
    halls.hand(event, packed)
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.count(event, lines={"bowl": (20, 0)}, received=packed.codes, crate=packed.crate)
    other = halls.plan(room_id=halls.rooms[1].id)
    halls.pack(other, cups=1, crate=packed.crate)
    assert wishes(halls) == {halls.code: 1}
    halls.check()


def test_a_crate_packed_for_a_cafe_goes_to_no_hall(halls: Halls, moving: Moving) -> None:
    crate = moving.sealed_crate(HARU)
    event = halls.plan()
    wrong = refused(lambda: halls.pack(event, cups=1, crate=crate))
    assert wrong == (Code.CONFLICT, "crate", "on_its_way")
