"""Where each crate is, stage by stage, the longest there first; one that is late is missing."""

from datetime import timedelta

from lending.moving.packing.whereabouts import Stage, count_stages, list_whereabouts
from lending.moving.rounds.beeps import Move
from lending.requests.watch import CRATE_MISSING, set_watch_hours
from tests.moving.conftest import Moving
from tests.personas import HARU, NABI, WASH, Loop


def stages(moving: Moving) -> dict[str, Stage]:
    where = {"district_id": moving.town.id, "now": moving.loop.now}
    rows = [row for stage in Stage for row in moving.read(list_whereabouts, stage=stage, **where)]
    counts = moving.read(count_stages, **where)
    found = {row.code: row.stage for row in rows}
    assert sum(counts.values()) == len(rows) == len(found)
    return found


def test_a_crate_goes_through_its_stages(loop: Loop, moving: Moving) -> None:
    idle, packing = loop.new_crate(), loop.new_crate()
    moving.pack(moving.list_for(NABI), packing, *loop.passed_cups(1))
    crate = moving.sealed_crate(HARU)
    assert stages(moving) == {
        idle: Stage.STANDING, packing: Stage.PACKING, crate: Stage.SEALED,
    }  # fmt: skip
    moving.beep(Move.LOAD, crate)
    assert stages(moving)[crate] is Stage.LOADED
    moving.beep(Move.DELIVER, crate)
    assert stages(moving)[crate] is Stage.DELIVERED
    moving.beep(Move.RECEIVE, crate)
    assert stages(moving)[crate] is Stage.STANDING
    moving.beep(Move.TAKE, crate, site=loop.site(HARU), to=loop.site(WASH))
    assert stages(moving)[crate] is Stage.TAKEN
    moving.beep(Move.BRING, crate)
    assert stages(moving)[crate] is Stage.STANDING


def test_what_nobody_received_in_time_is_missing(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate(HARU)
    moving.beep(Move.LOAD, crate)
    loop.now += timedelta(hours=30)
    assert stages(moving)[crate] is Stage.MISSING
    moving.write(set_watch_hours, what=CRATE_MISSING, hours=48, actor=loop.town.officer)
    assert stages(moving)[crate] is Stage.LOADED
    loop.stock(crate, site=loop.site(HARU))  # seen at its place by some other scan
    assert stages(moving)[crate] is Stage.STANDING


def test_pages_of_the_list_leave_nothing_out(loop: Loop, moving: Moving) -> None:
    crates = {loop.new_crate() for _ in range(5)}
    where = {"district_id": loop.town.id, "now": loop.now, "stage": Stage.STANDING, "limit": 2}
    found: list[str] = []
    after = None
    while rows := moving.read(list_whereabouts, after=after, **where):
        found += [row.code for row in rows]
        after = (rows[-1].since, rows[-1].id)
    assert len(found) == 5 and set(found) == crates
