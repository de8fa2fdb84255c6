"""Lives the demo's days and hands what was scanned to the writer, call by call, in time order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from lending.demo.cafe import live_day, write_off
from lending.demo.centre import live_morning, live_round
from lending.demo.found import Founded
from lending.demo.oddities import live_oddities
from lending.demo.plan import KST
from lending.demo.town import Act, Town, moment
from lending.loop.record import record_scans
from lending.loop.scans import Result
from lending.people.keys import Keys

HOURS_PER_CALL = 2
LATE_CALL = 20.5  # o'clock: when a device that was offline sends

Say = Callable[[str], None]


@dataclass(slots=True)
class Written:
    """How many scans the writer took and how many questions it refused."""

    recorded: int = 0
    refused: int = 0


def write_history(
    session: Session,
    town: Town,
    founded: Founded,
    *,
    keys: Keys,
    now: datetime,
    say: Say,
) -> Written:
    """Every day from the first to today; what today has not brought yet is left out."""
    today = now.astimezone(KST).date()
    written = Written()
    for number in range(town.scale.days + 1):
        day = today - timedelta(days=town.scale.days - number)
        _live(town, day, today)
        acts = [act for act in town.acts if act.scan.at <= now]
        town.acts = []
        for call in _calls(acts, day):
            _record(session, call, founded, keys, now, day, written)
        if number % 7 == 6 or day == today:
            say(f"  … day {number + 1} of {town.scale.days + 1}, {written.recorded:,} scans")
    return written


def _live(town: Town, day: date, today: date) -> None:
    write_off(town, day)
    live_morning(town, day, today)
    live_day(town, day)
    live_oddities(town, day, today)
    live_round(town, day, today)


def _calls(acts: Iterable[Act], day: date) -> list[list[Act]]:
    """The acts of a day as calls: one per sender and two hours, in the order they began."""

    def span(act: Act) -> tuple[bool, int]:
        hours = (act.scan.at - moment(day, 0)) / timedelta(hours=HOURS_PER_CALL)
        return act.late, 0 if act.late else int(hours)

    calls: list[list[Act]] = []
    ordered = sorted(acts, key=lambda act: (span(act), act.scan.at))
    for _, spanned in groupby(ordered, key=span):
        by_sender: dict[str, list[Act]] = {}
        for act in spanned:
            by_sender.setdefault(act.by, []).append(act)
        calls += by_sender.values()
    return calls


def _record(
    session: Session,
    call: list[Act],
    founded: Founded,
    keys: Keys,
    now: datetime,
    day: date,
    written: Written,
) -> None:
    last = max(act.scan.at for act in call)
    sent = moment(day, LATE_CALL) if call[0].late else last + timedelta(seconds=1)
    receipts = record_scans(
        session,
        [act.scan for act in call],
        actor=founded.actors[call[0].by],
        keys=keys,
        now=min(max(sent, last), now),
    )
    written.recorded += sum(one.result is Result.RECORDED for one in receipts)
    written.refused += sum(one.result is Result.REFUSED for one in receipts)
