"""The driver's phone at pick-ups over HTTP: bag, lids, nothing at all, nothing there, a mistake."""

import base64
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.loop.standing_still import StopWhy
from lending.loop.steps import Action, State
from lending.moving.rounds.drivers import assign_driver
from lending.moving.rounds.lifecycle import begin_round, end_round
from lending.people.tables import AccessLog
from lending.photos.pictures import clean_picture
from lending.photos.tables import Photo
from lending.requests.pickups.tables import Ending, Why
from lending.requests.pickups.views import PickupState
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import Moving
from tests.moving.drivers_day import add_courier, picture
from tests.moving.kai import Kai, caller_for
from tests.moving.pickup_day import DOOR, NOTE, PickupDay, make_pickup_day
from tests.personas import MINUTE, NABI, Loop
from tests.races import at_once

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


def test_the_sheet_tells_where_it_is_and_each_look_is_noted(
    kai: Kai, town: PickupDay, now_loop: Loop
) -> None:
    stop = shown(kai, town.first)
    door = stop["pickup"]["door"]
    assert (door["address"], door["note"]) == (DOOR.address, NOTE)
    assert (door["latitude"], door["longitude"]) == DOOR.position
    assert stop["pickup"]["window"] is not None
    assert (stop["pickup"]["over"], stop["pickup"]["mine"], stop["taken"]) == (False, False, [])
    assert sorted(door["codes"]) == sorted([town.bag, *town.lids])
    assert (stop["leave"], stop["crates"], stop["asked"]) == (0, [], [])
    kai.sheet()
    assert looks(now_loop) == 2  # each of the two once
    answer = kai.caller.open(door["photo"])
    assert answer.get_data() == PHOTO
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown(kai, town.second)["pickup"]["door"]["photo"] is None
    assert kai.caller.open(f"/drive/doors/{town.second}").status_code == 404
    assert kai.caller.open(f"/drive/doors/{uuid.uuid4()}").status_code == 404


def test_another_courier_sees_no_door(lea: Kai, kai: Kai, town: PickupDay) -> None:
    assert kai.sheet() == []
    assert kai.caller.open(f"/drive/doors/{town.first}").status_code == 404
    assert lea.caller.open(f"/drive/doors/{town.first}").status_code == 200


