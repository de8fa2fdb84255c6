"""How machines are set up: settings told until they are known, keepers, kinds, who is heard."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.machines.beats import Beat
from lending.machines.fleet import find_machine, list_machines
from lending.machines.heartbeat import Answer, take_heartbeat
from lending.machines.settings import Settings
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.opening import Hours, announce_closures, set_opening, withdraw_closure
from lending.requests.tables import MachineStatus
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import BOX, HARU, WASH


def test_settings_are_told_until_the_machine_works_by_them(machines: Machines) -> None:
    loop = machines.loop
    first = machines.beat()
    assert first.settings == Settings() and not first.known
    assert machines.beat(settings=first.settings.version).known
    machines.set_up(ROBO, accepts=("cup-414", "cup-355"), takes_bottles=True, full_at=80)
    second = machines.beat(settings=first.settings.version)
    assert not second.known
    assert second.settings == Settings(("cup-355", "cup-414"), True, full_at=80)
    hours = Hours(loop.now, 0b0011111, loop.now.replace(hour=9, minute=0).time(), loop.now.replace(hour=18).time())  # fmt: skip
    machines.write(
        lambda s: set_opening(s, site_id=machines.sites[ROBO].id, hours=hours, now=loop.now)
    )
    third = machines.beat(settings=second.settings.version)
    assert not third.known and third.settings.told()["open_weekdays"] == [0, 1, 2, 3, 4]
    assert third.settings.told()["opens"] == "09:00"
    assert machines.beat(settings=third.settings.version).known
    assert third.timezone == "Asia/Seoul"


def test_closed_days_are_told_and_taken_back(machines: Machines) -> None:
    """The days from now on, in order; one that is over changes the settings no more than one of
    another machine does."""
    loop, robo, glas = machines.loop, machines.sites[ROBO].id, machines.sites[GLAS].id
    today = loop.now.date()
    days = [today + timedelta(days=far) for far in (9, 2, 400)]

    def close(site: int, *days: date) -> None:
        machines.write(
            lambda s: announce_closures(s, site_id=site, days=days, today=today, now=loop.now)
        )

    before = machines.beat().settings
    close(glas, today)
    assert machines.beat(settings=before.version).known
    close(robo, *days)
    told = machines.beat(settings=before.version)
    assert not told.known
    assert told.settings.told()["closed_days"] == (days[1].isoformat(), days[0].isoformat())
    assert machines.beat(settings=told.settings.version).known
    seen = machines.write(lambda s: find_machine(s, site_id=robo, now=loop.now))
    assert seen and seen.status and seen.status.settings_known
    machines.write(lambda s: withdraw_closure(s, site_id=robo, day=days[0], now=loop.now))
    loop.now += timedelta(days=4)
    assert machines.beat(settings=before.version).known  # the one day is over, the other opens


def test_full_goes_by_the_machines_own_setting(machines: Machines) -> None:
    machines.set_up(ROBO, full_at=50)
    machines.beat(ROBO, fullness=50)
    machines.beat(GLAS, fullness=50)
    assert [one.full for one in machines.all(MachineStatus)] == [True, False]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"keeper": "NOWHERE"}, "keeper"), ({"keeper": GLAS}, "keeper"),
        ({"accepts": ("cup-355", "bowl")}, "accepts"), ({"accepts": ("crate",)}, "accepts"),
        ({"full_at": 0}, "full_at"), ({"full_at": 101}, "full_at"), ({"hot_at": 0}, "hot_at"),
        ({"model": "A\x00"}, "model"),
    ],
)  # fmt: skip
def test_a_wrong_set_up_changes_nothing(machines: Machines, wrong: dict, field: str) -> None:
    machines.set_up(ROBO, model="Eco", keeper=HARU)
    with pytest.raises(LendingError) as refused:
        machines.set_up(ROBO, **wrong)
    assert refused.value.field == field
    machine = machines.write(
        lambda s: find_machine(s, site_id=machines.sites[ROBO].id, now=machines.loop.now)
    )
    assert machine and machine.keeper and (machine.model, machine.keeper.code) == ("Eco", HARU)


def test_only_machines_and_boxes_are_heard(machines: Machines) -> None:
    town = machines.loop.town
    box = machines.write(lambda s: _beat(s, machines, town.machine))
    assert box is not None
    for site in (town.sites[WASH], town.sites[HARU], None):
        actor = Actor(ActorKind.TOKEN, Role.MACHINE, town.id, site)
        with pytest.raises(LendingError) as refused:
            machines.write(lambda s, actor=actor: _beat(s, machines, actor))
        assert refused.value.code is Code.NOT_ALLOWED_HERE


def _beat(session: Session, machines: Machines, actor: Actor) -> Answer:
    return take_heartbeat(session, Beat(), actor=actor, now=machines.loop.now)


def test_lists_hold_each_machine_once_and_a_keeper_only_its_own(machines: Machines) -> None:
    loop = machines.loop

    def listed(**more) -> list[str]:
        return machines.write(
            lambda s: [
                one.site.code
                for one in list_machines(s, district_id=loop.town.id, now=loop.now, **more)
            ]
        )

    assert listed() == [GLAS, ROBO]
    machines.write(lambda s: _beat(s, machines, loop.town.machine))  # a box that speaks
    machines.set_up(ROBO, keeper=HARU)
    assert listed() == [BOX, GLAS, ROBO]
    assert listed(limit=2) == [BOX, GLAS] and listed(after=GLAS) == [ROBO]
    assert listed(keeper_id=loop.town.sites[HARU]) == [ROBO]
