"""Tests of hygiene: samples, results, the plan, what is due, the book."""

import uuid
from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.notices.tables import Alert
from lending.places.texts import Problem
from lending.reminders.alerts import sweep_alerts
from lending.washing.hygiene.book import Verdict, load_certificate, open_book
from lending.washing.hygiene.piece import load_piece_hygiene
from lending.washing.hygiene.plan import KindIn, PlanView, list_kinds, set_kind, set_plan
from lending.washing.hygiene.recall_views import list_recalls
from lending.washing.hygiene.results import months_later
from lending.washing.hygiene.sweep import list_due_tests
from lending.washing.hygiene.tables import Ending
from lending.washing.rounds import sweep_washing
from tests.personas import MINUTE
from tests.washing.centre import Centre, refused


def test_a_good_reading_holds_nothing(centre: Centre) -> None:
    batch = centre.passed(*centre.loop.new_cups(2))
    view = centre.result(centre.sample(batch), 200)
    assert (view.passed, view.recall_id, view.limit) == (True, None, 200)
    assert not centre.look(batch).awaits_result


def test_the_same_result_again_changes_nothing_and_another_is_told_so(centre: Centre) -> None:
    batch = centre.passed(*centre.loop.new_cups(2))
    test = centre.sample(batch)
    first = centre.result(test, 2000)
    assert centre.result(test, "2000") == first
    assert refused(centre.result, test, 200).code is Code.CONFLICT
    with Session(centre.loop.engine) as session:
        assert len(list_recalls(session, district_id=centre.loop.town.id)) == 1


@pytest.mark.parametrize("value", ["2000 RLU", "20O", "-1", "", "nan"])
def test_a_value_is_a_number_alone(centre: Centre, value: str) -> None:
    test = centre.sample(centre.passed(*centre.loop.new_cups(1)))
    error = refused(centre.result, test, value)
    assert (error.code, error.field) == (Code.INVALID, "value")
    assert error.detail is (Problem.OUT_OF_RANGE if value == "-1" else Problem.NUMBER_ONLY)
    assert centre.result(test, 20).passed


def test_each_third_batch_of_a_machine_waits_for_a_sample(centre: Centre) -> None:
    loop = centre.loop
    plan = PlanView(sample_every=3)
    assert refused(centre.write, set_plan, plan, actor=centre.jun).code is Code.NOT_ALLOWED
    centre.write(set_plan, plan, actor=loop.town.officer)
    waits = []
    for cup in loop.new_cups(6):
        batch = centre.passed(cup, machine="A")
        waits.append(centre.look(batch).awaits_result)
    assert waits == [False, False, True, False, False, True]
    assert loop.ship(cup).error is Code.AWAITING_RESULT
    centre.result(centre.sample(batch), 10)
    assert loop.ship(cup).result is Result.RECORDED


def test_where_shipping_does_not_wait_a_sample_stops_nothing(centre: Centre) -> None:
    loop = centre.loop
    centre.write(set_plan, PlanView(ship_waits=False), actor=loop.town.officer)
    [cup] = loop.new_cups()
    centre.sample(centre.passed(cup))
    assert loop.ship(cup).result is Result.RECORDED


def test_kinds_limits_and_the_next_day_due(centre: Centre) -> None:
    loop = centre.loop
    officer = loop.town.officer
    kind = KindIn("atp", "ATP", "ATP", "RLU", "20", 0)
    assert (
        refused(loop.write, partial(set_kind, kind=kind, actor=centre.jun)).code is Code.NOT_ALLOWED
    )
    assert loop.write(partial(set_kind, kind=kind, actor=officer)).limit == 20
    with_unit = KindIn("atp", "ATP", "ATP", "RLU", "20 RLU", 0)
    assert refused(loop.write, partial(set_kind, kind=with_unit, actor=officer)).field == "limit"
    batch = centre.passed(*loop.new_cups(1))
    assert centre.result(centre.sample(batch), 21).passed is False
    assert centre.result(centre.sample(kind="e-coli", lab="인천"), 0).next_due == date(2026, 9, 2)
    assert refused(centre.sample, kind="rust").field == "kind"
    with Session(loop.engine) as session:
        assert len(list_kinds(session, district_id=loop.town.id)) == 5
        due = partial(list_due_tests, session, district_id=loop.town.id)
        assert due(today=date(2026, 8, 1)) == []
        [one] = due(today=date(2026, 8, 25))
        assert (one.kind, one.due, one.late) == ("e-coli", date(2026, 9, 2), False)
        assert due(today=date(2026, 9, 3))[0].late
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)


