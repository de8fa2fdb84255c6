"""Random shifts: what is clean came out of a finished batch, and recalls hold all they reach."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from lending.people.keys import Keys
from lending.washing.batches.pieces import Fate
from lending.washing.hygiene.sweep import sweep_recalls
from lending.washing.hygiene.tables import Scope
from tests.conftest import LONG
from tests.personas import CRATE, HARU, MINUTE, Loop, found_town
from tests.washing.centre import Centre

CUPS = 4
cups = st.integers(0, CUPS)  # the last one is a crate
SOILS = {"register", "lend", "return", "collect", "receive", "rewash", "hold", "release"}


class Shift(RuleBasedStateMachine):
    """One town per run, its centre asking for batches."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        super().__init__()
        self.engine, self.keys = engine, keys

    @initialize()
    def open_town(self) -> None:
        with transaction(self.engine) as session:
            town = found_town(session, self.keys, prefix=uuid.uuid4().hex)
        self.loop = Loop(self.engine, self.keys, town)
        self.centre = Centre(self.loop)
        self.centre.require_batch()
        self.codes = [*self.loop.new_cups(CUPS), self.loop.new_cups(1, CRATE)[0]]
        self.open: list[uuid.UUID] = []
        self.over: list[tuple[uuid.UUID, str]] = []
        self.tests: list[uuid.UUID] = []

    @rule(machine=st.sampled_from(["A", "B"]))
    def begin(self, machine: str) -> None:
        if len(self.open) < 2:
            self.open.append(self.centre.begin(machine))

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 1), some=st.lists(cups, min_size=1, max_size=4))
    def put(self, which: int, some: list[int]) -> None:
        batch = self.open[which % len(self.open)]
        for line in self.centre.put(batch, *(self.codes[one] for one in some)):
            assert line.fate is not Fate.REFUSED or line.error in (Code.CONFLICT, Code.RETIRED)

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 1))
    def finish(self, which: int) -> None:
        batch = self.open.pop(which % len(self.open))
        view = self.centre.finish(batch)
        assert view.machine is not None
        self.over.append((batch, view.machine))

    @precondition(lambda self: self.over)
    @rule(some=cups)
    def put_late(self, some: int) -> None:
        """Told after the end."""
        batch = self.over[-1][0]
        ended = self.centre.look(batch).ended_at
        assert ended is not None
        self.centre.put(batch, self.codes[some], at=ended)

    @rule(some=cups, ask=st.booleans())
    def pass_(self, some: int, ask: bool) -> None:
        self.loop.pass_(self.codes[some], ask=ask)

    @rule(some=st.integers(0, CUPS - 1))
    def use(self, some: int) -> None:
        """To the café, out and back, as far as the rules let it."""
        cup, loop = self.codes[some], self.loop
        loop.ship(cup, to=loop.site(HARU))
        loop.stock(cup)
        loop.lend(cup)
        loop.give_back(cup)
        loop.receive(cup)

    @rule(some=cups, ago=st.integers(0, 20))
    def wash_plainly(self, some: int, ago: int) -> None:
        loop = self.loop
        loop.wash(self.codes[some], ask=False, at=loop.now - ago * MINUTE)

    @rule(some=st.integers(0, CUPS - 1))
    def pack(self, some: int) -> None:
        self.loop.pack(self.codes[CUPS], self.codes[some])

    @rule(some=st.integers(0, CUPS - 1))
    def void_wash(self, some: int) -> None:
        """The newest wash of a piece is taken out, if it is its own."""
        item = self.loop.item_id(self.codes[some])
        query = sa.select(Scan.id).where(Scan.item_id == item, Scan.action == Action.WASH)
        gone = sa.select(Scan.of).where(Scan.item_id == item, Scan.action == Action.VOID)
        newest = query.where(Scan.crate_id.is_(None), Scan.id.not_in(gone))
        with Session(self.engine) as session:
            wash = session.scalars(newest.order_by(Scan.occurred_at.desc()).limit(1)).first()
        if wash is not None:
            self.loop.void(self.codes[some], wash, by=self.loop.town.officer, site=self.wash)

    @precondition(lambda self: self.over)
    @rule(which=st.integers(0, 5), good=st.booleans(), scope=st.sampled_from(Scope))
    def test(self, which: int, good: bool, scope: Scope) -> None:
        """A batch is tested; over the limit all it reaches is held."""
        batch, machine = self.over[which % len(self.over)]
        test = self.centre.sample(batch)
        view = self.centre.result(test, 20 if good else 2000, scope)
        self.loop.now += MINUTE
        if good:
            assert view.recall_id is None
            return
        assert view.recall_id is not None
        self.tests.append(test)
        reached = [batch]
        if scope is Scope.MACHINE:
            reached = [one for one, on in self.over if on == machine]
            since = self._last_good(machine, test)
            reached = [one for one in reached if since is None or self._ended(one) > since]
        held = self.centre.held(view.recall_id)
        assert held == self.centre.last_washed_in(*reached, required=True)

    @precondition(lambda self: self.tests)
    @rule()
    def enter_again(self) -> None:
        """Typed wrong: all of it is taken back."""
        test = self.tests.pop()
        view = self.centre.again(test, 20)
        self.loop.now += MINUTE
        assert view.recall_id is not None
        assert self.centre.held(view.recall_id) == set()

    @rule()
    def sweep(self) -> None:
        loop = self.loop
        self.centre.write(sweep_recalls, district_id=loop.town.id, keys=loop.keys)
        loop.now += MINUTE

    @rule(days=st.integers(0, 2))
    def wait(self, days: int) -> None:
        self.loop.now += timedelta(days=days)

    @invariant()
    def what_is_clean_came_out_of_a_finished_batch(self) -> None:
        if not hasattr(self, "centre"):
            return
        for code in self.codes[:CUPS]:
            if self.loop.item(code).clean:
                assert self._proven(code), code

    @invariant()
    def the_log_gives_what_is_stored(self) -> None:
        if hasattr(self, "loop"):
            self.loop.check()

    @property
    def wash(self) -> str:
        return self.loop.site("WASH")

    def _proven(self, code: str) -> bool:
        """By the bare log: a wash of an ended batch, a pass after it, and nothing that soils."""
        text = sa.text(
            "SELECT s.action, s.batch_id, b.ended_at FROM scan s"
            " LEFT JOIN wash_batch b ON b.id = s.batch_id"
            " JOIN item ON item.id = s.item_id WHERE item.code = :code AND NOT EXISTS"
            " (SELECT 1 FROM scan v WHERE v.of = s.id AND v.action = 'void')"
            " ORDER BY s.occurred_at, s.seq, s.position, s.id"
        )
        washed = passed = False
        with Session(self.engine) as session:
            for action, batch, ended in session.execute(text, {"code": code}):
                if action in SOILS:
                    washed = passed = False
                elif action == "wash":
                    washed, passed = batch is not None and ended is not None, False
                elif action == "pass":
                    passed = washed
        return passed

    def _ended(self, batch: uuid.UUID) -> object:
        return self.centre.look(batch).ended_at

    def _last_good(self, machine: str, before: uuid.UUID) -> object:
        text = sa.text(
            "SELECT max(g.sampled_at) FROM hygiene_test g, hygiene_test t WHERE t.id = :id"
            " AND g.machine_id = :machine AND g.passed AND NOT g.superseded"
            " AND g.sampled_at < t.sampled_at"
        ).bindparams(sa.bindparam("id", type_=Scan.id.type))
        typed = text.columns(sa.column("at", Item.last_at.type))
        given = {"id": before, "machine": self.centre.machine(machine)}
        with Session(self.engine) as session:
            return session.execute(typed, given).scalar()


def test_shifts(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (200 if LONG else 12) if backend == "sqlite" else (60 if LONG else 5)
    run_state_machine_as_test(
        lambda: Shift(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=25),
    )
