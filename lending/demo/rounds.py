"""The demo's rounds: the last driven to its end, the next planned and waiting for its driver."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from lending.demo.desk import Desk
from lending.demo.plan import (
    CENTRE,
    HALL,
    OFFICE,
    UNCOLLECTED,
    working_day_from,
    working_days_before,
)
from lending.demo.supply import MISSED
from lending.demo.town import Town, moment
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.moving.rounds.drivers import assign_driver
from lending.moving.rounds.driving import StopTold, tell_stop
from lending.moving.rounds.lifecycle import begin_round, end_round, list_rounds, open_rounds
from lending.moving.rounds.plans import plan_rounds
from lending.moving.rounds.views import RoundView, StopView
from lending.requests.collections import NewCollect, ask_collection
from lending.requests.round_tables import CollectWhy, StopOutcome

PLANNED = 17.5  # o'clock, the evening before
LEAVES, TOLD = 9.6, 12.9  # the van leaves; the driver's telephone sends what it kept
STEP = timedelta(minutes=15)  # from one stop to the next


def live_rounds(town: Town, day: date, today: date) -> None:
    """A round for the last working day and one for today, or for the next working day where the
    centre is closed today; each planned the evening of the working day before."""
    yesterday, next_one = working_days_before(today, 1), working_day_from(today)
    for planned_on, goes_on in ((working_days_before(today, 2), yesterday), (yesterday, next_one)):
        if day == planned_on:
            town.happen(moment(day, 15.0), lambda desk, at: _ask_for_the_round(desk, town, at))
            town.happen(moment(day, PLANNED), _planning(town, goes_on))
    if day == yesterday:
        town.happen(moment(day, TOLD), lambda desk, at: _drive(desk, town, day, at))


def _planning(town: Town, goes_on: date) -> Callable[[Desk, datetime], None]:
    return lambda desk, at: _plan(desk, town, goes_on, at)


def _ask_for_the_round(desk: Desk, town: Town, at: datetime) -> None:
    """A place whose cups nobody has collected for days says so again."""
    asked = NewCollect(town.make_id(at), CollectWhy.SURPLUS, crates=1, note="빈 상자도 부탁드려요")
    ask_collection(desk.session, asked, actor=desk.actor(UNCOLLECTED), now=at)


def _plan(desk: Desk, town: Town, day: date, at: datetime) -> None:
    plan = plan_rounds(desk.session, district_id=desk.district_id, depot=CENTRE, day=day, now=at)
    if not plan.rounds:
        return
    office, courier = desk.actor(OFFICE), desk.actor("courier")
    opened = open_rounds(desk.session, plan, request_id=town.make_id(at), actor=office, now=at)
    for drive in opened:
        assign_driver(desk.session, round_id=drive.id, staff_id=courier.id, actor=office, now=at)


def _drive(desk: Desk, town: Town, day: date, told: datetime) -> None:
    """Every stop in its order; one crate is left and never scanned, one place is closed."""
    for drive in list_rounds(desk.session, district_id=desk.district_id, day=day):
        at, courier = moment(day, LEAVES), desk.actor("courier")
        for stop in drive.stops:
            for crate in stop.crates:
                _beep(desk, town, "courier", Move.LOAD, crate.code, at, drive, told)
        begin_round(desk.session, round_id=drive.id, at=at, actor=courier)
        for stop in drive.stops:
            at += STEP
            _call_at(desk, town, drive, stop, at, told)
        for crate_code in town.hall_crates:
            _beep(desk, town, CENTRE, Move.BRING, crate_code, at + STEP, drive, told)
        end_round(desk.session, round_id=drive.id, at=at + STEP, actor=courier)


def _call_at(
    desk: Desk, town: Town, drive: RoundView, stop: StopView, at: datetime, told: datetime
) -> None:
    place = stop.site.code
    for crate in stop.crates:
        _beep(desk, town, "courier", Move.DELIVER, crate.code, at, drive, told)
        if place != MISSED:
            later = at + timedelta(minutes=5)
            _beep(desk, town, place, Move.RECEIVE, crate.code, later, drive, told)
    if place == HALL:
        for code in town.hall_crates:
            _beep(desk, town, "courier", Move.TAKE, code, at, drive, told, site=HALL)
    closed = place == UNCOLLECTED
    outcome = StopOutcome.NOBODY if closed else StopOutcome.DONE
    note = "문이 잠겨 있고 전화를 받지 않음" if closed else ""
    tell = StopTold(town.make_id(at), stop.id, outcome, at, note)
    tell_stop(desk.session, tell, actor=desk.actor("courier"), now=told)


def _beep(
    desk: Desk,
    town: Town,
    by: str,
    move: Move,
    crate: str,
    at: datetime,
    drive: RoundView,
    told: datetime,
    *,
    site: str | None = None,
) -> None:
    beep = Beep(town.make_id(at), move, crate, at, site, round_id=drive.id)
    move_crate(desk.session, beep, actor=desk.actor(by), keys=desk.keys, now=told)
