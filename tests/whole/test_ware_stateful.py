"""Random days of all ware together: crates, counted ware, batches, moves and recalls."""

import uuid
from dataclasses import replace

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
    run_state_machine_as_test,
)

from lending.db import reading
from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.verify import verify
from lending.people.keys import Keys
from lending.wares.crates import CrateCall, Packing, pack_counted, unpack_counted
from lending.wares.verify import verify_counts
from lending.wares.ways import Condition, Outside, Why, at_place, beyond, in_crate
from lending.washing.batches.counts import CountIn, add_counted
from lending.washing.batches.pieces import Fate
from lending.washing.hygiene.tables import Scope
from tests.conftest import LONG
from tests.personas import MINUTE, WASH
from tests.washing.centre import sweep
from tests.whole.crates import Crates
from tests.whole.ware import ages, anything, crates, quantities


class Ware(Crates):
    """And counted ware, batches and recalls."""

    # -- counted ware -------------------------------------------------------------------------

    @rule(quantity=quantities, condition=st.sampled_from(Condition))
    def buy(self, quantity: int, condition: Condition) -> None:
        self.wares.buy(quantity, self.wares.at(WASH, condition))

    @rule(crate=crates, quantity=quantities, condition=st.sampled_from(Condition),
          out=st.booleans())  # fmt: skip
    def pack_bowls(self, crate: int, quantity: int, condition: Condition, out: bool) -> None:
        """By quantity into or out of a crate; what is not there is refused or goes below nothing."""
        site = self.loop.town.sites[WASH]
        call = CrateCall(uuid.uuid4(), self.loop.item_id(self.crates[crate]), site, self.loop.now)
        packing, do = Packing(self.wares.bowl, quantity, condition), unpack_counted
        self.loop.write(
            lambda s: (do if out else pack_counted)(
                s, call, [packing], actor=self.loop.town.jun, now=self.loop.now
            )
        )

    @rule(quantity=quantities, why=st.sampled_from([Why.PASSED, Why.REWASHED, Why.HELD,
          Why.RELEASED, Why.BROKEN, Why.RETIRED]), inside=st.booleans())  # fmt: skip
    def treat_bowls(self, quantity: int, why: Why, inside: bool) -> None:
        """What happens to bowls at the centre, loose or in a crate."""
        before, after = {
            Why.PASSED: (Condition.WASHED, Condition.CLEAN),
            Why.REWASHED: (Condition.CLEAN, Condition.DIRTY),
            Why.HELD: (Condition.CLEAN, Condition.HELD),
            Why.RELEASED: (Condition.HELD, Condition.DIRTY),
            Why.BROKEN: (Condition.DIRTY, None),
            Why.RETIRED: (Condition.DIRTY, None),
        }[why]
        crate = self.loop.item_id(self.crates[0])
        wash = self.loop.town.sites[WASH]
        held = in_crate(crate, before) if inside else at_place(wash, before)
        target = beyond(Outside(why.value)) if after is None else replace(held, condition=after)
        self.wares.record(self.wares.move(quantity, held, target, why))

    @rule(quantity=st.integers(0, 40), condition=st.sampled_from(Condition))
    def count(self, quantity: int, condition: Condition) -> None:
        """A figure that differs is a difference, never absorbed."""
        account = self.wares.at(WASH, condition)
        self.wares.count(self.wares.figure(quantity, account))
        assert self.wares.held(account) == quantity

    # -- washing ------------------------------------------------------------------------------

    @rule(machine=st.sampled_from("AB"))
    def begin(self, machine: str) -> None:
        if len(self.open) < 2:
            self.open.append(self.centre.begin(machine))

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 1), some=st.lists(anything, min_size=1, max_size=4),
          bowls=st.integers(0, 20))  # fmt: skip
    def put(self, which: int, some: list[int], bowls: int) -> None:
        batch = self.open[which % len(self.open)]
        for line in self.centre.put(batch, *(self.codes[one] for one in some)):
            assert line.fate is not Fate.REFUSED or line.error in (Code.CONFLICT, Code.RETIRED)
        if bowls:
            count = CountIn(uuid.uuid4(), batch, "bowl", bowls, self.loop.now)
            self.centre.write(add_counted, count, actor=self.centre.jun)

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 1))
    def finish(self, which: int) -> None:
        batch = self.open[which % len(self.open)]
        try:
            view = self.centre.finish(batch)
        except LendingError as error:
            assert (error.code, error.field) == (Code.CONFLICT, "quantity"), error
            return
        self.open.remove(batch)
        assert view.machine is not None
        self.over.append((batch, view.machine))

    @precondition(lambda self: self.over)
    @rule(some=anything)
    def put_late(self, some: int) -> None:
        """Told after the end."""
        batch = self.over[-1][0]
        self.centre.put(batch, self.codes[some], at=self.centre.look(batch).ended_at)

    @precondition(lambda self: self.over)
    @rule(some=anything, ago=ages)
    def wash_by_hand_of(self, some: int, ago: int) -> None:
        """A program says that a batch of the past washed a piece: only within that batch's time."""
        batch = self.centre.look(self.over[-1][0])
        scan = self.scan(Action.WASH, some, WASH, ago, batch=batch.id)
        [receipt] = self.send(scan)
        assert batch.ended_at is not None
        if not batch.started_at <= scan.at <= batch.ended_at:
            assert (receipt.error, receipt.field) == (Code.INVALID, "batch")

    # -- recalls ------------------------------------------------------------------------------

    @precondition(lambda self: self.over)
    @rule(which=st.integers(0, 5), scope=st.sampled_from(Scope))
    def fail(self, which: int, scope: Scope) -> None:
        """A test over the limit holds every piece in reach at once, wherever it is."""
        batch, machine = self.over[which % len(self.over)]
        recall = self.centre.fail(batch, scope)
        of_machine = [one for one, on in self.over if on == machine]
        self.reached[recall] = [batch] if scope is Scope.BATCH else of_machine
        self.check_recall(recall)
        view = self.centre.recall(recall)
        assert view.line.held >= len(self.log().washed_last_in(self.reached[recall]))

    @rule()
    def look_after_recalls(self) -> None:
        """What came into reach since by word that came late is held by the worker's next look."""
        sweep(self.centre)
        self.loop.now += MINUTE
        for recall in self.reached:
            self.check_recall(recall)

    def check_recall(self, recall: uuid.UUID) -> None:
        """Every piece whose last wash is one of the recall's batches is on hold for a recall."""
        for code in self.log().washed_last_in(self.reached[recall]):
            hold = self.loop.item(code).hold
            assert hold is not None and hold.startswith("recall:"), code


def test_days_of_all_ware(engine: sa.Engine, keys: Keys, backend: str) -> None:
    examples = (150 if LONG else 10) if backend == "sqlite" else (40 if LONG else 4)
    run_state_machine_as_test(
        lambda: Ware(engine, keys),
        settings=settings(settings(), max_examples=examples, stateful_step_count=30),
    )
    assert list(verify(engine)) == []
    with reading(engine) as session:
        assert list(verify_counts(session)) == []