def test_a_sample_of_nothing_that_is_there(centre: Centre) -> None:
    loop = centre.loop
    batch = centre.passed(*loop.new_cups(1))
    assert refused(centre.sample, uuid.uuid4()).field == "batch"
    assert refused(centre.sample, machine_id=999).field == "machine"
    assert refused(centre.sample, batch, retest_of=uuid.uuid4()).field == "retest_of"
    good = centre.sample(batch)
    centre.result(good, 3)
    assert refused(centre.sample, batch, retest_of=good).field == "retest_of"
    assert refused(centre.result, uuid.uuid4(), 3).field == "test"
    assert refused(centre.recall, uuid.uuid4()).field == "recall"


def test_the_centres_alerts_open_go_up_and_close(centre: Centre) -> None:
    loop = centre.loop
    engine, keys = loop.engine, loop.keys

    def alerts() -> dict[str, tuple[int, bool]]:
        sweep_washing(engine, keys=keys, clock=lambda: loop.now)
        loop.write(partial(sweep_alerts, district_id=loop.town.id, now=loop.now))
        query = sa.select(Alert.kind, Alert.count, Alert.escalated_at)
        with Session(engine) as session:
            rows = session.execute(query.where(Alert.closed_at.is_(None)))
            return {row[0]: (row[1], row[2] is not None) for row in rows if "wash_" in row[0]}

    assert alerts() == {}
    centre.machine("small", capacity=1)
    running = centre.begin("small")
    centre.put(running, *loop.new_cups(2))
    batch = centre.passed(*loop.new_cups(3))
    test = centre.sample(batch)
    centre.result(test, 999)
    assert alerts() == {"wash_recall": (3, False), "wash_machine_full": (1, False)}
    loop.now += timedelta(minutes=31)
    centre.finish(running)
    assert alerts() == {"wash_recall": (3, True)}
    centre.again(test, 99)
    assert alerts() == {}
    centre.result(centre.sample(kind="salmonella"), 0)
    loop.now += timedelta(days=175)
    assert alerts() == {"wash_test_due": (1, False)}


def test_certificate_and_book_are_of_the_same_rows(centre: Centre) -> None:
    loop = centre.loop
    first, second, third, other = loop.new_cups(4)
    batch = centre.washed(first, second, third, machine="A")
    loop.pass_(first)
    loop.rewash(second)
    loop.pass_(second, ask=False)
    loop.wash(third)
    centre.washed(other, machine="A")
    test = centre.sample(batch, lab="인천")
    centre.result(test, 2000)
    loop.now += MINUTE
    centre.again(test, 20)
    water = centre.sample(kind="water")
    with Session(loop.engine) as session:
        line = load_certificate(session, batch_id=batch, district_id=loop.town.id)
        days = list(open_book(session, site_id=centre.site().id, year=2026, month=3).days)
        empty = list(open_book(session, site_id=centre.site().id, year=2026, month=4).days)
        assert refused(open_book, session, site_id=1, year=2026, month=13).code in (
            Code.INVALID, Code.NOT_FOUND
        )  # fmt: skip
        piece = load_piece_hygiene(session, item_id=loop.item_id(first))
        never = load_piece_hygiene(session, item_id=loop.item_id(loop.new_cups()[0]))
    assert (line.inspected, line.passed) == (2, 1)
    assert [(one.value, one.corrected, one.recall_ended) for one in line.tests] == [
        (2000, True, Ending.REENTRY),
        (20, False, None),
    ]
    [day] = days
    assert len(day.batches) == 2 and day.batches[0] == line
    assert [one.id for one in day.other_tests] == [water]
    assert empty == []
    assert (line.verdict, day.batches[1].verdict) == (Verdict.GOOD, Verdict.UNTESTED)
    assert piece is not None and never is None
    assert (piece.batch_id, piece.value, piece.limit, piece.passed) == (batch, 20, 200, True)
    assert piece.passed_at is not None and piece.passed_at > piece.washed_at


def test_a_running_batch_has_no_certificate(centre: Centre) -> None:
    batch = centre.begin()
    with Session(centre.loop.engine) as session:
        load = partial(load_certificate, session, district_id=centre.loop.town.id)
        assert refused(load, batch_id=batch).code is Code.CONFLICT
        assert refused(load, batch_id=uuid.uuid4()).code is Code.NOT_FOUND
