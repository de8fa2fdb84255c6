"""Heartbeats: one row a machine, a change only when it changes, the keeper told and no more."""

from datetime import timedelta

import pytest

from lending.errors import Code, LendingError
from lending.machines.fleet import list_changes
from lending.machines.rules import Rules, set_rules
from lending.machines.tables import Event, MachineChange
from lending.notices.alerts import mark_seen
from lending.places.sites import change_site
from lending.requests.tables import MachineStatus
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import HARU, MINUTE
from tests.races import at_once


def events(machines: Machines, code: str = ROBO) -> list[Event]:
    """The changes of a machine, the earliest first."""
    found = machines.write(lambda s: list_changes(s, site_id=machines.sites[code].id))
    return [one.event for one in reversed(found)]


def test_a_day_of_heartbeats_is_one_row_and_one_change(machines: Machines) -> None:
    for minute in range(200):
        machines.beat(fullness=minute % 60, temperature=20.0 + minute % 9, software="1.0")
    [status] = machines.all(MachineStatus)
    assert (status.beats, status.fullness, status.software) == (200, 19, "1.0")
    assert status.heard_at == machines.loop.now - MINUTE
    assert events(machines) == [Event.ONLINE]


def test_each_change_is_noted_once(machines: Machines) -> None:
    told = [
        {"software": "1"}, {"software": "1", "fullness": 89}, {"software": "1", "fullness": 90},
        {"software": "1", "fullness": 100}, {"software": "1", "fullness": 81},
        {"software": "1", "fullness": 90}, {"software": "1", "fullness": 81},
        {"software": "1", "fullness": None}, {"software": "1", "fullness": 80},
        {"software": "2", "fullness": 50, "temperature": 60.0},
        {"software": "2", "temperature": 56.0}, {"software": "2", "temperature": 61.0},
        {"software": "2", "temperature": 55.0},
        {"software": "2", "errors": ("E12", "belt")}, {"software": "2", "errors": ("E13",)},
        {"software": "2"},
    ]  # fmt: skip
    for one in told:
        machines.beat(**one)
    assert events(machines) == [
        Event.ONLINE, Event.FULL, Event.ROOM, Event.HOT, Event.SOFTWARE, Event.COOL, Event.FAULT,
        Event.FAULT_OVER,
    ]  # fmt: skip
    details = {one.event: one.detail for one in machines.all(MachineChange) if one.detail}
    assert details == {Event.SOFTWARE: "2", Event.FAULT: "E12\nbelt"}


def test_a_loose_contact_writes_a_change_a_minute_at_most(machines: Machines) -> None:
    start = machines.loop.now
    for second in range(120):
        fullness = (100, 10)[second % 2]
        machines.beat(now=start + timedelta(seconds=second), fullness=fullness)
    assert len(machines.all(MachineChange)) <= 4
    [status] = machines.all(MachineStatus)
    assert (status.full, status.fullness) == (False, 10)  # as it is, whatever was written down


def test_heartbeats_of_one_machine_at_once_are_all_counted(machines: Machines) -> None:
    calls = [
        lambda: machines.beat(now=machines.loop.now, fullness=95, software="1") for _ in range(4)
    ]
    at_once(calls)
    [status] = machines.all(MachineStatus)
    assert status.beats == 4
    assert events(machines) == [Event.ONLINE, Event.FULL]


def test_silent_for_ten_minutes_tells_the_keeper_and_ends_by_itself(machines: Machines) -> None:
    machines.set_up(ROBO, keeper=HARU)
    machines.set_up(GLAS, keeper=HARU)
    mina = machines.loop.town.mina
    machines.beat(ROBO)
    machines.loop.now += 7 * MINUTE
    machines.beat(GLAS)
    assert machines.watch() == 0 and not machines.alerts(mina)
    machines.loop.now += MINUTE  # ten minutes after Robo's
    assert machines.watch() == 1
    assert [(a.kind, a.count) for a in machines.alerts(mina)] == [("machine_silent", 1)]
    assert not machines.alerts() and not machines.alerts(machines.loop.town.yuna)
    machines.loop.now += 10 * MINUTE
    machines.watch()
    assert [(a.kind, a.count) for a in machines.alerts(mina)] == [("machine_silent", 2)]
    assert machines.watch() == 0
    machines.beat(ROBO)
    machines.beat(GLAS)
    assert machines.watch() == 1 and not machines.alerts(mina)
    assert events(machines) == [Event.ONLINE, Event.SILENT, Event.ONLINE]


