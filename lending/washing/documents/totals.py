"""The numbers of a hygiene book by day, added up while its days are read."""

from dataclasses import dataclass, field
from datetime import date

from lending.washing.hygiene.book import BookDay, TestLine


@dataclass(frozen=True, slots=True)
class DayTotals:
    """A day's batches, pieces with a code, counted ware, pieces inspected and passed at the first
    inspection, tests, those not good, those without a result (what was entered again counts once)."""

    day: date
    numbers: tuple[int, int, int, int, int, int, int, int]


@dataclass
class Totals:
    """All days read so far."""

    days: list[DayTotals] = field(default_factory=list)

    def add(self, day: BookDay) -> None:
        """Counts a day."""
        standing = [test for test in self.tests_of(day) if not test.corrected]
        self.days.append(
            DayTotals(
                day.day,
                (
                    len(day.batches),
                    sum(line.batch.pieces for line in day.batches),
                    sum(sum(line.batch.counted.values()) for line in day.batches),
                    sum(line.inspected for line in day.batches),
                    sum(line.passed for line in day.batches),
                    len(standing),
                    sum(test.passed is False for test in standing),
                    sum(test.passed is None for test in standing),
                ),
            )
        )

    @property
    def sum(self) -> list[int]:
        """The sum of each number over the days."""
        return [
            sum(column) for column in zip(*(one.numbers for one in self.days), strict=True)
        ] or ([0] * 8)

    @staticmethod
    def tests_of(day: BookDay) -> list[TestLine]:
        """Every test of a day: of its batches, of machines, of the place; by when it was sampled."""
        tests = [test for line in day.batches for test in line.tests] + day.other_tests
        return sorted(tests, key=lambda test: (test.sampled_at, test.id))
