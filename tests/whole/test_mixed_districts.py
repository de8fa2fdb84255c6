"""The next district: its officer neither sees nor does anything of ours; its ware is washed here."""

import uuid
from functools import partial
from typing import Any

import pytest

from lending.db import reading
from lending.errors import Code, LendingError
from lending.events.counting.count import counting_sheet
from lending.events.crates.bringing import bring_back
from lending.events.crates.handing import hand_out
from lending.events.reading import load_event
from lending.events.statements.reading import hall_link, load_statement
from lending.events.values import BackIn, HandOutIn
from lending.loop.scans import Result
from lending.offices.reading import load_booking
from lending.requests.pickups.decide import forgive_pickup, refuse_pickup
from lending.requests.pickups.take import Take, take_pickup
from lending.requests.pickups.views import open_pickups
from lending.washing.batches.pieces import Fate
from tests.personas import MINUTE
from tests.whole.mixed import World


def test_an_officer_next_door_sees_and_does_none_of_it(world: World) -> None:
    [lid] = world.shop.containers()
    world.shop.packed(lid)
    asked = world.ask(lid)
    event = world.halls.plan()
    packed = world.halls.out(event, cups=1, bowl=5)
    booking = world.office.book()
    world.shop.later(days=2)
    world.work()
    assert world.alerts() == {"pickup_late": 1}
    olga, now = world.next_door.town.officer, world.loop.now
    assert world.alerts(olga) == {}
    with reading(world.loop.engine) as session:
        there = open_pickups(session, district_id=olga.district_id, today=now.date())
    assert there == []
    keys = world.loop.keys
    for door in _doors(world, asked, event.id, packed.crate, booking):
        with pytest.raises(LendingError) as refused:
            world.loop.write(partial(door, actor=olga, keys=keys, now=now))
        allowed = (Code.NOT_FOUND, Code.NOT_ALLOWED, Code.NOT_ALLOWED_HERE)
        assert refused.value.code in allowed, door
    world.is_true()


def test_ware_of_the_next_district_is_washed_in_a_batch_and_recalled_with_it(
    world: World,
) -> None:
    """What stands on the table goes into the machine, whosever it is; a centre that asks for a
    batch passes it by that, and a bad test stops it as well as our own."""
    loop, door, centre = world.loop, world.next_door, world.centre
    centre.require_batch()
    abroad = door.lent_cup()
    loop.now = max(loop.now, door.now)
    [own] = loop.new_cups(1)
    world.cafe(abroad)
    world.come_home(abroad)
    batch = centre.begin()
    loop.now += MINUTE
    lines = centre.put(batch, abroad, own)
    assert [line.fate for line in lines] == [Fate.ADDED] * 2
    assert [line.fate for line in centre.put(centre.begin(), abroad)] == [Fate.REFUSED]
    assert centre.finish(batch).pieces == 2
    for cup in (abroad, own):
        assert loop.pass_(cup).result is Result.RECORDED
    door.now = loop.now
    assert door.item(abroad).clean
    recall = centre.fail(batch)
    assert centre.held(recall) == {abroad, own}
    door.now = loop.now
    assert door.item(abroad).hold is not None
    assert loop.lend(abroad).error is Code.HELD
    world.is_true()


def _doors(
    world: World, asked: uuid.UUID, event: uuid.UUID, crate: str,
    booking: uuid.UUID,
) -> list[Any]:  # fmt: skip
    return [
        lambda s, actor, keys, now: take_pickup(
            s, Take(uuid.uuid4(), asked, now, now), actor=actor, keys=keys, now=now
        ),
        lambda s, actor, keys, now: refuse_pickup(
            s, pickup_id=asked, reason="x", actor=actor, keys=keys, now=now
        ),
        lambda s, actor, keys, now: forgive_pickup(
            s, pickup_id=asked, reason="x", actor=actor, keys=keys, now=now
        ),
        lambda s, actor, keys, now: load_event(s, event_id=event, actor=actor, now=now),
        lambda s, actor, keys, now: counting_sheet(s, event_id=event, actor=actor),
        lambda s, actor, keys, now: load_statement(s, event_id=event, actor=actor, now=now),
        lambda s, actor, keys, now: hall_link(s, event_id=event, actor=actor, keys=keys),
        lambda s, actor, keys, now: bring_back(
            s, BackIn(uuid.uuid4(), crate, "x", now), actor=actor, keys=keys, now=now
        ),
        lambda s, actor, keys, now: hand_out(
            s, HandOutIn(uuid.uuid4(), event, crate, "x", now), actor=actor, keys=keys, now=now
        ),
        lambda s, actor, keys, now: load_booking(s, booking_id=booking, actor=actor, now=now),
    ]
