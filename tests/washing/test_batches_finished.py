"""A batch is finished once: twice at once, told late, taken back, in a handful of statements."""

import uuid
from collections import Counter
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.steps import State
from lending.loop.tables import Scan
from lending.washing.batches.lifecycle import (
    Ending,
    finish_batch,
)
from lending.washing.batches.pieces import Fate
from tests.loop.test_races import at_once
from tests.personas import MINUTE
from tests.washing.centre import Centre, refused, washes


def test_two_who_finish_a_batch_at_once(centre: Centre) -> None:
    loop = centre.loop
    cups = loop.new_cups(20)
    batch = centre.begin("A")
    centre.put(batch, *cups)
    now = loop.now
    requests = [uuid.uuid4(), uuid.uuid4()]

    def finish(request: uuid.UUID) -> Code | None:
        end = Ending(request, batch, now)
        try:
            loop.write(partial(finish_batch, end=end, actor=centre.jun, keys=loop.keys, now=now))
        except LendingError as error:
            return error.code
        return None

    results = Counter(at_once([partial(finish, requests[i % 2]) for i in range(6)]))
    assert results == {None: 3, Code.CONFLICT: 3}
    assert washes(loop, batch) == 20
    assert {loop.item(cup).washes for cup in cups} == {1}
    loop.check()


def test_two_machines_take_one_piece_at_once_and_one_gets_it(centre: Centre) -> None:
    loop = centre.loop
    cups = loop.new_cups(10)
    batches = [centre.begin(), centre.begin()]
    lines = at_once([partial(centre.put, batches[i % 2], *cups) for i in range(4)])
    fates = Counter((line.fate, line.error) for part in lines for line in part)
    assert fates[Fate.ADDED, None] == 10
    assert fates[Fate.ALREADY, None] == 10
    assert fates[Fate.REFUSED, Code.CONFLICT] == 20
    assert sum(centre.look(batch).pieces for batch in batches) == 10


def test_a_batch_is_finished_once(centre: Centre) -> None:
    loop = centre.loop
    cups = loop.new_cups(3)
    batch = centre.begin()
    centre.put(batch, *cups)
    request, ended = uuid.uuid4(), loop.now
    first = centre.finish(batch, id=request, at=ended)
    assert centre.finish(batch, id=request, at=ended) == first
    assert refused(centre.finish, batch).code is Code.CONFLICT
    assert washes(loop, batch) == 3
    assert {loop.item(cup).washes for cup in cups} == {1}


def test_what_is_told_after_the_end_is_washed_with_it(centre: Centre) -> None:
    loop = centre.loop
    early, late = loop.new_cups(2)
    batch = centre.begin()
    moment = loop.now
    loop.now += MINUTE
    centre.finish(batch)
    [line] = centre.put(batch, early, at=moment)
    assert line.fate is Fate.ADDED
    assert (loop.item(early).state, loop.item(early).batch) == (State.WASHED, batch)
    assert [line.fate for line in centre.put(batch, early, at=moment)] == [Fate.ALREADY]
    assert refused(centre.put, batch, late).code is Code.CONFLICT
    assert loop.item(late).state is State.DIRTY
    loop.check()


def test_a_wash_taken_back_leaves_the_batch(centre: Centre) -> None:
    loop = centre.loop
    stays, goes = loop.new_cups(2)
    batch = centre.washed(stays, goes)
    query = sa.select(Scan.id).where(Scan.batch_id == batch, Scan.item_id == loop.item_id(goes))
    with Session(loop.engine) as session:
        wash = session.scalars(query).one()
    void = loop.void(goes, wash, by=loop.town.jun)
    assert void.result is Result.RECORDED
    assert (loop.item(goes).state, centre.look(batch).pieces) == (State.DIRTY, 1)
    loop.void(goes, void.id, by=loop.town.jun)
    assert (loop.item(goes).batch, centre.look(batch).pieces) == (batch, 2)
    loop.check()


def test_a_hundred_pieces_take_a_handful_of_statements(centre: Centre) -> None:
    loop = centre.loop

    def statements(cups: list[str]) -> int:
        batch = centre.begin()
        centre.put(batch, *cups)
        count = 0

        def note(*_: Any) -> None:
            nonlocal count
            count += 1

        sa.event.listen(loop.engine, "before_cursor_execute", note)
        try:
            centre.finish(batch)
        finally:
            sa.event.remove(loop.engine, "before_cursor_execute", note)
        return count

    few, many = statements(loop.new_cups(2)), statements(loop.new_cups(100))
    assert many == few < 50