def test_a_bag_is_taken_brought_and_counted(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    """From the door to the centre: the scan stops the clocks, the count closes no later than it."""
    records = [
        kai.record("begin"),
        at(kai, town, town.first, "take", code=town.bag),
        at(kai, town, town.first, "done"),
        kai.record("bring", code=town.bag),
        kai.record("end"),
    ]
    for _ in range(2):
        assert kai.told(*records) == ["recorded"] * 5
    view = town.shop.view(town.first)
    assert (view.state, view.taken_by) == (PickupState.TAKEN, kai.owner)
    assert now_loop.item(town.bag).state is State.DIRTY
    for lid in town.lids:
        assert [stop.why for stop in town.shop.stops(lid)] == [StopWhy.PICKED_UP]
        assert town.shop.is_open(lid)
    now_loop.now = datetime.now(UTC)
    for lid in town.lids:
        now_loop.one(Action.RECEIVE, lid, by=now_loop.town.jun, crate=town.bag)
    assert town.shop.settle().came == 1
    for lid in town.lids:
        [loan] = now_loop.loans(lid)
        assert loan.closed_at is not None and view.taken_at is not None
        assert loan.closed_at <= view.taken_at
    assert town.shop.view(town.first).ending is Ending.CAME
    assert town.shop.view(town.second).state is PickupState.WAITING  # the round is over
    now_loop.check()


def test_the_sheet_forgets_the_door_when_it_is_done(kai: Kai, town: PickupDay) -> None:
    assert kai.told(kai.record("begin"), at(kai, town, town.first, "take", code=town.bag)) == [
        "recorded", "recorded"
    ]  # fmt: skip
    stop = shown(kai, town.first)
    assert (stop["taken"], stop["pickup"]["mine"]) == ([town.bag], True)
    assert stop["pickup"]["door"]["address"] == DOOR.address  # the driver stands there still
    assert kai.told(at(kai, town, town.first, "done")) == ["recorded"]
    assert shown(kai, town.first)["pickup"]["door"] is None


def test_lids_or_nothing_at_all_is_scanned(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    one, other = town.loose
    records = [
        at(kai, town, town.second, "take", code=f"https://cups.example.kr/i/{one}"),
        at(kai, town, town.second, "done"),
        at(kai, town, town.first, "picked"),
        at(kai, town, town.first, "done"),
    ]
    assert kai.told(*records) == ["recorded"] * 4
    assert now_loop.item(one).state is State.COLLECTED
    assert kai.told(kai.record("bring", code=one)) == ["recorded"]  # a lid by itself
    assert now_loop.item(one).state is State.DIRTY
    assert [stop.why for stop in town.shop.stops(other)] == [StopWhy.PICKED_UP]
    assert {town.shop.view(id).state for id in (town.first, town.second)} == {PickupState.TAKEN}
    assert now_loop.item(town.bag).state is State.LENT  # nobody scanned it
    wrong = kai.record("picked", NABI), kai.record("take") | {"stop": str(town.stop(town.first).id)}
    assert kai.told(*wrong) == ["invalid", "invalid"]
    box = at(kai, town, town.first, "emptied")
    assert kai.told(box) == ["invalid"]  # a door is no box


def test_of_two_couriers_the_second_is_told_who_and_when(
    kai: Kai, lea: Kai, town: PickupDay, now_loop: Loop
) -> None:
    assert kai.told(at(kai, town, town.first, "take", code=town.bag)) == ["recorded"]
    lea.at = kai.at + MINUTE
    records = [
        at(lea, town, town.first, "take", code=town.lids[0]),
        at(lea, town, town.first, "picked"),
        at(lea, town, town.first, "nobody"),
    ]
    receipts = lea.send(*records).get_json()["receipts"]
    assert [one["result"] for one in receipts] == ["recorded"] * 3
    view = town.shop.view(town.first)
    for one in receipts:
        assert one["first"]["by"] == "kai"
        assert datetime.fromisoformat(one["first"]["at"]) == view.taken_at
    assert (view.taken_by, view.tries) == (kai.owner, 0)
    assert now_loop.item(town.lids[0]).state is State.COLLECTED  # it was in her hand
    stop = shown(lea, town.first)["pickup"]
    assert (stop["over"], stop["mine"], stop["door"]) == (True, False, None)


def test_two_couriers_at_once(kai: Kai, lea: Kai, town: PickupDay) -> None:
    picked = [at(who, town, town.first, "picked") for who in (kai, lea)]
    answers = at_once([partial(tell, *pair) for pair in zip((kai, lea), picked, strict=True)])
    assert [one["receipts"][0]["result"] for one in answers] == ["recorded"] * 2
    firsts = [one["receipts"][0]["first"] for one in answers]
    winner = next(n for n, first in enumerate(firsts) if first is None)
    assert firsts[1 - winner]["by"] == ("kai", "lea")[winner]
    assert town.shop.view(town.first).taken_by == (kai, lea)[winner].owner


def test_nothing_there_on_three_rounds_and_then_the_officer(
    kai: Kai, town: PickupDay, now_loop: Loop, engine: sa.Engine
) -> None:
    record = at(kai, town, town.first, "nobody", note="벨을 눌러도 없음")
    body = {
        "about": record["id"], "stop": record["stop"], "owner": kai.owner,
        "photo": base64.b64encode(picture()).decode(),
    }  # fmt: skip
    assert kai.caller.open("/drive/photos", "POST", json=body).status_code == 200
    for _ in range(2):
        assert kai.told(record) == ["recorded"]
    assert town.stop(town.first).outcome is StopOutcome.NOBODY
    moving = Moving(now_loop)
    for tries in (1, 2):
        view = town.shop.view(town.first)
        assert (view.tries, view.state) == (tries, PickupState.WAITING)
        [drive] = moving.drive(town.plan())
        wanted = [stop for stop in drive.stops if stop.pickup]
        assert [stop.pickup.request.id for stop in wanted if stop.pickup] == [town.first]
        staff = int(kai.owner.partition(":")[2])
        moving.write(assign_driver, round_id=drive.id, staff_id=staff, actor=now_loop.town.officer)
        again = kai.record("nobody") | {"round": str(drive.id), "stop": str(wanted[0].id)}
        assert kai.told(again) == ["recorded"]
    view = town.shop.view(town.first)
    assert (view.tries, view.state, view.to_officer_why) == (3, PickupState.OFFICER, Why.TRIES)
    assert town.plan().rounds == ()


@pytest.mark.parametrize("first", ["photo", "word"])
@pytest.mark.parametrize("ends", ["before", "between", "after"])
@pytest.mark.parametrize("taken", [True, False])
def test_of_a_door_nothing_is_kept_when_its_request_has_ended(
    kai: Kai, town: PickupDay, now_loop: Loop, engine: sa.Engine, first: str, ends: str, taken: bool
) -> None:
    """Whichever comes first, the courier's word, their photo or the end; also where another courier
    had it already."""
    if taken:
        town.shop.take(town.second, by=town.shop.kim)
    record = at(kai, town, town.second, "nobody", note="203호 초인종 고장, 010-1234-5678")
    body = {
        "about": record["id"], "stop": record["stop"], "owner": kai.owner,
        "photo": base64.b64encode(picture()).decode(),
    }  # fmt: skip

    def send(what: str) -> None:
        answer = kai.caller.open("/drive/photos", "POST", json=body) if what == "photo" else None
        assert answer.status_code == 200 if answer else kai.told(record) == ["recorded"]

    def end() -> None:
        for lid in town.loose:
            now_loop.give_back(lid)
        town.shop.settle()
        assert town.shop.view(town.second).ending is Ending.CAME

    steps: list[Any] = [partial(send, one) for one in sorted(["photo", "word"], key=first.__ne__)]
    steps.insert(["before", "between", "after"].index(ends), end)
    for step in steps:
        step()
    assert town.stop(town.second).note == ""
    with Session(engine) as session:
        about = sa.select(Photo.id).where(Photo.about == uuid.UUID(record["id"]))
        assert session.scalars(about).all() == []


def test_a_wrong_taking_is_taken_back(kai: Kai, town: PickupDay, now_loop: Loop) -> None:
    take = at(kai, town, town.first, "take", code=town.bag)
    done, undo = at(kai, town, town.first, "done"), at(kai, town, town.first, "undo", of=take["id"])
    for _ in range(2):
        assert kai.told(take, done, undo) == ["recorded"] * 3
    assert town.shop.view(town.first).state is PickupState.PLANNED
    assert now_loop.item(town.bag).state is State.LENT
    assert all(town.shop.stops(lid) == [] for lid in town.lids)
    stop = town.stop(town.first)
    assert stop.pickup is not None and stop.pickup.bag is None
    assert kai.told(at(kai, town, town.first, "take", code=town.bag)) == ["recorded"]
    assert town.shop.view(town.first).state is PickupState.TAKEN
    now_loop.check()


def test_after_the_round_what_was_not_fetched_waits(
    kai: Kai, town: PickupDay, now_loop: Loop
) -> None:
    given = {"round_id": town.day.round.id, "actor": now_loop.town.courier, "at": now_loop.now}
    now_loop.write(lambda s: begin_round(s, **given))
    now_loop.write(lambda s: end_round(s, **given))
    found = [
        stop.wish.pickup for one in town.plan().rounds for stop in one.stops if stop.wish.pickup
    ]
    assert {one.request.id for one in found} == {town.first, town.second}
