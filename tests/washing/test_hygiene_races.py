"""Recalls beside lends, washes and themselves, at the same moment."""

from collections import Counter
from functools import partial
from typing import Any

from lending.db import run_transaction
from lending.errors import Code
from lending.loop.record import record_scans
from lending.loop.steps import Action
from lending.washing.hygiene.tables import Scope
from tests.loop.test_races import at_once
from tests.personas import DANA, MINUTE
from tests.washing.centre import Centre, out_to, told


def test_a_café_lends_while_the_batch_is_recalled(centre: Centre) -> None:
    """Either the lend is first and its borrower is told, or it is refused."""
    loop = centre.loop
    cups = loop.new_cups(6)
    batch = centre.passed(*cups)
    for cup in cups:
        out_to(loop, cup)
    test = centre.sample(batch)
    now = loop.now

    def lend(cup: str) -> Code | None:
        scan = loop.scan(Action.LEND, cup, ask=True, borrower=DANA, at=now)
        return run_transaction(
            loop.engine,
            lambda session: record_scans(
                session, [scan], actor=loop.town.mina, keys=loop.keys, now=now
            ),
        )[0].error

    works: list[Any] = [partial(lend, cup) for cup in cups[:5]]
    works.insert(2, partial(centre.result, test, 2000))
    answers = at_once(works)
    recall = answers.pop(2).recall_id
    assert recall is not None and centre.held(recall) == set(cups)
    results = Counter(answers)
    assert set(results) <= {None, Code.HELD}
    loop.now += MINUTE
    centre.again(test, 2000)
    assert centre.confirm(recall) == results[None] == told(loop)
    loop.check()


def test_a_result_entered_by_two_at_once_opens_one_recall(centre: Centre) -> None:
    batch = centre.passed(*centre.loop.new_cups(10), machine="A")
    test = centre.sample(batch)
    views = at_once([partial(centre.result, test, 2000, Scope.MACHINE) for _ in range(4)])
    assert len({view.recall_id for view in views}) == 1
    assert centre.recall(views[0].recall_id).line.held == 10


def test_a_batch_finished_while_its_machine_is_recalled_is_held(centre: Centre) -> None:
    loop = centre.loop
    for machine in "ABCDEF":
        done, *running = loop.new_cups(15)
        first = centre.passed(done, machine=machine)
        batch = centre.begin(machine)
        centre.put(batch, *running)
        test = centre.sample(first)
        now = loop.now
        answers = at_once(
            [
                partial(centre.result, test, 2000, Scope.MACHINE),
                partial(centre.finish, batch, at=now),
            ]
        )
        assert centre.held(answers[0].recall_id) == {done, *running}
    loop.check()
