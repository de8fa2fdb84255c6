"""A month's report: all its numbers, read on one snapshot."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lending.loop.drop_counts import PlaceClaims, count_claims
from lending.places.spans import Month, span_of
from lending.reports.month import Line, Sum, by_kind, month_lines, total_of
from lending.reports.rates import Bar, Rates
from lending.reports.returns import Within, returned_within, stock_rates, uses_histogram
from lending.reports.steps_missed import MissedSteps, missed_steps


@dataclass(frozen=True, slots=True)
class MonthReport:
    """`lines`, `missed`, `claims` and `within` are of the month, `rates` and `uses` of all time as of `at`."""

    month: Month
    at: datetime
    lines: list[Line]
    kinds: list[Line]
    total: Sum
    missed: list[MissedSteps]
    claims: list[PlaceClaims]
    within: list[Within]
    rates: Rates
    uses: list[Bar]


def make_report(
    session: Session, *, district_id: int, month: Month, zone: ZoneInfo, now: datetime
) -> MonthReport:
    """The report of a local month; some fifteen statements whatever the size."""
    span = span_of(month, zone)
    lines = month_lines(session, district_id=district_id, span=span, now=now)
    return MonthReport(
        month=month,
        at=now,
        lines=lines,
        kinds=by_kind(lines),
        total=total_of(lines),
        missed=missed_steps(session, district_id=district_id, span=span),
        claims=count_claims(session, district_id=district_id, start=span.start, end=span.end),
        within=returned_within(session, district_id=district_id, span=span, now=now),
        rates=stock_rates(session, district_id=district_id, now=now),
        uses=uses_histogram(session, district_id=district_id),
    )
