"""Who sees a door, until when, and what is kept of it."""

import base64
import uuid
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.photos.tables import Photo
from lending.requests.pickups.tables import Ending
from tests.moving.drivers_day import picture
from tests.moving.kai import Kai
from tests.moving.pickup_day import DOOR, NOTE, PickupDay
from tests.moving.pickup_phone import PHOTO, at, looks, shown
from tests.moving.pickup_phone import kai as kai
from tests.moving.pickup_phone import lea as lea
from tests.moving.pickup_phone import town as town
from tests.personas import Loop


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


def test_the_sheet_forgets_the_door_when_it_is_done(kai: Kai, town: PickupDay) -> None:
    assert kai.told(kai.record("begin"), at(kai, town, town.first, "take", code=town.bag)) == [
        "recorded", "recorded"
    ]  # fmt: skip
    stop = shown(kai, town.first)
    assert (stop["taken"], stop["pickup"]["mine"]) == ([town.bag], True)
    assert stop["pickup"]["door"]["address"] == DOOR.address  # the driver stands there still
    assert kai.told(at(kai, town, town.first, "done")) == ["recorded"]
    assert shown(kai, town.first)["pickup"]["door"] is None


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
