"""What a recall reaches: every piece its batches washed, wherever it is and whenever told."""

import uuid
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.washing.hygiene.tables import Scope
from tests.personas import MINUTE, WASH
from tests.washing.centre import Centre, out_to, refused, sweep


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
    from lending.washing.batches.days import name_day

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
