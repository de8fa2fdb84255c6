"""A month of a district's own calendar, as the moments between which it lies; pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from lending.errors import Code, LendingError

FIRST_YEAR = 2000
LAST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def before(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` (counted in) to `end` (not), both UTC."""

    start: datetime
    end: datetime


def read_month(text: str) -> Month:
    """`2026-10` as a month; INVALID (field month) for anything else."""
    try:
        day = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise LendingError(Code.INVALID, field="month") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR or len(text) != 7:
        raise LendingError(Code.INVALID, field="month")
    return Month(day.year, day.month)


def month_of(moment: datetime, zone: ZoneInfo) -> Month:
    """The local month a moment lies in."""
    local = moment.astimezone(zone)
    return Month(local.year, local.month)


def span_of(month: Month, zone: ZoneInfo) -> Span:
    """From the local midnight that begins the month to the one that begins the next."""
    return Span(_midnight(month, zone), _midnight(month.next(), zone))


def _midnight(month: Month, zone: ZoneInfo) -> datetime:
    return datetime.combine(month.first_day, time(), zone).astimezone(UTC)
