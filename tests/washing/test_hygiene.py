"""Tests of hygiene and recalls: what is held, where it is, who is told, and how it ends."""

import uuid
from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.notices.tables import Alert, Notice, NoticeKind
from lending.places.texts import Problem
from lending.reminders.alerts import sweep_alerts
from lending.washing.hygiene.aside import list_to_set_aside, tick_set_aside
from lending.washing.hygiene.book import load_book, load_certificate, load_piece_hygiene
from lending.washing.hygiene.plan import KindIn, PlanView, list_kinds, set_kind, set_plan
from lending.washing.hygiene.recall_views import is_recalled_public, list_recalls
from lending.washing.hygiene.recalls import retire_pieces, send_to_rewash
from lending.washing.hygiene.results import months_later
from lending.washing.hygiene.sweep import list_due_tests, sweep_recalls
from lending.washing.hygiene.tables import Ending, Scope
from lending.washing.rounds import sweep_washing
from tests.loop.test_races import at_once
from tests.personas import DANA, HARU, MINUTE, NABI, WASH, Loop
from tests.washing.centre import Centre


def refused(work: Any, *args: Any, **more: Any) -> LendingError:
    with pytest.raises(LendingError) as caught:
        work(*args, **more)
    return caught.value


def out_to(loop: Loop, cup: str, site: str = HARU) -> None:
    """Ships a passed piece to a café, where it is stocked."""
    loop.ship(cup, to=site)
    loop.stock(cup, by=loop.town.mina if site == HARU else loop.town.yuna)


def told(loop: Loop) -> int:
    query = sa.select(sa.func.count()).where(Notice.kind == NoticeKind.RECALLED)
    with Session(loop.engine) as session:
        return session.scalar(query) or 0


def sweep(centre: Centre) -> Any:
    return centre.write(sweep_recalls, district_id=centre.loop.town.id, keys=centre.loop.keys)


@pytest.fixture
def spread(centre: Centre) -> tuple[uuid.UUID, dict[str, str]]:
    """A batch whose pieces went everywhere, by what became of them."""
    loop = centre.loop
    names = (
        "here",
        "haru",
        "nabi",
        "lent",
        "returned",
        "crate",
        "shipped",
        "again",
        "lost",
        "retired",
        "voided",
    )
    cups = dict(zip(names, loop.new_cups(len(names)), strict=True))
    batch = centre.passed(*cups.values())
    crate = loop.new_crate()
    loop.pack(crate, cups["crate"])
    loop.ship(crate)
    loop.ship(cups["shipped"])
    for name, site in (
        ("haru", HARU),
        ("nabi", NABI),
        ("lent", HARU),
        ("returned", HARU),
        ("lost", HARU),
    ):
        out_to(loop, cups[name], site)
    loop.lend(cups["lent"])
    loop.lend(cups["returned"], DANA)
    loop.give_back(cups["returned"])
    loop.lose(cups["lost"])
    loop.retire(cups["retired"])
    centre.passed(cups["again"])
    with Session(loop.engine) as session:
        wash = session.scalars(
            sa.select(Scan.id).where(
                Scan.batch_id == batch, Scan.item_id == loop.item_id(cups["voided"])
            )
        ).one()
    loop.void(cups["voided"], wash, by=loop.town.jun)
    return batch, cups


def test_a_failed_reading_holds_every_piece_wherever_it_is(
    centre: Centre, spread: tuple[uuid.UUID, dict[str, str]]
) -> None:
    batch, cups = spread
    loop = centre.loop
    crate_site = loop.item(cups["crate"]).site
    recall = centre.fail(batch)
    held = {cups[name] for name in cups if name not in ("again", "retired", "voided")}
    assert centre.held(recall) == held == centre.last_washed_in(batch)
    view = centre.recall(recall)
    assert (view.line.held, view.washed_later, view.retired) == (len(held), 1, 1)
    assert (view.back, view.out, view.lost) == (1, 1, 1)
    assert view.elsewhere == len(held) - 3
    assert loop.item(cups["lent"]).state is State.LENT  # held, it is still out
    assert loop.item(cups["crate"]).site == crate_site
    assert loop.item(cups["again"]).clean
    loop.check()


