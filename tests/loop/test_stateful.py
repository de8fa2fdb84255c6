"""Random loops over several cups: after every call what is stored equals a replay of the log."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)  # fmt: skip

from lending.db import transaction
from lending.loop.codes import make_code
from lending.loop.loans.occasions import move_end
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.system import system_actor
from lending.loop.verify import verify
from lending.people.keys import Keys
from tests.conftest import LONG
from tests.loop.facts import BORROWERS, MOVES, PLACES
from tests.loop.occasions import new_occasion
from tests.personas import HARU, MINJI, MINUTE, MONDAY, Loop, found_town

CUPS = 3
cups = st.integers(0, CUPS - 1)
GIVES_UP = (Action.LOSE, Action.GIVE_UP, Action.RESUME)
moves = st.tuples(
    st.sampled_from(MOVES), cups, st.sampled_from(PLACES), st.sampled_from(BORROWERS),
    st.booleans(), st.integers(0, 600),
)  # fmt: skip


class Machine(RuleBasedStateMachine):
    """One town per run; labels and scans are kept to be used again."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_town(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=uuid.uuid4().hex)
        self.loop = Loop(self.engine, self.keys, town, now=MONDAY)
        self.labels = [[code] for code in self.loop.new_cups(CUPS)]
        self.sent: list[tuple[int, ScanIn]] = []
        self.recorded: set[uuid.UUID] = set()
        self.promised: list[tuple[int, uuid.UUID]] = []  # voided before they arrive
        self.occasions = [new_occasion(self.loop, ends_on=date(2026, 3, d)) for d in (4, 20)]
        self.loop.now += timedelta(days=1)

    @rule(cup=cups)
    def go_round(self, cup: int) -> None:
        """The loop as it should be: washed, passed, shipped, stocked, lent."""
        steps = (Action.WASH, Action.PASS, Action.SHIP, Action.STOCK, Action.LEND)
        for action in steps:
            self.send([(cup, self.make(action, cup, HARU, MINJI, ask=True, ago=0))])

    @rule(moves=st.lists(moves, min_size=1, max_size=5), last=st.booleans())
    def scan(self, moves: list[Any], last: bool) -> None:
        """One call of questions and facts, some of them late."""
        scans = []
        for number, (action, cup, place, borrower, ask, ago) in enumerate(moves):
            one = self.make(action, cup, place, borrower, ask=ask, ago=0 if ask else ago)
            named = [i for i, known in self.lends(cup)][-1:] if action in GIVES_UP else []
            shift = timedelta(microseconds=number)
            scans.append((cup, replace(one, of=named[0] if named and last else None,
                                       at=one.at - shift)))  # fmt: skip
        self.send(scans)

    @rule(cup=cups, which=st.integers(0, 1), place=st.sampled_from(PLACES),
          borrower=st.sampled_from(BORROWERS), ask=st.booleans(), ago=st.integers(0, 600))  # fmt: skip
    def lend_to_occasion(
        self, cup: int, which: int, place: str, borrower: str | None, ask: bool, ago: int
    ) -> None:
        """For an order or a booking, whoever stands for it."""
        one = self.make(Action.LEND, cup, place, borrower, ask=ask, ago=0 if ask else ago)
        self.send([(cup, replace(one, occasion=self.occasions[which]))])

    @rule(which=st.integers(0, 1), day=st.none() | st.integers(1, 28))
    def move_end(self, which: int, day: int | None) -> None:
        ends_on = date(2026, 3, day) if day is not None else None
        self.loop.write(partial(move_end, id=self.occasions[which], ends_on=ends_on))

    @rule(cup=cups, which=st.integers(0, 30), place=st.sampled_from(PLACES))
    def void(self, cup: int, which: int, place: str) -> None:
        """A recorded scan is taken out, a void too."""
        known = [scan for at, scan in self.sent if at == cup and scan.id in self.recorded]
        if known:
            target = known[which % len(known)]
            one = self.make(Action.VOID, cup, place, None, ask=False, ago=0)
            self.send([(cup, replace(one, of=target.id))])
            # A void that is taken back itself no longer keeps out what it was sent ahead of.
            self.promised = [kept for kept in self.promised if kept[1] != target.of]

    @rule(cup=cups)
    def void_ahead(self, cup: int) -> None:
        """The void of a scan that has not arrived yet."""
        target = uuid.uuid4()
        one = self.make(Action.VOID, cup, HARU, None, ask=False, ago=0)
        self.send([(cup, replace(one, of=target))])
        self.promised.append((cup, target))

    @rule(move=moves)
    def arrive_voided(self, move: Any) -> None:
        if self.promised:
            action, _, place, borrower, _, ago = move
            cup, promised = self.promised.pop()
            uses = self.loop.item(self.labels[cup][0]).uses
            one = self.make(action, cup, place, borrower, ask=False, ago=ago)
            self.send([(cup, replace(one, id=promised))])
            assert self.loop.item(self.labels[cup][0]).uses == uses

    @rule(which=st.lists(st.integers(0, 200), min_size=1, max_size=4))
    def send_again(self, which: list[int]) -> None:
        """The same scans again change nothing."""
        if self.sent:
            again = [self.sent[number % len(self.sent)] for number in which]
            known = [scan.id in self.recorded for _, scan in again]
            before = [self.loop.stored(labels[0]) for labels in self.labels]
            receipts = self.send(again)
            for was_known, receipt in zip(known, receipts, strict=True):
                assert not was_known or receipt.result is Result.REPEATED
            if all(known):
                assert [self.loop.stored(labels[0]) for labels in self.labels] == before

    @rule(cup=cups, ago=st.integers(0, 600), early=st.booleans())
    def relabel(self, cup: int, ago: int, early: bool) -> None:
        """A new label, used in the same call before or after it is put on."""
        code = make_code()
        one = replace(self.make(Action.RELABEL, cup, HARU, None, ask=False, ago=ago), to=code)
        back = replace(self.make(Action.RETURN, cup, HARU, None, ask=False, ago=ago + 1), code=code)
        self.send([(cup, back), (cup, one)] if early else [(cup, one), (cup, back)])
        self.labels[cup].append(code)

    @invariant()
    def stored_equals_replay(self) -> None:
        if hasattr(self, "loop"):
            self.loop.check()

    def make(
        self, action: Action, cup: int, place: str, borrower: str | None, *, ask: bool, ago: int
    ) -> ScanIn:
        loop, named = self.loop, {}
        if action is Action.LEND:
            named["borrower"] = borrower
        if action is Action.SHIP:
            named["to"] = loop.site(HARU)
        return loop.scan(
            action, self.labels[cup][-1], at=loop.now - ago * MINUTE, ask=ask,
            site=loop.site(place), **named,
        )  # fmt: skip

    def lends(self, cup: int) -> list[tuple[uuid.UUID, ScanIn]]:
        return [
            (scan.id, scan) for at, scan in self.sent if at == cup and scan.action is Action.LEND
        ]

    def send(self, scans: list[tuple[int, ScanIn]]) -> list[Receipt]:
        was = {cup: self.loop.item(self.labels[cup][0]) for cup, _ in scans}
        worker = system_actor(self.loop.town.id)
        receipts = self.loop.go(*(scan for _, scan in scans), by=worker)
        for (_, scan), receipt in zip(scans, receipts, strict=True):
            if receipt.result is Result.RECORDED:
                self.recorded.add(scan.id)
            elif not scan.ask:
                assert receipt.result is Result.REPEATED or scan.action is Action.VOID
        self.sent += scans
        if len(scans) == 1:
            ((cup, scan),) = scans
            self.judge(scan, was[cup], receipts[0])
        return receipts

    def judge(self, scan: ScanIn, was: Any, receipt: Receipt) -> None:
        """What the loop promises of one question, told without its table."""
        if scan.ask and scan.action is Action.LEND and receipt.result is Result.RECORDED:
            assert was.clean and was.hold is None and was.loan is None
            assert was.state not in (State.LENT, State.RETIRED)
            assert receipt.item is not None and receipt.item.state is State.LENT


def test_stored_state_equals_a_replay_after_every_call(
    engine: sa.Engine, keys: Keys, backend: str
) -> None:
    examples = (300 if LONG else 25) if backend == "sqlite" else (100 if LONG else 8)
    run_state_machine_as_test(
        lambda: Machine(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
    assert list(verify(engine)) == []
