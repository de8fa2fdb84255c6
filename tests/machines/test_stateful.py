"""Machines in any order against a reading of our own: bottles, refusals, heartbeats, keepers."""

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lending.loop.tables import ClockStop
from lending.machines.bottles import Deposit
from lending.machines.refusals import MOST_STOPS, Refused
from lending.machines.tables import BottleDay, BottleDeposit, Event, MachineChange, MachineRefusal
from lending.requests.tables import MachineStatus
from tests.conftest import LONG
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import DANA, HARU, MINJI, SORA

PEOPLE = (MINJI, DANA, SORA, None)
SITES = (ROBO, GLAS)
SEOUL = ZoneInfo("Asia/Seoul")


class Walk(RuleBasedStateMachine):
    """Everything that is told is told again now and then; time passes in steps."""

    machines: ClassVar[Machines]
    cups: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.deposits: dict[uuid.UUID, tuple[Deposit, str, int]] = {}
        self.counted: dict[tuple[str, object], int] = defaultdict(int)
        self.refusals: dict[uuid.UUID, Refused] = {}
        self.heard: dict[str, datetime] = {}
        self.full: dict[str, bool] = {}
        self.day = f"{uuid.uuid4().int % 10**8:08}"  # telephone numbers of this walk alone

    def who(self, person: str | None) -> str | None:
        return person and f"010{self.day[:-1]}{PEOPLE.index(person)}"

    @rule(person=st.sampled_from(PEOPLE), offered=st.integers(1, 40), at=st.sampled_from(SITES))
    def put_bottles(self, person: str | None, offered: int, at: str) -> None:
        told = self.machines.deposit(offered, self.who(person))
        day = self.machines.loop.now.astimezone(SEOUL).date()
        [receipt] = self.machines.take(told, at=at)
        free = 30 - (self.counted[person, day] if person else 0)
        assert receipt.granted == min(offered, free)
        if person:
            self.counted[person, day] += receipt.granted
        self.deposits[told.id] = (told, at, receipt.granted)

    @rule(data=st.data())
    def tell_bottles_again(self, data: st.DataObject) -> None:
        if self.deposits:
            told, at, granted = self.deposits[data.draw(st.sampled_from(list(self.deposits)))]
            [receipt] = self.machines.take(told, at=at)
            assert receipt.repeated and receipt.granted == granted

    @rule(fullness=st.sampled_from([10, 95]), at=st.sampled_from(SITES))
    def beat(self, fullness: int, at: str) -> None:
        self.machines.beat(at, fullness=fullness)
        self.heard[at], self.full[at] = self.machines.loop.now, fullness == 95

    @rule(minutes=st.sampled_from([1, 5, 12, 60 * 11]))
    def wait(self, minutes: int) -> None:
        self.machines.loop.now += timedelta(minutes=minutes)

    @rule(cup=st.integers(0, 1))
    def refuse(self, cup: int) -> None:
        told = self.machines.refused(self.cups[cup])
        assert self.machines.refuse(told).new
        assert not self.machines.refuse(told).new
        self.refusals[told.id] = told

    @rule()
    def watch(self) -> None:
        self.machines.watch()
        silent = {
            at for at, heard in self.heard.items()
            if self.machines.loop.now - heard >= timedelta(minutes=9)  # its own minute is counted
        }  # fmt: skip
        rows = {row.site_id: row for row in self.machines.all(MachineStatus)}
        named = {at: rows[self.machines.sites[at].id] for at in self.heard}
        assert {at for at, row in named.items() if row.silent} == silent
        shown = {a.kind: a.count for a in self.machines.alerts(self.machines.loop.town.mina)}
        wanted = {"machine_silent": len(silent), "machine_full": sum(self.full.values())}
        if set(self.heard) == set(SITES):
            assert shown == {kind: count for kind, count in wanted.items() if count}

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        rows = [r for r in self.machines.all(BottleDeposit) if r.id in self.deposits]
        assert len(rows) == len(self.deposits)
        assert all(row.granted <= 30 for row in self.machines.all(BottleDay))
        refused = self.machines.all(MachineRefusal)
        assert self.refusals.keys() <= {row.id for row in refused}
        stops: dict[uuid.UUID, int] = defaultdict(int)
        for stop in self.machines.all(ClockStop):
            stops[stop.lend_id] += 1
        assert all(count <= MOST_STOPS for count in stops.values())

    @invariant()
    def changes_alternate(self) -> None:
        last: dict[tuple[int, str], Event] = {}
        for row in sorted(self.machines.all(MachineChange), key=lambda one: one.id):
            pair = {"silent": "on", "online": "on", "full": "full", "room": "full"}[row.event]
            assert last.get((row.site_id, pair)) != row.event
            last[row.site_id, pair] = row.event


def test_machines_in_any_order(machines: Machines) -> None:
    loop = machines.loop
    for code in SITES:
        machines.set_up(code, keeper=HARU)
    here = {"machines": machines, "cups": [loop.lent_cup(), loop.lent_cup()]}
    how = settings(
        max_examples=100 if LONG else 6, stateful_step_count=60 if LONG else 25, deadline=None
    )
    run_state_machine_as_test(type("Here", (Walk,), here), settings=how)
    loop.check()