def test_nothing_held_is_lent_or_clean(centre: Centre) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    out_to(loop, cup)
    recall = centre.fail(batch)
    assert loop.lend(cup).error is Code.HELD
    assert not loop.item(cup).clean
    assert loop.item(cup).hold == f"recall:{recall}"


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


def test_a_value_typed_wrong_alarms_nobody_outside_and_is_taken_back(centre: Centre) -> None:
    loop = centre.loop
    here, away, lent = loop.new_cups(3)
    batch = centre.passed(here, away, lent)
    out_to(loop, away)
    out_to(loop, lent)
    loop.lend(lent)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    loop.now += MINUTE
    assert centre.held(recall) == {here, away, lent}
    assert refused(centre.confirm, recall).field == "retest"
    assert told(loop) == 0
    assert centre.again(test, 200).passed
    assert centre.held(recall) == set()
    assert centre.recall(recall).line.closed_how is Ending.REENTRY
    assert loop.item(here).clean and loop.item(away).clean
    assert loop.item(away).site == loop.town.sites[HARU]
    assert loop.lend(away).result is Result.RECORDED
    assert loop.ship(here).result is Result.RECORDED
    assert told(loop) == 0
    loop.check()


def test_entered_again_over_the_limit_it_can_be_confirmed_and_borrowers_are_told(
    centre: Centre, spread: tuple[uuid.UUID, dict[str, str]]
) -> None:
    batch, cups = spread
    loop = centre.loop
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    public = partial(_banner, centre, cups["haru"])
    assert not public()
    centre.again(test, 1900)
    assert centre.confirm(recall) == 2  # who has one, and who brought one back
    assert centre.confirm(recall) == 0
    assert told(loop) == 2
    assert public()
    assert not _banner(centre, cups["again"])
    assert refused(centre.again, test, 100).code is Code.CONFLICT


def _banner(centre: Centre, cup: str) -> bool:
    with Session(centre.loop.engine) as session:
        return is_recalled_public(session, item_id=centre.loop.item_id(cup))


def test_a_recall_ends_by_release_after_a_good_retest(centre: Centre) -> None:
    loop = centre.loop
    here, away = loop.new_cups(2)
    batch = centre.passed(here, away)
    out_to(loop, away)
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    assert refused(centre.release, recall).field == "retest"
    centre.result(centre.sample(batch, retest_of=test), 900)
    assert refused(centre.release, recall).field == "retest"
    centre.confirm(recall)
    centre.result(centre.sample(batch, retest_of=test), 90)
    assert refused(centre.release, recall, "  ").field == "reason"
    assert centre.release(recall) == 2
    loop.now += MINUTE
    assert loop.item(away).clean and loop.lend(away).result is Result.RECORDED
    assert loop.ship(here).result is Result.RECORDED
    view = centre.recall(recall)
    assert (view.line.closed_how, view.line.reason) == (Ending.RELEASED, "retest 90")
    assert refused(centre.release, recall).field == "recall"
    assert refused(centre.confirm, recall).field == "recall"
    loop.check()


def test_a_recall_ends_when_its_last_piece_was_washed_again_or_retired(centre: Centre) -> None:
    loop = centre.loop
    washed, retired, stranger = loop.new_cups(3)
    batch = centre.passed(washed, retired)
    out_to(loop, washed)
    recall = centre.fail(batch)
    end = {"recall_id": recall, "actor": centre.jun, "keys": loop.keys}
    loop.collect(washed)
    loop.receive(washed)
    assert centre.write(send_to_rewash, codes=[washed, stranger], **end) == [stranger]
    loop.now += MINUTE
    assert (loop.item(washed).state, loop.item(washed).hold) == (State.DIRTY, None)
    assert centre.recall(recall).line.closed_at is None
    assert centre.write(retire_pieces, codes=[retired], **end) == []
    loop.now += MINUTE
    assert loop.item(retired).state is State.RETIRED
    assert centre.recall(recall).line.closed_how is Ending.RETIRED
    centre.passed(washed)
    assert loop.item(washed).clean
    loop.check()