def test_one_more_than_was_seen_is_unseen_again(machines: Machines) -> None:
    loop, mina = machines.loop, machines.loop.town.mina
    for code in (ROBO, GLAS):
        machines.set_up(code, keeper=HARU)
    machines.beat(ROBO, fullness=99)
    machines.watch()
    [alert] = machines.alerts(mina)
    machines.write(lambda s: mark_seen(s, alert_id=alert.id, actor=mina, now=loop.now))
    machines.watch()
    assert machines.alerts(mina)[0].seen_at is not None
    machines.beat(GLAS, fullness=99)
    machines.watch()
    [alert] = machines.alerts(mina)
    assert (alert.count, alert.seen_at) == (2, None)


def test_without_a_keeper_the_officers_are_told(machines: Machines) -> None:
    machines.beat(ROBO, fullness=100)
    machines.watch()
    assert [(a.kind, a.site) for a in machines.alerts()] == [("machine_full", ROBO)]
    machines.beat(ROBO, fullness=85)  # hardly emptied
    assert machines.watch() == 0
    machines.beat(ROBO, fullness=10)
    assert machines.watch() == 1 and not machines.alerts()


def test_how_long_is_silent_is_the_districts_setting(machines: Machines) -> None:
    loop = machines.loop
    machines.write(
        lambda s: set_rules(s, Rules(silent_minutes=3), actor=loop.town.officer, now=loop.now)
    )
    machines.beat(ROBO)
    loop.now += MINUTE
    assert machines.watch() == 0
    loop.now += MINUTE
    assert machines.watch() == 1
    for wrong in (Rules(silent_minutes=1), Rules(silent_minutes=1441), Rules(bottles_a_day=-1)):
        with pytest.raises(LendingError) as refused:
            machines.write(
                lambda s, w=wrong: set_rules(s, w, actor=loop.town.officer, now=loop.now)
            )
        assert refused.value.code is Code.INVALID


def test_a_machine_that_takes_no_part_any_more_alerts_nobody(machines: Machines) -> None:
    loop, site = machines.loop, machines.sites[ROBO]
    machines.beat(ROBO, fullness=100)
    machines.watch()
    machines.write(
        lambda s: change_site(
            s, district_id=loop.town.id, site_id=site.id, name=site.name, name_en="", active=False,
            clean_low=0,
        )
    )  # fmt: skip
    assert machines.watch() == 1 and not machines.alerts()
    with pytest.raises(LendingError) as refused:
        machines.beat(ROBO)
    assert refused.value.code is Code.NOT_ALLOWED_HERE


def test_many_sweepers_at_once_open_one_alert(machines: Machines) -> None:
    machines.beat(ROBO, fullness=100)
    machines.loop.now += 30 * MINUTE
    assert sum(at_once([machines.watch] * 4)) == 2
    assert events(machines) == [Event.ONLINE, Event.FULL, Event.SILENT]


def test_the_sweep_and_a_heartbeat_at_once_lose_no_change(machines: Machines) -> None:
    for _ in range(5):
        machines.beat()
        machines.loop.now += 15 * MINUTE
        moment = machines.loop.now
        at_once([machines.watch, lambda moment=moment: machines.beat(now=moment)])
        told = events(machines)
        assert told.count(Event.ONLINE) == told.count(Event.SILENT) + (
            0 if machines.all(MachineStatus)[0].silent else 1
        )
