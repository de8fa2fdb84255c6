"""Couriers' phones on the day of two pick-ups: what they send and what their sheets show."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.moving.rounds.drivers import assign_driver
from lending.people.tables import AccessLog
from lending.photos.pictures import clean_picture
from tests.moving.drivers_day import add_courier, picture
from tests.moving.kai import Kai, caller_for
from tests.moving.pickup_day import PickupDay, make_pickup_day
from tests.personas import Loop

PHOTO = clean_picture(picture())


@pytest.fixture
def town(now_loop: Loop, engine: sa.Engine) -> PickupDay:
    return make_pickup_day(now_loop, engine, jpeg=PHOTO)


@pytest.fixture
def kai(app: Flask, now_loop: Loop, town: PickupDay) -> Kai:
    caller, owner = caller_for(app, now_loop, "kai")
    return Kai(caller, town.day, owner)


@pytest.fixture
def lea(app: Flask, now_loop: Loop, town: PickupDay, engine: sa.Engine, kai: Kai) -> Kai:
    """Another courier, who drives the same round from now on; kai has driven it."""
    staff = add_courier(now_loop, engine, "lea")
    town.day.moving.write(
        assign_driver, round_id=town.day.round.id, staff_id=staff, actor=now_loop.town.officer
    )
    caller, owner = caller_for(app, now_loop, "lea")
    return Kai(caller, town.day, owner)


def at(kai: Kai, town: PickupDay, pickup: uuid.UUID, what: str, **more: Any) -> dict[str, Any]:
    """A record at the stop of a request."""
    return kai.record(what, **more) | {"stop": str(town.stop(pickup).id)}


def shown(kai: Kai, pickup: uuid.UUID) -> dict[str, Any]:
    """The stop of a request on the phone's sheet."""
    stops = [stop for one in kai.sheet() for stop in one["stops"] if stop["pickup"]]
    return next(stop for stop in stops if stop["pickup"]["id"] == str(pickup))


def tell(who: Kai, record: dict[str, Any]) -> Any:
    return who.send(record).get_json()


def looks(loop: Loop) -> int:
    with Session(loop.engine) as session:
        query = sa.select(sa.func.count()).select_from(AccessLog)
        return session.scalar(query.where(AccessLog.what == "pick-up address")) or 0