def test_a_machine_is_recalled_since_its_last_good_test(centre: Centre) -> None:
    loop = centre.loop
    old, first, second, other = loop.new_cups(4)
    good = centre.passed(old, machine="A")
    centre.result(centre.sample(good), 50)
    one = centre.passed(first, machine="A")
    two = centre.passed(second, machine="A")
    centre.passed(other, machine="B")
    recall = centre.fail(two, Scope.MACHINE)
    assert centre.held(recall) == {first, second} == centre.last_washed_in(one, two)
    # What the machine finishes before it is found good is held with the rest.
    [next_] = loop.new_cups()
    centre.washed(next_, machine="A")
    assert centre.held(recall) == {first, second, next_}
    loop.check()


def test_a_sample_of_the_machine_itself_reaches_all_of_it(centre: Centre) -> None:
    first, second = centre.loop.new_cups(2)
    centre.passed(first, machine="A")
    centre.passed(second, machine="B")
    recall = centre.fail(machine_id=centre.machine("A"))
    assert centre.held(recall) == {first}


def test_pieces_told_late_are_held_too(centre: Centre) -> None:
    loop = centre.loop
    early, late, crated, afterwards = loop.new_cups(4)
    crate = loop.new_crate()
    batch = centre.begin()
    moment = loop.now
    loop.now += MINUTE
    centre.put(batch, early, crate)
    centre.finish(batch)
    recall = centre.fail(batch)
    centre.put(batch, late, at=moment)
    assert centre.held(recall) == {early, late}
    loop.one(Action.PACK, crated, ask=False, crate=crate, at=moment, by=loop.town.jun)
    assert loop.item(crated).batch == batch
    assert sweep(centre).held == 1
    assert centre.held(recall) == {early, late, crated} == centre.last_washed_in(batch)
    assert sweep(centre).held == 0
    assert loop.item(afterwards).hold is None
    loop.check()


def test_a_later_wash_taken_back_brings_a_piece_into_reach(centre: Centre) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    later = centre.washed(cup)
    recall = centre.fail(batch)
    assert centre.held(recall) == set()
    with Session(loop.engine) as session:
        wash = session.scalars(sa.select(Scan.id).where(Scan.batch_id == later)).one()
    loop.void(cup, wash, by=loop.town.jun)
    assert sweep(centre).held == 1
    assert centre.held(recall) == {cup} == centre.last_washed_in(batch)


def test_a_later_wash_without_a_batch_is_no_good_one_where_batches_are_required(
    centre: Centre,
) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    loop.wash(cup)
    centre.require_batch()
    assert centre.held(centre.fail(batch)) == {cup}


def test_the_batch_of_a_day(centre: Centre) -> None:
    from lending.washing.batches_implicit import name_day

    loop = centre.loop
    yesterday, today, batched = loop.new_cups(3)
    loop.wash(yesterday)
    loop.now += timedelta(days=1)
    loop.wash(today)
    centre.washed(batched)
    name = partial(centre.write, name_day, site=centre.site(WASH), actor=centre.jun)
    day = name(day=loop.now.date())
    assert day == name(day=loop.now.date())
    assert (centre.look(day).pieces, centre.look(day).implicit) == (1, True)
    assert centre.held(centre.fail(day)) == {today}
    assert refused(name, day=loop.now.date() + timedelta(days=2)).field == "day"


