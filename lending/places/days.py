"""On which days a place is open, as it was known at a moment; pure."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

EVERY_DAY = 0b1111111
# A place closed for longer than this has no next opening day worth moving a due date to.
FARTHEST = 60


@dataclass(frozen=True, slots=True)
class WeekVersion:
    """The opening weekdays from `valid_from` on; bit 0 is Monday."""

    valid_from: datetime
    weekdays: int


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day announced as closed at `announced_at`, until `withdrawn_at` if it was withdrawn."""

    day: date
    announced_at: datetime
    withdrawn_at: datetime | None = None

    def stands(self, known_at: datetime) -> bool:
        """Whether the closure was announced and not withdrawn at that moment."""
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= known_at
        return self.announced_at <= known_at and not withdrawn


class OpeningDays:
    """The opening days of one place; without any version it is open every day."""

    def __init__(
        self, versions: Iterable[WeekVersion] = (), closures: Iterable[ClosedDay] = ()
    ) -> None:
        ordered = sorted(versions, key=lambda version: version.valid_from)
        self._starts = [version.valid_from for version in ordered]
        self._weekdays = [version.weekdays for version in ordered]
        self._closures: dict[date, list[ClosedDay]] = {}
        for closure in closures:
            self._closures.setdefault(closure.day, []).append(closure)

    def is_open(self, day: date, known_at: datetime) -> bool:
        """Whether the place is open on `day`, by what was in force and announced at `known_at`."""
        if not self._in_force(known_at) >> day.weekday() & 1:
            return False
        return not any(closure.stands(known_at) for closure in self._closures.get(day, ()))

    def next_open(self, day: date, known_at: datetime) -> date:
        """`day` itself or the first open day after it; `day` when none comes within 60 days."""
        for ahead in range(FARTHEST + 1):
            later = day + timedelta(days=ahead)
            if self.is_open(later, known_at):
                return later
        return day

    def _in_force(self, known_at: datetime) -> int:
        """The weekdays at a moment; a moment before the first version takes the first one."""
        if not self._starts:
            return EVERY_DAY
        return self._weekdays[max(0, bisect_right(self._starts, known_at) - 1)]
