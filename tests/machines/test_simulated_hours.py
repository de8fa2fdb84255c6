"""The opening hours as the simulated machine reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.machine.hours import is_open


@pytest.mark.parametrize(
    ("hours", "open_at", "shut_at"),
    [
        ((None, None), (0, 23), ()), (("09:00", "18:00"), (9, 17), (8, 18)),
        (("18:00", "02:00"), (18, 23, 1), (2, 17)),
    ],
)  # fmt: skip
def test_hours_as_the_machine_reads_them(hours: tuple, open_at: tuple, shut_at: tuple) -> None:
    """Monday and Tuesday, of which one Tuesday is closed."""
    told = {
        "open_weekdays": [0, 1], "opens": hours[0], "closes": hours[1], "timezone": "Asia/Seoul",
        "closed_days": ["2026-03-10"],
    }  # fmt: skip

    def at(day: int, hour: int) -> bool:
        return is_open(told, datetime(2026, 3, day, hour, tzinfo=ZoneInfo("Asia/Seoul")))

    assert all(at(3, hour) for hour in open_at) and not any(at(3, hour) for hour in shut_at)
    assert at(4, 1) is (hours[0] == "18:00")  # Tuesday's night
    assert not at(10, 20) and not at(8, 12) and is_open({}, datetime.now(UTC))
