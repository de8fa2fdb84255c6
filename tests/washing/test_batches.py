"""Wash batches: begun, filled, finished; what they hold is what the log says."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.steps import State
from lending.people.actors import Actor
from lending.places.texts import Problem
from lending.washing.batches.lifecycle import (
    BatchIn,
    Ending,
    abort_batch,
    begin_batch,
    finish_batch,
    note_stage,
)
from lending.washing.batches.machines import ProgrammeIn, add_machine, add_programme
from lending.washing.batches.pieces import Fate, take_out_of_batch
from lending.washing.batches.tables import Measure, Stage
from lending.washing.batches.views import list_open_batches
from tests.personas import DAY, MINUTE
from tests.washing.centre import Centre, refused


def test_a_finished_batch_washes_its_pieces_and_what_is_in_its_crates(centre: Centre) -> None:
    loop = centre.loop
    loose, inside, both = loop.new_cups(3)
    crate = loop.new_crate()
    loop.pack(crate, inside, both)
    batch = centre.begin("A")
    assert [line.fate for line in centre.put(batch, loose, crate, both)] == [Fate.ADDED] * 3
    view = centre.look(batch)
    assert (view.pieces, view.crates, view.ended_at) == (3, 1, None)
    ended = loop.now
    view = centre.finish(batch)
    assert (view.pieces, view.crates, view.ended_at, view.machine) == (3, 1, ended, "A")
    for cup in (loose, inside, both):
        piece = loop.item(cup)
        assert (piece.state, piece.washes, piece.batch) == (State.WASHED, 1, batch)
    assert loop.item(inside).stay is not None and loop.item(both).stay is not None
    assert loop.pass_(crate).carried == 2
    loop.check()


def test_each_code_is_answered_and_none_sinks_the_others(centre: Centre) -> None:
    loop = centre.loop
    good, retired, taken = loop.new_cups(3)
    loop.retire(retired)
    centre.put(centre.begin(), taken)
    batch = centre.begin()
    wrong = str((int(good) + 1) % 10**12).zfill(12)
    lines = centre.put(batch, good, good, retired, taken, wrong, "bowl", f"https://x.kr/i/{good}")
    assert [(line.fate, line.error) for line in lines] == [
        (Fate.ADDED, None),
        (Fate.ALREADY, None),
        (Fate.REFUSED, Code.RETIRED),
        (Fate.REFUSED, Code.CONFLICT),
        (Fate.REFUSED, Code.BAD_CHECK_DIGIT),
        (Fate.REFUSED, Code.INVALID),
        (Fate.ALREADY, None),
    ]
    assert lines[3].code == taken
    assert centre.look(batch).pieces == 1


def test_a_crate_and_its_pieces_are_in_one_batch_only(centre: Centre) -> None:
    loop = centre.loop
    first, second = loop.new_cups(2)
    crate, other = loop.new_crate(), loop.new_crate()
    loop.pack(crate, first)
    loop.pack(other, second)
    centre.put(centre.begin(), crate, second)
    batch = centre.begin()
    lines = centre.put(batch, first, other)
    assert [line.error for line in lines] == [Code.CONFLICT] * 2


def test_what_was_put_in_by_mistake_is_taken_out(centre: Centre) -> None:
    loop = centre.loop
    stays, goes = loop.new_cups(2)
    batch = centre.begin()
    centre.put(batch, stays, goes)
    take = partial(take_out_of_batch, batch_id=batch, codes=[goes, "nothing"], actor=centre.jun)
    assert loop.write(take) == 1
    assert centre.put(centre.begin(), goes)[0].fate is Fate.ADDED
    assert centre.finish(batch).pieces == 1
    assert loop.item(goes).state is State.DIRTY
    assert refused(loop.write, take).code is Code.CONFLICT


def test_an_aborted_batch_washes_nothing_and_lets_its_pieces_go(centre: Centre) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.begin()
    centre.put(batch, cup)
    view = centre.write(abort_batch, Ending(uuid.uuid4(), batch, loop.now), actor=centre.jun)
    assert view.aborted_at == loop.now
    assert loop.item(cup).state is State.DIRTY
    assert refused(centre.finish, batch).code is Code.CONFLICT
    assert centre.put(centre.begin(), cup)[0].fate is Fate.ADDED


def test_an_end_lies_between_the_start_and_now(centre: Centre) -> None:
    loop = centre.loop
    batch = centre.begin()
    error = refused(centre.finish, batch, at=loop.now - MINUTE)
    assert (error.field, error.detail) == ("ended_at", Problem.BEFORE_START)
    error = refused(centre.finish, batch, at=loop.now + DAY)
    assert (error.field, error.detail) == ("ended_at", Problem.IN_THE_FUTURE)
    ahead = loop.now + timedelta(seconds=10)
    now = loop.now
    assert centre.finish(batch, at=ahead).ended_at == now


@pytest.mark.parametrize("value", ["82°C", "2000 RLU", "", "warm", "nan", "inf", "1_0", "1e400"])
def test_a_reading_is_a_number_without_its_unit(centre: Centre, value: str) -> None:
    error = refused(centre.read, centre.begin(), value, Measure.TEMPERATURE)
    assert (error.code, error.field, error.detail) == (Code.INVALID, "value", Problem.NUMBER_ONLY)


def test_readings_and_stages_stand_with_the_batch(centre: Centre) -> None:
    loop = centre.loop
    programme = centre.write(
        add_programme, ProgrammeIn("hot", ["pre_wash", "wash", "dry"], "80"), actor=centre.jun
    )
    batch = centre.begin("A", programme_id=programme.id)
    assert centre.look(batch).too_cold is None
    centre.read(batch, "71.5", Measure.TEMPERATURE)
    assert centre.look(batch).too_cold is True
    centre.read(batch, 82, Measure.TEMPERATURE)
    centre.read(batch, " 1.8 ", Measure.DETERGENT)
    note = partial(centre.write, note_stage, batch_id=batch, at=loop.now, actor=centre.jun)
    note(stage=Stage.WASH)
    assert refused(note, stage=Stage.STERILISE).field == "stage"
    view = centre.look(batch)
    assert (view.too_cold, view.began) == (False, {Stage.WASH: loop.now})
    assert sorted(one.value for one in view.readings) == [1.8, 71.5, 82.0]
    assert refused(centre.read, batch, "-1", Measure.DETERGENT).detail is Problem.OUT_OF_RANGE


def test_more_than_a_machine_takes_is_allowed_and_shown(centre: Centre) -> None:
    centre.machine("small", capacity=2)
    batch = centre.begin("small")
    centre.put(batch, *centre.loop.new_cups(2))
    assert not centre.look(batch).over_capacity
    centre.put(batch, *centre.loop.new_cups(1))
    assert centre.look(batch).over_capacity


def test_begun_twice_by_one_request_is_one_batch(centre: Centre) -> None:
    batch = BatchIn(uuid.uuid4(), centre.loop.now)
    begin = partial(centre.write, begin_batch, actor=centre.jun, site=centre.site())
    assert begin(batch) == begin(batch)
    other = BatchIn(batch.id, batch.started_at, machine_id=centre.machine())
    assert refused(begin, other).code is Code.ID_REUSED
    with Session(centre.loop.engine) as session:
        assert len(list_open_batches(session, site_id=centre.site().id)) == 1


def test_only_who_washes_there_acts(centre: Centre) -> None:
    town = centre.loop.town
    batch = centre.begin()
    others: list[Actor] = [town.mina, town.courier, town.machine]
    for actor in others:
        error = refused(
            centre.write, begin_batch, BatchIn(uuid.uuid4(), centre.loop.now), actor=actor,
            site=centre.site(),
        )  # fmt: skip
        assert error.code is Code.NOT_ALLOWED_HERE
        end = Ending(uuid.uuid4(), batch, centre.loop.now)
        error = refused(centre.write, finish_batch, end, actor=actor, keys=centre.loop.keys)
        assert error.code is Code.NOT_ALLOWED_HERE
    assert refused(centre.look, uuid.uuid4()).code is Code.NOT_FOUND


def test_names_stages_and_capacities_are_checked(centre: Centre) -> None:
    centre.machine("A")
    add = partial(centre.write, add_machine, site_id=centre.site().id, actor=centre.jun)
    assert refused(add, name="A", capacity=0).detail is Problem.IN_USE
    assert refused(add, name=" ", capacity=0).field == "name"
    assert refused(add, name="B", capacity=-1).field == "capacity"
    for stages in ([], ["boil"], ["dry", "wash"], ["wash", "wash"]):
        programme = ProgrammeIn("p", stages)
        assert refused(centre.write, add_programme, programme, actor=centre.jun).field == "stages"
