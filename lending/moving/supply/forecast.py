"""Tomorrow's need of a place from its own past: the weekday's pattern times the recent level; pure.

The multiplicative form of the classical decomposition (Hyndman & Athanasopoulos, Forecasting:
principles and practice, 3rd ed., 3.4), made for short and small series: a weekday's share is drawn
towards the place's mean day by as much as `CAUTION` days would weigh, and the level is that of the
last two weeks. What it is worth is measured against "as on the same day last week" on the same days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 8  # of the weekday's pattern
LEVEL_DAYS = 14
CAUTION = 2.0  # days of an average day that each weekday's mean is mixed with [I]
WEEK = timedelta(days=7)

Series = Mapping[date, int]
"""What was needed on each day the place was open; other days are missing."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How far forecasts were off over `days` place-days of which `needed` is the sum of needs.

    `ours`, `naive`: mean absolute error in pieces a day, of the formula and of the same day a week
    before; `ours_share`, `naive_share`: the same, divided by the mean need (weighted absolute
    percentage error), None where nothing was needed.
    """

    days: int
    needed: int
    ours: float
    naive: float

    @property
    def ours_share(self) -> float | None:
        return self.ours * self.days / self.needed if self.needed else None

    @property
    def naive_share(self) -> float | None:
        return self.naive * self.days / self.needed if self.needed else None

    @property
    def gain(self) -> float | None:
        """By what part of the naive error ours is smaller; below 0 where it is larger."""
        return 1 - self.ours / self.naive if self.naive else None


def forecast(series: Series, day: date) -> float:
    """Pieces needed on `day`, from the days of `series` before it; 0.0 without any.

    1. the mean of each weekday over eight weeks, drawn towards the mean of all days;
    2. the level: needs of the last two weeks ÷ what those weekdays' means would give;
    3. the weekday's mean × the level.
    """
    past = {at: n for at, n in series.items() if day - WEEKS * WEEK <= at < day}
    if not past:
        return 0.0
    mean = sum(past.values()) / len(past)
    means = {weekday: _weekday_mean(past, weekday, mean) for weekday in range(7)}
    recent = [at for at in past if at >= day - timedelta(days=LEVEL_DAYS)]
    usual = sum(means[at.weekday()] for at in recent)
    level = sum(past[at] for at in recent) / usual if usual else 1.0
    return means[day.weekday()] * level


def naive(series: Series, day: date) -> float:
    """As on the same weekday a week before; 0.0 where that day is missing."""
    return float(series.get(day - WEEK, 0))


def measure(all_series: Sequence[Series], days: Sequence[date]) -> Errors:
    """The errors over every series and each of `days` it has, each forecast only from days before.

    Only days are counted on which both can say something: there is a same day a week before.
    """
    ours = last_week = 0.0
    needed = counted = 0
    for series in all_series:
        for day in days:
            if day not in series or day - WEEK not in series:
                continue
            counted += 1
            needed += series[day]
            ours += abs(forecast(series, day) - series[day])
            last_week += abs(naive(series, day) - series[day])
    if not counted:
        return Errors(0, 0, 0.0, 0.0)
    return Errors(counted, needed, ours / counted, last_week / counted)


def _weekday_mean(past: Series, weekday: int, mean: float) -> float:
    own = [n for at, n in past.items() if at.weekday() == weekday]
    return (sum(own) + CAUTION * mean) / (len(own) + CAUTION)
