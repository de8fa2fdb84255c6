"""The dispatcher's pages of pick-ups over HTTP: planned, added to a round, and never an address."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.tables import Role
from lending.requests.pickups.views import PickupState
from lending.requests.round_tables import Round
from tests.callers import Caller, device_caller, staff_caller
from tests.moving.drivers_day import SEOUL
from tests.moving.pickup_day import DOOR, NOTE, PickupDay, make_pickup_day
from tests.moving.test_rounds_pages import hidden
from tests.personas import WASH, Loop


@pytest.fixture
def town(now_loop: Loop, engine: sa.Engine) -> PickupDay:
    return make_pickup_day(now_loop, engine)


@pytest.fixture
def olga(app: Flask, now_loop: Loop, engine: sa.Engine) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, now_loop.town, Role.OFFICER)


def tomorrow() -> str:
    return (datetime.now(UTC).astimezone(SEOUL).date() + timedelta(days=1)).isoformat()


def test_a_plan_has_them_and_an_outdated_one_is_shown_anew(olga: Caller, town: PickupDay) -> None:
    _, (lid,) = town.shop.order(1, home=DOOR)
    id = town.shop.ask(lid).pickup.id
    page = olga.open(f"/moving/rounds/plan?day={tomorrow()}").get_data(as_text=True)
    assert "두리분식에서 나간 그릇 수거" in page
    assert "아무 때나" in page
    fields = hidden(page)
    town.shop.take(id)
    answer = olga.open("/moving/rounds", "POST", data=fields)
    assert answer.status_code == 409
    assert "두리분식" not in answer.get_data(as_text=True)
    for text in (page, answer.get_data(as_text=True)):
        assert DOOR.address not in text


def test_a_plan_says_what_it_has_guessed(olga: Caller, town: PickupDay) -> None:
    """An address was typed, and nobody knows where it lies: it is planned from the shop."""
    for home, guessed in ((DOOR, 0), (replace(DOOR, latitude=None, longitude=None), 1)):
        _, (lid,) = town.shop.order(1, home=home)
        town.shop.ask(lid)
        page = olga.open(f"/moving/rounds/plan?day={tomorrow()}").get_data(as_text=True)
        assert page.count("자리 모름 – 가게 기준") == guessed


def test_one_is_added_by_hand_and_wrong_words_are_refused(olga: Caller, town: PickupDay) -> None:
    _, (lid,) = town.shop.order(1, home=DOOR)
    id = town.shop.ask(lid).pickup.id
    path, drive = f"/moving/pickups/{id}/round", str(town.day.round.id)
    for form, status in (
        ({}, 422), ({"round": "x"}, 422), ({"round": str(uuid.uuid4())}, 404)
    ):  # fmt: skip
        assert olga.open(path, "POST", data=form).status_code == status
    nowhere = f"/moving/pickups/{uuid.uuid4()}/round"
    assert olga.open(nowhere, "POST", data={"round": drive}).status_code == 404
    for _ in range(2):  # a second tap
        answer = olga.open(path, "POST", data={"round": drive})
        assert answer.status_code == 302
    assert town.shop.view(id).state is PickupState.PLANNED
    place = re.search(r"#stop-(\d+)", answer.headers["Location"])
    assert place is not None and int(place[1]) == town.stop(id).position
    page = olga.open(f"/moving/rounds/{drive}").get_data(as_text=True)
    assert page.count("두리분식에서 나간 그릇 수거") == 3
    assert DOOR.address not in page and NOTE not in page
    town.shop.take(id)
    assert "가져감" in olga.open(f"/moving/rounds/{drive}").get_data(as_text=True)
    with Session(town.shop.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Round)) == 1


def test_an_orders_bag_at_the_centre_is_not_said_to_be_empty(
    app: Flask, now_loop: Loop, town: PickupDay
) -> None:
    """Nobody has counted what is in it: the pieces are scanned one by one."""
    with transaction(now_loop.engine) as session:
        jun = device_caller(app, session, now_loop.town, WASH)
    empty = now_loop.new_crate()
    town.shop.take(town.first, town.bag)
    counts = {}
    for stage in ("taken", "standing"):
        page = jun.open(f"/moving/crates?part=1&stage={stage}").get_data(as_text=True)
        for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
            code = re.sub(r"\D", "", re.search(r"<th.*?</th>", row, re.DOTALL)[0])  # type: ignore[index]
            found = re.search(r'class="num">(.*?)</td>', row)
            counts[code[-12:]] = found and found[1]
    assert (counts[town.bag], counts[empty]) == ("하나씩 찍어요", "0")

    def bring(crate: str) -> str:
        now = datetime.now(UTC).isoformat()
        body = {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "move": "bring", "crate": crate}
        told = jun.open("/moving/crates/beep", "POST", json=body).get_json()
        assert told["outcome"] == "moved"
        return str(told["line"])

    assert "하나씩 찍어" in bring(town.bag) and bring(empty) == "0개"
    for lid in town.lids:
        town.shop.receive(lid, town.bag)
    town.shop.settle()
    assert "하나씩" not in bring(town.bag)
