"""The month's report on a town's real scans, against counts made by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lending.db import reading
from lending.loop.steps import Action
from lending.places.spans import Month
from lending.reports.month import Line, Sum
from lending.reports.report import MonthReport, make_report
from tests.personas import DANA, DAY, HARU, MINJI, NABI, WASH, Loop

MARCH, APRIL = Month(2026, 3), Month(2026, 4)
SEOUL = ZoneInfo("Asia/Seoul")


def report(loop: Loop, month: Month = MARCH) -> MonthReport:
    with reading(loop.engine) as session:
        return make_report(session, district_id=loop.town.id, month=month, zone=SEOUL, now=loop.now)


def line_of(made: MonthReport, site: str, kind: str = "cup-355") -> Line:
    return next(line for line in made.lines if (line.site, line.kind) == (site, kind))


def numbers(line: Line | Sum) -> tuple[int, int, int, int, int]:
    return line.lent, line.returned, line.seen, line.lost, line.open


def test_an_empty_month_is_empty(loop: Loop) -> None:
    made = report(loop, Month(2025, 1))
    assert (made.lines, made.missed) == ([], [])
    assert numbers(made.total) == (0, 0, 0, 0, 0)
    assert [one.rate for one in made.within] == [None, None, None]


def test_each_event_stands_at_its_place_and_kind(loop: Loop) -> None:
    haru, nabi = loop.site(HARU), loop.site(NABI)
    back, elsewhere, found, gone = loop.clean_cups(4)
    big = loop.clean_cup(HARU, "cup-473")
    for cup, who in ((back, MINJI), (elsewhere, MINJI), (found, DANA), (gone, DANA), (big, None)):
        assert loop.lend(cup, who).error is None
    loop.give_back(back)
    loop.give_back(elsewhere, by=loop.town.yuna)
    loop.receive(found)  # nobody scanned its return: seen at the washing centre
    loop.lose(gone)
    made = report(loop)
    assert numbers(line_of(made, haru)) == (4, 1, 0, 1, 0)
    assert numbers(line_of(made, haru, "cup-473")) == (1, 0, 0, 0, 1)
    assert numbers(line_of(made, nabi)) == (0, 1, 0, 0, 0)
    assert numbers(line_of(made, loop.site(WASH))) == (0, 0, 1, 0, 0)
    assert numbers(made.total) == (5, 2, 1, 1, 1)
    assert {line.kind: numbers(line) for line in made.kinds} == {
        "cup-355": (4, 2, 1, 1, 0),
        "cup-473": (1, 0, 0, 0, 1),
    }


def test_a_lost_cup_that_is_found_is_lost_no_more(loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.lose(cup)
    assert report(loop).total.lost == 1
    loop.give_back(cup)
    assert numbers(report(loop).total) == (1, 1, 0, 0, 0)


def test_a_voided_lend_counts_nowhere(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    loop.void(cup, lend.id, by=loop.town.mina)
    made = report(loop)
    assert numbers(made.total) == (0, 0, 0, 0, 0)
    # Wash, pass, ship and stock were seen; the lend taken back is neither seen nor missed.
    assert sum(line.expected for line in made.missed) == 4


def test_the_months_change_at_local_midnight(loop: Loop) -> None:
    """Lent at 23:59 on 31 March in Seoul, returned a minute after midnight."""
    cup = loop.clean_cup()
    loop.now = datetime(2026, 3, 31, 14, 59, tzinfo=UTC)
    loop.lend(cup)
    loop.now = datetime(2026, 3, 31, 15, 0, 30, tzinfo=UTC)
    loop.give_back(cup)
    loop.now += DAY
    assert numbers(report(loop, MARCH).total) == (1, 0, 0, 0, 1)
    assert numbers(report(loop, APRIL).total) == (0, 1, 0, 0, 0)


def test_a_late_fact_counts_in_the_month_it_happened(loop: Loop) -> None:
    cup = loop.lent_cup()
    happened = loop.now + DAY
    loop.now = datetime(2026, 4, 20, tzinfo=UTC)
    assert numbers(report(loop, MARCH).total) == (1, 0, 0, 0, 1)
    loop.give_back(cup, at=happened, ask=False)
    assert numbers(report(loop, MARCH).total) == (1, 1, 0, 0, 0)
    assert numbers(report(loop, APRIL).total) == (0, 0, 0, 0, 0)


def test_missed_steps_stand_at_the_place_that_noticed(loop: Loop) -> None:
    cup = loop.new_cups(1)[0]
    loop.wash(cup)
    loop.pass_(cup)
    loop.lend(cup)  # at Haru: it was neither shipped nor stocked
    made = {line.site: line for line in report(loop).missed}
    haru = made[loop.site(HARU)]
    assert haru.by_step == {Action.SHIP: 1, Action.STOCK: 1}
    assert (haru.missed, haru.expected) == (2, 3)
    assert haru.rate == 2 / 3
    wash = made[loop.site(WASH)]
    assert (wash.missed, wash.expected) == (0, 2)


def test_return_rates_count_only_loans_old_enough(loop: Loop) -> None:
    quick, slow, never, young = loop.clean_cups(4)
    start = loop.now
    for cup in (quick, slow, never):
        loop.lend(cup, None)
    loop.now = start + 3 * DAY
    loop.give_back(quick)
    loop.now = start + 10 * DAY
    loop.give_back(slow)
    loop.lend(young, None)
    loop.now = start + 15 * DAY
    within = {one.days: (one.back, one.loans) for one in report(loop).within}
    assert within == {7: (1, 3), 14: (2, 3), 30: (0, 0)}
    loop.now = start + 41 * DAY
    within = {one.days: (one.back, one.loans) for one in report(loop).within}
    assert within == {7: (1, 4), 14: (2, 4), 30: (2, 4)}


def test_a_loan_back_on_the_last_second_of_the_window_counts(loop: Loop) -> None:
    exact, late = loop.clean_cups(2)
    for cup in (exact, late):
        loop.go(loop.scan(Action.LEND, cup, borrower=None, site=loop.site(HARU)))
    opened = [loop.loans(cup)[0].opened_at for cup in (exact, late)]
    loop.now = opened[1] + 8 * DAY
    site = loop.site(HARU)
    loop.go(loop.scan(Action.RETURN, exact, at=opened[0] + 7 * DAY, site=site))
    loop.go(
        loop.scan(Action.RETURN, late, at=opened[1] + 7 * DAY + timedelta(seconds=1), site=site)
    )
    assert report(loop).within[0].back == 1


def test_the_three_rates_and_the_uses_of_a_small_stock(loop: Loop) -> None:
    """Five pieces: one used twice and back, one lost, one retired, one out, one new."""
    twice, lost, retired, out = loop.clean_cups(4)
    loop.new_cups(1)
    loop.lend(twice)
    loop.give_back(twice)
    for work in (loop.collect, loop.receive, loop.wash, loop.pass_):
        work(twice)
    loop.lend(twice)
    loop.give_back(twice)
    loop.lend(lost)
    loop.lose(lost)
    loop.lend(retired)
    loop.give_back(retired)
    loop.retire(retired)
    loop.lend(out)
    made = report(loop)
    rates = made.rates
    # Loans: 2 + 1 + 1 returned or lost; the one out is not due yet.
    assert (rates.matured, rates.lost_loans) == (4, 1)
    assert rates.per_loan == 3 / 4
    assert (rates.pieces, rates.lost_pieces) == (5, 1)
    assert rates.per_stock == 4 / 5
    assert rates.uses_all == 5 / 5
    assert rates.uses_lost == 1
    assert rates.uses_existing == 3 / 3  # twice: 2, out: 1, new: 0
    assert [(bar.first, bar.count) for bar in made.uses] == [(0, 1), (1, 1), (2, 1)]
    loop.now += 60 * DAY  # the one out is now 30 days past due, whoever wrote it off or not
    assert (report(loop).rates.matured, report(loop).rates.lost_loans) == (5, 2)


def test_another_district_is_not_counted(loop: Loop) -> None:
    loop.lent_cup()
    with Session(loop.engine) as session:
        made = make_report(
            session, district_id=loop.town.id + 999, month=MARCH, zone=SEOUL, now=loop.now
        )
    assert (made.lines, made.missed, made.uses) == ([], [], [])
    assert made.rates.pieces == 0
