"""Lives the demo's days and hands what was scanned to the writer, call by call, in time order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from lending.demo.bookings import live_bookings
from lending.demo.cafe import live_day, write_off
from lending.demo.centre import live_morning, live_round
from lending.demo.containers import live_containers
from lending.demo.desk import Desk, Happening
from lending.demo.hall import live_hall
from lending.demo.oddities import live_oddities
from lending.demo.orders import live_orders
from lending.demo.plan import KST
from lending.demo.rounds import live_rounds
from lending.demo.stocktaking import live_stocktaking
from lending.demo.supply import live_supply
from lending.demo.town import Act, Town, moment
from lending.loop.record import record_scans
from lending.loop.scans import Result

HOURS_PER_CALL = 2
LATE_CALL = 20.5  # o'clock: when a device that was offline sends

LIVES = (
    live_containers,
    live_hall,
    live_bookings,
    live_orders,
    live_supply,
    live_rounds,
    live_stocktaking,
)

Say = Callable[[str], None]


@dataclass(slots=True)
class Written:
    """How many scans the writer took and how many questions it refused."""

    recorded: int = 0
    refused: int = 0


def write_history(town: Town, desk: Desk, *, say: Say) -> Written:
    """Every day from the first to today; what today has not brought yet is left out."""
    today = desk.now.astimezone(KST).date()
    written = Written()
    for number in range(town.scale.days + 1):
        day = today - timedelta(days=town.scale.days - number)
        _live(town, day, today)
        acts = [act for act in town.acts if act.scan.at <= desk.now]
        happenings = [one for one in town.happenings if one.at <= desk.now]
        town.acts, town.happenings = [], []
        for what in _in_order(_calls(acts, day), happenings, day):
            if isinstance(what, Happening):
                what.do(desk, what.at)
            else:
                _record(desk, what, day, written)
        if number % 7 == 6 or day == today:
            say(f"  … day {number + 1} of {town.scale.days + 1}, {written.recorded:,} scans")
    return written


def _live(town: Town, day: date, today: date) -> None:
    write_off(town, day)
    live_morning(town, day, today)
    live_day(town, day)
    live_oddities(town, day, today)
    live_round(town, day, today)
    for live in LIVES:
        live(town, day, today)


def _in_order(
    calls: list[list[Act]], happenings: list[Happening], day: date
) -> list[list[Act] | Happening]:
    """Calls and happenings of a day: a call of two hours counts from its first scan on."""
    ordered: list[tuple[bool, int, datetime, int, list[Act] | Happening]] = [
        (*_span(call[0], day), call[0].scan.at, number, call) for number, call in enumerate(calls)
    ]
    for number, one in enumerate(happenings, start=len(calls)):
        ordered.append((False, _hours(one.at, day), one.at, number, one))
    return [entry[-1] for entry in sorted(ordered, key=lambda entry: entry[:-1])]


def _calls(acts: Iterable[Act], day: date) -> list[list[Act]]:
    """The acts of a day as calls: one per sender and two hours, in the order they began."""
    calls: list[list[Act]] = []
    ordered = sorted(acts, key=lambda act: (_span(act, day), act.scan.at))
    for _, spanned in groupby(ordered, key=lambda act: _span(act, day)):
        by_sender: dict[str, list[Act]] = {}
        for act in spanned:
            by_sender.setdefault(act.by, []).append(act)
        calls += by_sender.values()
    return calls


def _span(act: Act, day: date) -> tuple[bool, int]:
    return act.late, 0 if act.late else _hours(act.scan.at, day)


def _hours(at: datetime, day: date) -> int:
    return int((at - moment(day, 0)) / timedelta(hours=HOURS_PER_CALL))


def _record(desk: Desk, call: list[Act], day: date, written: Written) -> None:
    last = max(act.scan.at for act in call)
    sent = moment(day, LATE_CALL) if call[0].late else last + timedelta(seconds=1)
    receipts = record_scans(
        desk.session,
        [act.scan for act in call],
        actor=desk.actor(call[0].by),
        keys=desk.keys,
        now=min(max(sent, last), desk.now),
    )
    written.recorded += sum(1 + one.carried for one in receipts if one.result is Result.RECORDED)
    written.refused += sum(one.result is Result.REFUSED for one in receipts)
