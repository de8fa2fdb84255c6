"""An event's crate goes its whole way: packed, driven to the hall, used, driven back, counted."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from lending.errors import Code
from lending.events.crates.opening import reopen_crate
from lending.events.crates.packing import pack_crate
from lending.events.reading import event_crates, packed_for
from lending.events.values import BackHow, Stage
from lending.loop.steps import State
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.moving.rounds.wishes import gather_wishes
from lending.places.districts import load_district
from lending.wares.ways import Condition
from tests.events.halls import Halls
from tests.events.test_counting import lines
from tests.events.test_handing import lent, refused
from tests.personas import MINUTE, WASH


def beep(halls: Halls, move: Move, crate: str, site: str, by: Any = None, **more: Any) -> None:
    told = Beep(uuid.uuid4(), move, crate, halls.now, site=site, **more)
    actor, keys = by or halls.loop.town.courier, halls.loop.keys
    halls.write(lambda s: move_crate(s, told, actor=actor, keys=keys, now=halls.now))
    halls.loop.now += MINUTE


def wishes(halls: Halls) -> dict[str, int]:
    """Crates that a round of today is to leave, by site."""
    town = halls.loop.town

    def look(session: Any) -> dict[str, int]:
        zone = load_district(session, district_id=town.id).zone
        today = halls.now.astimezone(zone).date()
        found = gather_wishes(
            session, district_id=town.id, depot_id=town.sites[WASH], day=today, today=today
        )
        return {one.site.code: one.leave for one in found}

    found: dict[str, int] = halls.read(look)
    return found


def test_the_whole_way_of_a_crate(halls: Halls) -> None:
    event, centre = halls.plan(), halls.loop.site(WASH)
    packed = halls.pack(event, cups=1, bowl=20)
    assert wishes(halls) == {halls.code: 1}
    (waits,) = halls.read(lambda s: packed_for(s, event_id=event.id))
    assert (waits.seal, waits.pieces) == (packed.seal, {"bowl": 20, "cup-355": 1})
    beep(halls, Move.LOAD, packed.crate, centre)
    beep(halls, Move.DELIVER, packed.crate, halls.code)
    beep(halls, Move.RECEIVE, packed.crate, halls.code, by=halls.haein)
    assert wishes(halls) == {} and halls.stage(event) is Stage.PACKED
    halls.hand(event, packed)
    halls.back(packed)
    beep(halls, Move.TAKE, packed.crate, halls.code, to=centre)
    beep(halls, Move.BRING, packed.crate, centre)
    halls.loop.receive(packed.codes[0], crate=packed.crate)
    halls.sweep()
    (view,) = halls.read(lambda s: event_crates(s, event_ids=[event.id]))
    assert view.back_how is BackHow.OPENED and view.in_at is not None
    assert halls.event(event).count_by is not None
    statement = halls.count(event, lines={"bowl": (19, 0)})
    assert lines(statement) == {
        "bowl": (20, 19, 0, 1, 0, 0), "cup-355": (1, 1, 0, 0, 0, 0), "crate": (1, 1, 0, 0, 0, 0),
    }  # fmt: skip
    assert halls.wares.held(halls.wares.at(WASH, Condition.DIRTY)) == 19
    halls.check()


def test_the_driver_takes_a_crate_nobody_said_was_back(halls: Halls) -> None:
    event, centre = halls.plan(), halls.loop.site(WASH)
    packed = halls.out(event, bowl=20)
    beep(halls, Move.TAKE, packed.crate, halls.code, to=centre)
    beep(halls, Move.BRING, packed.crate, centre)
    halls.sweep()
    assert halls.stage(event) is Stage.BACK and lent(halls) == 20
    halls.count(event, lines={"bowl": (20, 0)})
    halls.check()


def test_a_receipt_by_mistake_is_none(halls: Halls) -> None:
    """Another crate was scanned at the centre: the one that is still at the hall has not come in."""
    event = halls.plan()
    packed = halls.out(event, bowl=20)
    halls.back(packed)

    def came_in() -> datetime | None:
        halls.sweep()
        (view,) = halls.read(lambda s: event_crates(s, event_ids=[event.id]))
        due: datetime | None = halls.event(event).count_by
        assert (view.in_at is None) == (due is None)
        return view.in_at

    early = halls.loop.receive(packed.crate, ask=False)
    halls.loop.void(packed.crate, early.id, by=halls.loop.town.officer, site=halls.loop.site(WASH))
    assert came_in() is None
    seen = halls.loop.receive(packed.crate, ask=False)
    assert came_in() is not None  # noted, and then taken back
    halls.loop.void(packed.crate, seen.id, by=halls.loop.town.officer, site=halls.loop.site(WASH))
    assert came_in() is None
    at = halls.now
    halls.loop.receive(packed.crate, ask=False)
    assert came_in() == at
    halls.check()


def test_a_sealed_crate_that_goes_back_to_the_centre_keeps_what_is_in_it(halls: Halls) -> None:
    event, centre = halls.plan(), halls.loop.site(WASH)
    packed = halls.out(event, cups=1, bowl=20)
    halls.back(packed, sealed=True)
    beep(halls, Move.TAKE, packed.crate, halls.code, to=centre)
    halls.sweep()
    assert halls.read(lambda s: packed_for(s, event_id=event.id)) == []
    assert halls.loop.item(packed.codes[0]).state is State.COLLECTED
    halls.check()


def test_what_is_packed_is_packed_once_and_clean(halls: Halls) -> None:
    event, jun = halls.plan(), halls.loop.town.jun
    halls.wares.buy(50, halls.wares.at(WASH))
    told = halls.pack_in(event, 2, bowl=20)

    def pack(packed: Any, by: Any = jun) -> Any:
        return halls.write(
            lambda s: pack_crate(s, packed, actor=by, keys=halls.loop.keys, now=halls.now)
        )

    assert pack(told) == pack(told)
    assert halls.wares.held(halls.wares.at(WASH)) == 30
    again = halls.pack_in(event, 1, bowl=5)
    other = replace(again, crate=told.crate)
    assert refused(lambda: pack(other))[2] == "sealed"
    assert refused(lambda: pack(halls.pack_in(event), by=halls.haein))[0] is Code.NOT_ALLOWED
    assert refused(lambda: pack(halls.pack_in(event)))[2] == "empty"
    dirty = halls.pack_in(event)
    cup = halls.loop.new_cups(1)
    soiled = replace(dirty, codes=tuple(cup))
    assert refused(lambda: pack(soiled)) == (Code.NOT_CLEAN, "codes", cup[0])
    halls.write(lambda s: reopen_crate(s, crate=told.crate, actor=jun, now=halls.now))
    assert pack(other).pieces == {"bowl": 25, "cup-355": 3}  # opened, and filled up
    halls.check()


@pytest.mark.parametrize("what", ["seal", "event"])
def test_a_packing_names_a_seal_and_an_event_that_is_not_over(halls: Halls, what: str) -> None:
    event = halls.plan()
    packed = halls.pack_in(event, 1)
    more: dict[str, Any] = {"seal": " "} if what == "seal" else {"event_id": uuid.uuid4()}
    wrong = replace(packed, **more)
    jun, keys = halls.loop.town.jun, halls.loop.keys
    found = refused(
        lambda: halls.write(lambda s: pack_crate(s, wrong, actor=jun, keys=keys, now=halls.now))
    )
    assert found[1] == what


def test_a_crate_packed_unwashed_keeps_its_seal_until_it_is_used(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.pack(event, cups=1, bowl=20)  # a new crate: it has never been through the wash
    halls.sweep()
    (waits,) = halls.read(lambda s: packed_for(s, event_id=event.id))
    assert waits.seal == packed.seal
    halls.fetch(packed.crate)
    halls.sweep()
    assert halls.read(lambda s: packed_for(s, event_id=event.id)) == []