def test_a_café_sets_its_pieces_aside_and_ticks_them_off(centre: Centre) -> None:
    loop = centre.loop
    cups = loop.new_cups(4)
    batch = centre.passed(*cups)
    for cup in cups[:3]:
        out_to(loop, cup)
    loop.lend(cups[2])
    recall = centre.fail(batch)

    def listed(site: str) -> set[str]:
        with Session(loop.engine) as session:
            return {x.code for x in list_to_set_aside(session, site_id=loop.town.sites[site])}

    assert listed(HARU) == set(cups[:2])
    assert listed(WASH) == {cups[3]}
    assert listed(NABI) == set()
    tick = partial(centre.write, tick_set_aside, site=centre.site(HARU), codes=cups)
    assert refused(tick, actor=loop.town.yuna).code is Code.NOT_ALLOWED_HERE
    assert tick(actor=loop.town.mina) == 2  # the third is lent
    assert tick(actor=loop.town.mina) == 0
    assert listed(HARU) == set()
    loop.give_back(cups[2])
    assert listed(HARU) == {cups[2]}
    places = centre.recall(recall).places
    assert {(line.site, line.state): (line.count, line.set_aside) for line in places} == {
        (HARU, State.READY): (2, 2),
        (HARU, State.RETURNED): (1, 0),
        (WASH, State.READY): (1, 0),
    }


def test_unconfirmed_for_half_an_hour_it_goes_up_once(centre: Centre) -> None:
    loop = centre.loop
    recall = centre.fail(centre.passed(*loop.new_cups(1)))
    assert sweep(centre).escalated == 0
    loop.now += timedelta(minutes=31)
    assert sweep(centre).escalated == 1
    assert sweep(centre).escalated == 0
    assert centre.recall(recall).line.escalated_at == loop.now


def test_a_confirmed_recall_is_not_passed_up_and_tells_who_borrowed_meanwhile(
    centre: Centre,
) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    out_to(loop, cup)
    lend = loop.scan(Action.LEND, cup, borrower=DANA)  # offline, told only later
    loop.now += MINUTE
    test = centre.sample(batch)
    recall = centre.result(test, 2000).recall_id
    assert recall is not None
    loop.now += MINUTE
    centre.again(test, 2000)
    assert centre.confirm(recall) == 0
    loop.go(lend, by=loop.town.mina)
    loop.now += timedelta(minutes=40)
    swept = sweep(centre)
    assert (swept.told, swept.escalated) == (1, 0)
    assert sweep(centre).told == 0


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
    done, running = loop.new_cups(2)
    first = centre.passed(done, machine="A")
    batch = centre.begin("A")
    centre.put(batch, running)
    test = centre.sample(first)
    answers = at_once(
        [partial(centre.result, test, 2000, Scope.MACHINE), partial(centre.finish, batch)]
    )
    assert centre.held(answers[0].recall_id) == {done, running}
    loop.check()


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
        book = load_book(session, site_id=centre.site().id, year=2026, month=3)
        empty = load_book(session, site_id=centre.site().id, year=2026, month=4)
        assert refused(load_book, session, site_id=1, year=2026, month=13).code in (
            Code.INVALID, Code.NOT_FOUND
        )  # fmt: skip
        piece = load_piece_hygiene(session, item_id=loop.item_id(first))
        never = load_piece_hygiene(session, item_id=loop.item_id(loop.new_cups()[0]))
    assert (line.inspected, line.passed) == (2, 1)
    assert [(one.value, one.corrected, one.recall_ended) for one in line.tests] == [
        (2000, True, Ending.REENTRY),
        (20, False, None),
    ]
    assert len(book.batches) == 2 and book.batches[0] == line
    assert [one.id for one in book.other_tests] == [water]
    assert (empty.batches, empty.other_tests) == ([], [])
    assert piece is not None and never is None
    assert (piece.batch_id, piece.value, piece.limit, piece.passed) == (batch, 20, 200, True)
    assert piece.passed_at is not None and piece.passed_at > piece.washed_at


def test_a_running_batch_has_no_certificate(centre: Centre) -> None:
    batch = centre.begin()
    with Session(centre.loop.engine) as session:
        load = partial(load_certificate, session, district_id=centre.loop.town.id)
        assert refused(load, batch_id=batch).code is Code.CONFLICT
        assert refused(load, batch_id=uuid.uuid4()).code is Code.NOT_FOUND
