"""The forecast: a formula on series, its error, and what it is made from."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.cli import main
from lending.demo.make import make_demo
from lending.demo.plan import Scale
from lending.moving.supply.demand import load_demand, measure_forecast
from lending.moving.supply.forecast import LEVEL_DAYS, forecast, measure, naive
from lending.people.keys import Keys
from lending.places.districts import list_districts
from lending.places.opening import Hours, set_opening
from tests.moving.conftest import TODAY, Moving
from tests.personas import DANA, DAY, HARU, MINJI, Loop

AFTERNOON = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)  # a Thursday, 15:30 in Seoul
MONDAY = date(2026, 3, 2)


def days(count: int, first: date = MONDAY) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range(count)]


def test_a_steady_place_is_forecast_as_it_is() -> None:
    series = dict.fromkeys(days(56), 12)
    assert forecast(series, MONDAY + timedelta(days=56)) == pytest.approx(12)


def test_weekdays_differ_and_stay_apart() -> None:
    series = {day: 40 if day.weekday() < 5 else 5 for day in days(56)}
    friday, sunday = MONDAY + timedelta(days=60), MONDAY + timedelta(days=62)
    assert forecast(series, friday) == pytest.approx(40, rel=0.15)
    assert forecast(series, sunday) < 13


def test_the_recent_level_counts_more_than_the_old_one() -> None:
    all_days = days(56)
    series = dict.fromkeys(all_days, 10) | dict.fromkeys(all_days[-LEVEL_DAYS:], 20)
    assert 18 < forecast(series, MONDAY + timedelta(days=56)) <= 22


def test_nothing_known_is_nothing_forecast_and_the_future_is_not_looked_at() -> None:
    assert forecast({}, MONDAY) == 0.0
    assert forecast({MONDAY: 9, MONDAY + timedelta(days=1): 9}, MONDAY) == 0.0
    assert naive({MONDAY: 9}, MONDAY + timedelta(days=7)) == 9
    assert naive({}, MONDAY) == 0


def test_errors_count_only_days_of_which_both_can_speak() -> None:
    series = {MONDAY: 10, MONDAY + timedelta(days=7): 14}
    errors = measure([series], days(8))
    assert (errors.days, errors.needed) == (1, 14)
    assert errors.naive == 4 and errors.naive_share == pytest.approx(4 / 14)
    assert measure([], days(8)).ours_share is None


def test_on_noise_the_formula_beats_last_week() -> None:
    rng = Random(7)
    series = {
        day: max(0, round(rng.gauss((20, 21, 22, 21, 23, 14, 7)[day.weekday()], 4)))
        for day in days(84)
    }
    errors = measure([series], days(84)[-28:])
    assert errors.days == 28
    assert errors.gain is not None and errors.gain > 0.1


def test_on_the_demo_the_formula_beats_last_week(
    engine: Engine, keys: Keys, database_url: str, instance: Path
) -> None:
    scale = Scale(days=30, cups=300, residents=80, loans=40)
    make_demo(engine, keys=keys, now=AFTERNOON, say=lambda _said: None, scale=scale)
    with Session(engine) as session:
        [district] = list_districts(session)
        errors = measure_forecast(session, district_id=district.id, now=AFTERNOON, days=14)
    assert errors["place"].days > 50
    assert errors["place"].ours < errors["place"].naive
    assert errors["place and kind"].ours < errors["place and kind"].naive

    environ = {"LENDING_DATABASE_URL": database_url, "LENDING_INSTANCE": str(instance)}
    with time_machine.travel(AFTERNOON, tick=False):
        said = CliRunner().invoke(main, ["forecast", "--days", "14"], env=environ)
    assert said.exit_code == 0
    line = next(line for line in said.stdout.splitlines() if line.startswith("place  "))
    assert str(errors["place"].needed) in line
    assert f"{errors['place'].ours:.2f}" in line and f"{errors['place'].naive:.2f}" in line


def test_need_is_what_was_lent_on_local_days(loop: Loop, moving: Moving) -> None:
    def lend(count: int) -> None:
        for cup in loop.clean_cups(count, HARU):
            loop.lend(cup, [MINJI, DANA][count % 2])

    lend(2)  # on Monday from ten in the morning
    loop.now += DAY * 2
    lend(1)
    loop.now = loop.now.replace(hour=15, minute=30)  # half past midnight of Thursday in Seoul
    lend(1)
    until = TODAY + timedelta(days=4)
    demand = moving.read(load_demand, district_id=loop.town.id, until=until, now=loop.now)
    [series] = demand.series.values()
    assert series == dict(zip(days(4, TODAY), [2, 0, 1, 1], strict=True))


def test_a_day_closed_is_no_day_without_need(loop: Loop, moving: Moving) -> None:
    hours = Hours(loop.now, 0b1111101)  # not on Tuesdays
    loop.write(lambda s: set_opening(s, site_id=loop.town.sites[HARU], hours=hours, now=loop.now))
    [cup] = loop.clean_cups(1, HARU)
    loop.lend(cup)
    until = TODAY + timedelta(days=3)
    demand = moving.read(load_demand, district_id=loop.town.id, until=until, now=loop.now + 3 * DAY)
    [(key, series)] = demand.series.items()
    assert key == (loop.town.sites[HARU], loop.town.kinds["cup-355"])
    assert sorted(series) == [TODAY, TODAY + timedelta(days=2)]
