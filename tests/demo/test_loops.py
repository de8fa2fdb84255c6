"""The demo's other loops: orders, pick-ups, events, bookings and the return machine have stories."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import reading
from lending.delivery.orders.board import load_board
from lending.delivery.tables import OrderStatus
from lending.demo.make import DemoMade, make_demo
from lending.demo.plan import HALL, SMALL
from lending.events.board import hall_board
from lending.events.reading import find_events
from lending.events.values import Stage
from lending.events.verify import verify_events
from lending.machines.fleet import list_machines
from lending.moving.rounds.lifecycle import list_rounds
from lending.offices.reading import open_bookings
from lending.people.actors import Actor, ActorKind
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.places.sites import find_site

NOW = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)  # a Thursday, 15:30 in Seoul


@pytest.fixture
def demo(engine: Engine, keys: Keys) -> DemoMade:
    made = make_demo(engine, keys=keys, now=NOW, say=lambda _: None, scale=SMALL)
    assert made is not None
    return made


@pytest.fixture
def session(engine: Engine, demo: DemoMade) -> Iterator[Session]:
    with reading(engine) as session:
        yield session


@pytest.fixture
def officer(demo: DemoMade) -> Actor:
    return Actor(ActorKind.STAFF, Role.OFFICER, demo.district_id, None, 3)


def test_the_shop_has_orders_in_every_stage_and_a_pickup_waits_on_todays_round(
    session: Session, demo: DemoMade
) -> None:
    shop = find_site(session, code="SHOP-01", district_id=demo.district_id)
    board = load_board(session, site=shop, now=NOW)
    assert {day.orders - day.reusable for day in board.days} > {0}
    statuses = {one.order.status for one in board.lines}
    assert OrderStatus.PICKUP_REQUESTED in statuses
    assert sum(kind.out for kind in board.kinds)
    (drive,) = list_rounds(session, district_id=demo.district_id, day=NOW.date())
    (asked,) = [stop.pickup.request for stop in drive.stops if stop.pickup]
    assert asked.closed_at is None


def test_one_event_awaits_the_halls_answer_and_another_is_on(
    session: Session, officer: Actor
) -> None:
    assert list(verify_events(session)) == []
    events = find_events(session, district_id=officer.district_id, now=NOW)
    assert [one.stage for one in events] == [Stage.COUNTED, Stage.OUT]
    hall = find_site(session, code=HALL, district_id=officer.district_id)
    board = hall_board(session, site_id=hall.id, actor=officer, now=NOW)
    assert len(board.store) == 2
    assert [len(room.crates) for room in board.rooms if room.events] == [1]


def test_a_department_has_cups_out_and_the_machine_was_just_heard_of(
    session: Session, officer: Actor
) -> None:
    office = find_site(session, code="OFFICE", district_id=officer.district_id)
    now, later = open_bookings(session, site_id=office.id, actor=officer, now=NOW)
    assert now.tally.out
    assert not later.tally.lent
    (machine,) = list_machines(session, district_id=officer.district_id, now=NOW)
    assert machine.status is not None
    assert not machine.status.silent
    assert not machine.needs_care
