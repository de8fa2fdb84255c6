"""The demo's centre and what is on the move: something to look at on each of their pages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import reading
from lending.demo.make import DemoMade, make_demo
from lending.demo.plan import CENTRE, HALL, SMALL, TINY, Scale, working_day_from
from lending.loop.verify import verify
from lending.moving.packing.lists import list_packing
from lending.moving.rounds.lifecycle import list_rounds, load_result
from lending.moving.supply.orders import list_orders
from lending.moving.supply.proposals import propose_supply
from lending.people.keys import Keys
from lending.places.sites import SiteView, find_site
from lending.requests.collections import open_collections
from lending.requests.round_tables import StopOutcome
from lending.requests.watch import CRATE_MISSING, find_stuck
from lending.wares.balances import place_totals
from lending.wares.parts import list_sets
from lending.wares.stocktaking.result import load_result as stocktaken
from lending.wares.stocktaking.sessions import list_sessions
from lending.wares.stocktaking.tables import Verdict
from lending.wares.verify import verify_counts
from lending.wares.ways import Condition
from lending.washing.batches.views import list_batches, list_open_batches
from lending.washing.hygiene.aside import list_to_set_aside
from lending.washing.hygiene.recall_views import list_recalls
from lending.washing.hygiene.sweep import list_due_tests
from lending.washing.hygiene.tables import Ending

AFTERNOON = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)  # a Thursday, 15:30 in Seoul
TODAY, YESTERDAY = date(2026, 9, 17), date(2026, 9, 16)


@pytest.fixture
def demo(engine: Engine, keys: Keys) -> DemoMade:
    return make(engine, keys)


@pytest.fixture
def session(engine: Engine, demo: DemoMade) -> Iterator[Session]:
    with reading(engine) as session:
        yield session


def make(engine: Engine, keys: Keys, now: datetime = AFTERNOON, scale: Scale = SMALL) -> DemoMade:
    made = make_demo(engine, keys=keys, now=now, say=lambda line: None, scale=scale)
    assert made is not None
    return made


def site(session: Session, code: str) -> SiteView:
    return find_site(session, code=code)


def test_batches_of_a_week_and_the_machines_now(session: Session, demo: DemoMade) -> None:
    centre = site(session, CENTRE)
    week = list_batches(
        session, site_id=centre.id, begins=AFTERNOON - timedelta(days=8), ends=AFTERNOON
    )
    assert {one.machine for one in week} == {"터널식 1호기", "초음파 2호기"}
    assert len(week) > 6
    assert all(one.readings for one in week if one.ended_at is not None)
    assert not any(one.over_capacity or one.too_cold for one in week)
    (running,) = list_open_batches(session, site_id=centre.id)
    assert running.pieces
    assert len(running.began) == 2


def test_one_recall_is_over_and_one_is_open_on_todays_ware(
    session: Session, demo: DemoMade
) -> None:
    (past,) = list_recalls(session, district_id=demo.district_id, is_open=False)
    assert past.closed_how is Ending.RELEASED
    assert past.open == 0
    (recall,) = list_recalls(session, district_id=demo.district_id)
    assert 0 < recall.open <= 12
    assert recall.confirmed_at is None
    assert recall.opened_at == AFTERNOON

    # The cafés have something to set aside, and a test is due soon.
    asked = [
        list_to_set_aside(session, site_id=site(session, code).id)
        for code in ("CAFE-01", "CAFE-02", "CAFE-03")
    ]
    assert any(asked)
    (due,) = list_due_tests(session, district_id=demo.district_id, today=TODAY)
    assert (due.kind, due.late) == ("e-coli", False)


def test_counted_ware_was_out_came_back_short_and_adds_up(session: Session, demo: DemoMade) -> None:
    assert list(verify_counts(session)) == []
    centre, hall = site(session, CENTRE), site(session, HALL)
    totals = {
        (one.site_id, one.kind, one.condition): one.loose + one.in_crates
        for one in place_totals(session, district_id=demo.district_id)
    }
    # Of 600, three crates of 80 went to the hall's store; 3 are missing, 4 broken.
    assert totals[centre.id, "bowl", Condition.CLEAN] == 600 - 240 - 3 - 4
    assert totals[centre.id, "spoon", Condition.WASHED] == 394
    # One crate of the store is at an event.
    here = {kind: count for (place, kind, _), count in totals.items() if place == hall.id}
    assert here == {"bowl": 160, "plate": 160, "spoon": 200}
    (lids,) = list_sets(session, district_id=demo.district_id)
    assert lids.missing == 1

    # The café's stocktaking has ended with a cup too few.
    officer = _officer(demo)
    found = list_sessions(session, actor=officer).items
    results = [stocktaken(session, session_id=one.id, actor=officer) for one in found]
    assert [one.session.is_open for one in results] == [False]
    assert any(one.pieces.get(Verdict.MISSING) for one in results)


def test_yesterdays_round_left_a_crate_behind_and_todays_waits(
    session: Session, demo: DemoMade
) -> None:
    (driven,) = list_rounds(session, district_id=demo.district_id, day=YESTERDAY)
    assert driven.ended_at is not None
    outcomes = {one.site.code: one.outcome for one in driven.stops}
    assert outcomes["CAFE-06"] is StopOutcome.NOBODY
    assert outcomes["CAFE-01"] is StopOutcome.DONE
    result = load_result(session, round_id=driven.id, district_id=demo.district_id)
    assert [one.to_site for one in result.missing] == ["CAFE-02"]
    assert result.brought == 2
    stuck = find_stuck(session, district_id=demo.district_id, now=AFTERNOON)
    assert [one.count for one in stuck if one.kind == CRATE_MISSING] == [1]

    (waiting,) = list_rounds(session, district_id=demo.district_id, day=TODAY)
    assert waiting.begun_at is None
    assert {"CAFE-01", "CAFE-06"} <= {one.site.code for one in waiting.stops}
    assert sum(len(one.crates) for one in waiting.stops) >= 2
    assert [one.site for one in open_collections(session, district_id=demo.district_id)] == [
        "CAFE-06", "CAFE-01",
    ]  # fmt: skip


def test_orders_were_asked_decided_and_partly_packed(session: Session, demo: DemoMade) -> None:
    orders = list_orders(session, district_id=demo.district_id, first=TODAY, last=TODAY)
    assert {"tap", "standing"} <= {one.why for one in orders}
    decided = [
        one
        for one in propose_supply(session, district_id=demo.district_id, day=TODAY, now=AFTERNOON)
        if one.decided is not None
    ]
    assert len(decided) == 4
    lists = list_packing(session, district_id=demo.district_id, day=TODAY)
    assert len(lists) == 4
    assert {bool(one.left) for one in lists} == {True, False}


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 9, 16, 15, 5, tzinfo=UTC),  # just after midnight in Seoul
        datetime(2026, 9, 17, 0, 30, tzinfo=UTC),  # while the shelves are filled
        datetime(2026, 9, 19, 23, 50, tzinfo=UTC),  # a Sunday morning: the centre is closed
        datetime(2026, 9, 21, 3, 50, tzinfo=UTC),  # Monday noon, after such a Sunday
    ],
    ids=["midnight", "morning", "sunday", "monday"],
)
def test_it_can_be_made_at_any_time(engine: Engine, keys: Keys, now: datetime) -> None:
    demo = make(engine, keys, now)
    assert list(verify(engine)) == []
    with reading(engine) as session:
        assert list(verify_counts(session)) == []
        assert len(list_recalls(session, district_id=demo.district_id)) == 1
        today = (now + timedelta(hours=9)).date()
        assert list_rounds(session, district_id=demo.district_id, day=working_day_from(today))
        assert list_open_batches(session, site_id=site(session, CENTRE).id)


def test_a_demo_of_two_days_is_whole_too(engine: Engine, keys: Keys) -> None:
    make(engine, keys, scale=TINY)
    assert list(verify(engine)) == []
    with reading(engine) as session:
        assert list(verify_counts(session)) == []


def _officer(demo: DemoMade):
    from lending.people.actors import Actor, ActorKind
    from lending.people.tables import Role

    return Actor(ActorKind.STAFF, Role.OFFICER, demo.district_id, None, 1)
