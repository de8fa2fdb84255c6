"""Nobody is bothered about a cup that was seen: twenty-four simulated days of a small town."""

import random

from tests.chaos.days import Days
from tests.chaos.trust import Trust, write_trust
from tests.personas import Loop


def test_nobody_is_reminded_or_paused_for_a_cup_that_anybody_has_seen(loop: Loop) -> None:
    trust = Days(loop, random.Random(5), residents=30, cups=40).run(24, 0.15, every=3)

    assert trust.good, "\n".join(write_trust(trust))
    measured(trust)
    loop.check()


def measured(trust: Trust) -> None:
    """It is worth something: reminders went out, returns were missed, scans came late."""
    assert trust.told
    assert trust.paused
    assert trust.counts["returns nobody scanned"] > 5
    assert trust.counts["late scans"] > 5
    assert {trip.by.value for trip in trust.trips.values() if trip.by} > {"return", "collect"}
