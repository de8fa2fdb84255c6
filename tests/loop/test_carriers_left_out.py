"""Crates and bags are no pieces: wherever pieces are counted, their own scans count for nothing."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading
from lending.loop.care.drop_evidence import load_evidence
from lending.loop.policy.limits import load_limits
from lending.loop.read.history import today_counts
from lending.loop.read.stock import stock_of_sites
from lending.loop.steps import Action, State
from lending.places.spans import Month
from lending.reminders.waiting import find_waiting
from lending.reports.report import MonthReport, make_report
from tests.drops import drop, lend_of
from tests.personas import BOX, DAY, HARU, WASH, Loop

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def moved(loop: Loop) -> tuple[str, list[str]]:
    """Two cups go out in a crate and come back in a bag, one crate scan taken back on the way."""
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    loop.pack(crate, *cups)
    wrong = loop.ship(crate, to=BOX)
    loop.void(crate, wrong.id, by=loop.town.jun)
    loop.ship(crate)
    loop.stock(crate)
    for cup in cups:
        loop.lend(cup)
        loop.give_back(cup)
    bag = loop.new_crate()
    loop.pack(bag, *cups, by=loop.town.mina)
    loop.collect(bag)
    loop.receive(bag)
    return crate, cups


Moved = tuple[str, list[str]]


def at(loop: Loop, read: Session, site: str) -> dict[Action, int]:
    return today_counts(read, site_id=loop.town.sites[site], now=loop.now)


def report(loop: Loop) -> MonthReport:
    with reading(loop.engine) as session:
        return make_report(
            session, district_id=loop.town.id, month=Month(2026, 3), zone=SEOUL, now=loop.now
        )


def test_the_days_counts_are_of_pieces(loop: Loop, read: Session, moved: Moved) -> None:
    here = at(loop, read, HARU)
    assert [here[one] for one in (Action.STOCK, Action.LEND, Action.RETURN, Action.COLLECT)] == [
        2, 2, 2, 2,
    ]  # fmt: skip
    centre = at(loop, read, WASH)
    assert (centre[Action.SHIP], centre[Action.RECEIVE], centre[Action.PASS]) == (2, 2, 2)


def test_the_stock_is_of_pieces(loop: Loop, read: Session, moved: Moved) -> None:
    for actor in (loop.town.jun, loop.town.officer, loop.town.mina):
        lines = stock_of_sites(read, actor=actor).items
        assert {line.kind for line in lines} <= {"cup-355"}
    [line] = stock_of_sites(read, actor=loop.town.jun).items
    assert (line.state, line.count) == (State.DIRTY, 2)


def test_steps_seen_in_the_month_are_of_pieces(loop: Loop, moved: Moved) -> None:
    made = report(loop)
    expected = {line.site: (line.missed, line.expected) for line in made.missed}
    # Haru: stock, lend, return, collect of two cups. The centre: wash, pass, ship, receive.
    assert expected == {loop.site(HARU): (0, 8), loop.site(WASH): (0, 8)}
    assert (made.total.lent, made.total.returned) == (2, 2)
    assert sum(bar.count for bar in made.uses) == made.rates.pieces == 2


def test_what_is_held_too_long_is_counted_without_its_crate(loop: Loop) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    loop.pack(crate, *cups)
    loop.hold(crate, by=loop.town.jun)
    loop.now += 20 * DAY

    def found(session: Session) -> dict[Any, int]:
        limits = load_limits(session, district_id=loop.town.id, now=loop.now)
        waiting = find_waiting(session, district_id=loop.town.id, limits=limits, now=loop.now)
        return {kind: one.count for (_, kind), one in waiting.items()}

    assert loop.write(found)["waiting_held"] == 3


def test_what_was_taken_from_a_place_is_counted_without_the_bag(loop: Loop) -> None:
    said, others = loop.lent_cup(), [loop.lent_cup() for _ in range(2)]
    drop(loop, said)
    for cup in others:
        loop.give_back(cup)
    bag = loop.new_crate()
    loop.pack(bag, *others, by=loop.town.mina)
    loop.collect(bag)
    with Session(loop.engine) as session:
        evidence = load_evidence(session, [lend_of(loop, said)])[lend_of(loop, said)]
    assert (evidence.pieces, evidence.emptied is not None) == (2, True)


def test_an_index_finds_the_crates_of_a_district(loop: Loop) -> None:
    names = {index["name"] for index in sa.inspect(loop.engine).get_indexes("item")}
    assert "ix_item_carrier" in names
