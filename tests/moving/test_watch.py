"""Who is told: a crate missing after its round, ware dirty for long, a box that says nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from lending.errors import Code, LendingError
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.lifecycle import end_round
from lending.people.tables import Device, Role
from lending.reminders.alerts import sweep_alerts
from lending.requests.watch import (
    BOX_SILENT,
    CRATE_MISSING,
    DIRTY_OLD,
    find_stuck,
    load_watch_hours,
    set_watch_hours,
)
from tests.moving.conftest import Moving
from tests.personas import BOX, DAY, HARU, WASH, Loop
from tests.reminders.alarms import kinds

HOUR = timedelta(hours=1)


def stuck(moving: Moving) -> dict[str, tuple[int, int]]:
    found = moving.read(find_stuck, district_id=moving.town.id, now=moving.loop.now)
    return {one.kind: (one.site_id, one.count) for one in found}


def test_a_crate_is_missing_some_hours_after_its_round(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate(HARU)
    [one] = moving.drive()
    moving.beep(Move.LOAD, crate, round_id=one.id)
    loop.write(lambda s: end_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier))
    loop.now += 3 * HOUR
    assert stuck(moving) == {}
    loop.now += HOUR
    assert stuck(moving) == {CRATE_MISSING: (loop.town.sites[HARU], 1)}
    loop.write(lambda s: sweep_alerts(s, district_id=loop.town.id, now=loop.now))
    assert (CRATE_MISSING, 1) in kinds(loop, loop.town.officer)
    moving.beep(Move.RECEIVE, crate)
    assert stuck(moving) == {}
    loop.write(lambda s: sweep_alerts(s, district_id=loop.town.id, now=loop.now))
    assert (CRATE_MISSING, 1) not in kinds(loop, loop.town.officer)


def test_a_crate_on_no_round_is_missing_after_a_day_and_one_seen_is_not(
    loop: Loop, moving: Moving
) -> None:
    lost, seen = moving.sealed_crate(HARU), moving.sealed_crate(HARU)
    for crate in (lost, seen):
        moving.beep(Move.LOAD, crate)
    loop.stock(seen)
    loop.now += DAY + HOUR
    assert stuck(moving)[CRATE_MISSING] == (loop.town.sites[HARU], 1)


def test_a_crate_taken_and_not_brought_is_missing_at_the_centre(loop: Loop, moving: Moving) -> None:
    crate = loop.new_crate()
    moving.beep(Move.TAKE, crate, site=HARU, to=WASH)
    loop.now += DAY + HOUR
    assert stuck(moving)[CRATE_MISSING] == (loop.town.sites[WASH], 1)
    moving.beep(Move.BRING, crate)
    assert CRATE_MISSING not in stuck(moving)


def test_ware_dirty_for_long_at_the_centre(loop: Loop, moving: Moving) -> None:
    cup = loop.lent_cup()
    loop.new_cups(2)  # new ware is not late
    loop.give_back(cup)
    loop.now += 2 * DAY
    assert DIRTY_OLD not in stuck(moving)  # nobody washes at a café
    loop.collect(cup)
    loop.receive(cup)
    loop.now += 25 * HOUR
    assert stuck(moving)[DIRTY_OLD] == (loop.town.sites[WASH], 1)
    loop.wash(cup)
    assert DIRTY_OLD not in stuck(moving)


def test_a_box_is_silent_when_no_tablet_of_it_was_heard_of(loop: Loop, moving: Moving) -> None:
    def tablet(**more: object) -> None:
        row = {
            "district_id": loop.town.id, "site_id": loop.town.sites[BOX], "name": "위",
            "role": Role.MACHINE, "paired_at": loop.now, "last_used_at": loop.now,
        } | more  # fmt: skip
        loop.write(lambda s: s.execute(sa.insert(Device), [row]))

    tablet(last_used_at=loop.now - 30 * HOUR, revoked_at=loop.now)
    assert stuck(moving) == {}
    tablet()
    loop.now += 25 * HOUR
    assert stuck(moving)[BOX_SILENT] == (loop.town.sites[BOX], 1)
    tablet()
    assert stuck(moving) == {}


def test_hours_are_a_setting(loop: Loop, moving: Moving) -> None:
    def hours(what: str, count: int) -> None:
        moving.write(set_watch_hours, what=what, hours=count, actor=loop.town.officer)

    hours(DIRTY_OLD, 5)
    hours(DIRTY_OLD, 6)
    assert moving.read(load_watch_hours, district_id=loop.town.id)[DIRTY_OLD] == 6
    for what, count, field in (("no", 5, "what"), (DIRTY_OLD, 0, "hours")):
        with pytest.raises(LendingError) as caught:
            hours(what, count)
        assert (caught.value.code, caught.value.field) == (Code.INVALID, field)
