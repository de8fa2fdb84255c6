"""A void that waited in a tablet counts from when it was tapped."""

import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tests.personas import MINJI, Loop
from tests.station.conftest import Till, results


def test_a_void_that_waited_for_days(till: Till, other_till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    lent = till.beep(cup, MINJI)
    days_ago(loop, lent["id"], 3)
    late = till.entry("void", cup, of=lent["id"])
    assert till.send(late)[0]["error"]["code"] == "not_allowed_here"  # tapped only today
    [told] = other_till.send(other_till.entry("void", cup, 2.5 * 1440, of=lent["id"]))
    assert told["error"]["code"] == "not_allowed_here"  # another place's
    doubt = till.entry("void", cup, 2.5 * 1440, of=lent["id"], clock_error=None, clock_lost=True)
    assert till.send(doubt)[0]["error"]["code"] == "not_allowed_here"
    # Tapped within the day; the tablet was offline since.
    assert results(till.send(till.entry("void", cup, 2.5 * 1440, of=lent["id"]))) == ["recorded"]
    assert loop.loans(cup) == []


def test_a_void_dated_back_reaches_two_weeks(till: Till, loop: Loop) -> None:
    lent = till.beep(loop.clean_cup(), MINJI)
    days_ago(loop, lent["id"], 15)
    [told] = till.send(till.entry("void", lent["code"], 14.9 * 1440, of=lent["id"]))
    assert (told["error"]["code"], told["final"]) == ("not_allowed_here", False)


def days_ago(loop: Loop, scan: str, days: int) -> None:
    """As if the server had recorded this so long ago."""
    with loop.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE scan SET recorded_at = :at WHERE id = :id").bindparams(
                sa.bindparam("at", datetime.now(UTC) - timedelta(days=days), sa.DateTime(True)),
                sa.bindparam("id", uuid.UUID(scan), sa.Uuid()),
            )
        )
