"""Months, rates and histograms: pure, against numbers worked out by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from lending.errors import LendingError
from lending.places.spans import Month, month_of, read_month, span_of
from lending.reports.histogram import draw_bars, round_step
from lending.reports.rates import Bar, Counts, bars_of, rates_of

SEOUL = ZoneInfo("Asia/Seoul")


def test_a_month_lies_between_local_midnights() -> None:
    span = span_of(Month(2026, 3), SEOUL)
    assert span.start == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert span.end == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert month_of(datetime(2026, 3, 31, 15, tzinfo=UTC), SEOUL) == Month(2026, 4)
    assert month_of(datetime(2026, 3, 31, 14, 59, tzinfo=UTC), SEOUL) == Month(2026, 3)


def test_a_month_with_a_clock_change_is_an_hour_short() -> None:
    span = span_of(Month(2026, 3), ZoneInfo("Europe/Berlin"))
    assert (span.end - span.start).total_seconds() == (31 * 24 - 1) * 3600


def test_months_follow_each_other() -> None:
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2026, 1).before() == Month(2025, 12)
    assert str(read_month("2026-03")) == "2026-03"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-3", "26-03", "1899-01", "x" * 7])
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(LendingError):
        read_month(text)


def test_the_three_definitions_on_the_numbers_that_named_them() -> None:
    """인천e음컵: 7,680 cups, 16,962 uses, 1,980 lost."""
    rates = rates_of(
        Counts(
            matured=16_962,
            lost_loans=1_980,
            pieces=7_680,
            lost_pieces=1_980,
            existing_pieces=5_700,
            uses=16_962,
            uses_of_lost=1_980,
            uses_of_existing=14_982,
        )
    )
    assert rates.per_loan == pytest.approx(0.883, abs=0.001)
    assert rates.per_stock == pytest.approx(0.742, abs=0.001)
    assert rates.uses_all == pytest.approx(2.21, abs=0.01)
    assert rates.uses_lost == 1
    assert rates.uses_existing == pytest.approx(2.63, abs=0.01)


def test_nothing_is_divided_by_nothing() -> None:
    rates = rates_of(Counts(0, 0, 0, 0, 0, 0, 0, 0))
    assert {rates.per_loan, rates.per_stock, rates.uses_all} == {None}


def test_a_histogram_keeps_every_piece_and_leaves_no_hole() -> None:
    assert bars_of({}) == []
    assert bars_of({0: 3, 2: 1}) == [Bar(0, 0, 3), Bar(1, 1, 0), Bar(2, 2, 1)]
    bars = bars_of({0: 5, 4: 1, 5: 2, 59: 7})
    assert bars[0] == Bar(0, 4, 6)
    assert bars[1] == Bar(5, 9, 2)
    assert bars[-1] == Bar(55, 59, 7)
    assert len(bars) == 12
    assert sum(bar.count for bar in bars) == 15
    assert len(bars_of({100_000: 1})) <= 13


@pytest.mark.parametrize(("most", "step"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 5), (451, 200)])
def test_lines_stand_at_round_numbers(most: int, step: int) -> None:
    assert round_step(most) == step


def test_a_bar_is_as_high_as_its_count() -> None:
    chart = draw_bars([Bar(0, 0, 2), Bar(1, 1, 4), Bar(2, 2, 0)])
    assert chart is not None
    low, high, none = chart.boxes
    assert high.height == pytest.approx(2 * low.height, abs=0.2)
    assert none.height == 0
    assert high.y + high.height == pytest.approx(chart.floor, abs=0.2)
    assert draw_bars([Bar(0, 0, 0)]) is None
