"""/supply: a place's own page, as a tablet, its staff and an officer use it."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.steps import State
from lending.moving.supply.place import PlaceSupply, load_place_supply, propose
from lending.moving.supply.standing import LevelView
from lending.moving.tables import StandingOrder, SupplyLevel, SupplyOrder
from lending.people.keys import Keys
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.places.spots import Spot, place_site
from lending.requests.round_tables import CollectRequest, Emptying
from tests.callers import PASSWORD, Caller, device_caller, staff_caller
from tests.personas import BOX, HARU, NABI, WASH, Loop, found_town


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys) -> Loop:
    now = datetime.now(UTC)
    with transaction(engine) as session:
        town = found_town(session, keys, now=now)
    return Loop(engine, keys, town, now=now - timedelta(hours=3))


@pytest.fixture
def caller(app: Flask, loop: Loop) -> Callable[..., Caller]:
    """A paired tablet of a place; "officer"; or the keeper of the box."""

    def make(who: str = HARU) -> Caller:
        with transaction(loop.engine) as session:
            if who == "officer":
                return staff_caller(app, session, loop.town, Role.OFFICER)
            if who != "keeper":
                return device_caller(app, session, loop.town, who)
            new = NewStaff("keeper", PASSWORD, Role.CAFE, loop.town.sites[BOX])
            staff = add_staff(session, district_id=loop.town.id, new=new, now=loop.now)
        client = app.test_client()
        with client.session_transaction() as cookies:
            cookies["_user_id"] = f"{staff}.0"
        return Caller("keeper", client)

    return make


def post(caller: Caller, path: str, site: str = HARU, **fields: Any) -> Any:
    data = {"id": str(uuid.uuid4()), "site": site} | fields
    return caller.open(f"/supply/{path}", "POST", data=data)


def rows(loop: Loop, table: Any) -> list[Any]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(table)))


def supply(loop: Loop, site: str = HARU) -> PlaceSupply:
    with Session(loop.engine) as session:
        place = load_sites(session, site_ids=[loop.town.sites[site]])[loop.town.sites[site]]
        return load_place_supply(session, site=place, now=datetime.now(UTC))


def test_a_tap_asks_once_however_often_it_is_sent(caller, loop: Loop) -> None:
    haru, id = caller(), str(uuid.uuid4())
    for _ in range(2):
        answer = post(haru, "order", id=id, kind="cup-355", quantity="40")
        assert (answer.status_code, answer.location) == (302, "/supply#order")
    [order] = rows(loop, SupplyOrder)
    assert (order.quantity, order.site_id) == (40, loop.town.sites[HARU])
    again = post(haru, "order", id=id, kind="cup-355", quantity="50")
    assert again.status_code == 422
    assert "이미 보낸 요청이에요" in again.get_data(as_text=True)
    page = haru.open("/supply").get_data(as_text=True)
    assert "컵 355 mL 40개" in page
    assert post(haru, "order/withdraw", id=str(order.id)).status_code == 302
    assert rows(loop, SupplyOrder)[0].withdrawn_at is not None
    assert "컵 355 mL 40개" not in haru.open("/supply").get_data(as_text=True)


@pytest.mark.parametrize("quantity", ["0", "-3", "20001", "40개", "", "4e2", "1\x00"])
def test_a_wrong_number_is_told_at_its_field(caller, loop: Loop, quantity: str) -> None:
    answer = post(caller(), "order", kind="cup-414", quantity=quantity)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'class="field-error"' in text
    assert "컵 414 mL" in text  # its row is there, though the place never had one
    assert rows(loop, SupplyOrder) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "no id"}, {"kind": "no-such"}, {"kind": "crate"}, {"day": "2020-01-01"},
        {"day": "tomorrow"}, {"kind": "a\x00b"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_kept(caller, loop: Loop, fields: dict[str, str]) -> None:
    answer = post(caller(), "order", **{"kind": "cup-355", "quantity": "10"} | fields)
    assert answer.status_code == 422
    assert rows(loop, SupplyOrder) == []


def test_a_place_asks_for_itself_alone(caller, loop: Loop) -> None:
    nabi = caller(NABI)
    for path in ("order", "collect", "emptied", "level", "standing"):
        fields = {"kind": "cup-355", "quantity": "10", "why": "full", "least": "5", "fill_to": "9"}
        assert post(nabi, path, site=HARU, **fields).status_code == 403
    assert post(caller(), "order", kind="cup-355", quantity="10").status_code == 302
    [order] = rows(loop, SupplyOrder)
    assert post(nabi, "order/withdraw", site=NABI, id=str(order.id)).status_code == 403
    assert rows(loop, SupplyOrder)[0].withdrawn_at is None
    assert caller(WASH).open("/supply").status_code in (302, 403)
    assert caller(BOX).open("/supply").status_code in (302, 403)  # anybody may tap a box's tablet


def test_an_officer_chooses_the_place(caller, loop: Loop) -> None:
    officer = caller("officer")
    assert f"/supply?site={loop.site(NABI)}" in officer.open("/supply").get_data(as_text=True)
    answer = post(officer, "order", site=loop.site(NABI), kind="cup-355", quantity="10")
    assert answer.location == f"/supply?site={loop.site(NABI)}#order"
    assert rows(loop, SupplyOrder)[0].site_id == loop.town.sites[NABI]


def test_standing_orders_and_levels(caller, loop: Loop) -> None:
    haru = caller()
    post(haru, "standing", kind="cup-355", pieces="30", weekday=["0", "2", "4"])
    post(haru, "level", kind="cup-355", least="20", fill_to="60")
    [standing], [level] = rows(loop, StandingOrder), rows(loop, SupplyLevel)
    assert (standing.quantity, standing.weekdays, standing.ended_at) == (30, 0b10101, None)
    assert (level.least, level.fill_to) == (20, 60)
    page = haru.open("/supply").get_data(as_text=True)
    assert "20개 아래면 60개까지 알아서 보내요" in page
    assert "월 수 금마다 30개" in page
    wrong = post(haru, "level", kind="cup-355", least="20", fill_to="10")
    assert wrong.status_code == 422
    # "No more" is sent with the numbers that stand in the fields.
    post(haru, "level", kind="cup-355", least="20", fill_to="60", stop="1")
    post(haru, "standing", kind="cup-355", pieces="30", weekday="0", stop="1")
    assert rows(loop, SupplyLevel) == []
    assert rows(loop, StandingOrder)[0].ended_at is not None


def test_collection_is_asked_for_and_withdrawn(caller, loop: Loop) -> None:
    haru = caller()
    for crates in ("2", "3"):
        answer = post(haru, "collect", why="full", crates=crates, note="뒷문")
        assert answer.status_code == 302
    [asked] = rows(loop, CollectRequest)
    assert (asked.crates, asked.note) == (3, "뒷문")
    assert "상자 3개" in haru.open("/supply").get_data(as_text=True)
    assert post(haru, "collect/withdraw", id=str(asked.id)).status_code == 302
    assert rows(loop, CollectRequest)[0].withdrawn_at is not None
    assert post(haru, "collect", why="nonsense").status_code == 422
    assert post(haru, "collect", why="full", crates="501").status_code == 422


def test_the_keeper_empties_the_box_with_one_tap(caller, loop: Loop) -> None:
    loop.write(
        lambda s: place_site(
            s, district_id=loop.town.id, site_id=loop.town.sites[BOX], spot=Spot(10, None, None)
        )
    )
    cup = loop.lent_cup(None)
    loop.give_back(cup, by=loop.town.machine)
    keeper = caller("keeper")
    page = keeper.open("/supply").get_data(as_text=True)
    assert re.search(r"<strong>1</strong> / 10", page)
    assert "보내 주세요" not in page  # nothing is lent at a box
    id = str(uuid.uuid4())
    for _ in range(2):
        assert post(keeper, "emptied", site=BOX, id=id).status_code == 302
    [done] = rows(loop, Emptying)
    assert done.pieces == 1
    assert loop.item(cup).state is State.COLLECTED


def test_what_a_place_has_and_what_comes(caller, loop: Loop) -> None:
    loop.clean_cups(4)
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    loop.pack(crate, *cups)
    loop.ship(crate, loop.site(HARU))
    loop.clean_cups(9, at=NABI)
    post(caller(), "order", kind="cup-355", quantity="10")
    [row] = [one for one in supply(loop).kinds if one.kind.code == "cup-355"]
    assert (row.here, row.coming, row.asked) == (4, 3, 10)
    assert [one.order.quantity for one in supply(loop).asked] == [10]
    assert not any(one.kind.carrier for one in supply(loop).kinds)


LEVEL = LevelView("HARU", "cup-355", "", 20, 60, datetime(2026, 1, 1, tzinfo=UTC), "")


@pytest.mark.parametrize(
    ("need", "level", "have", "expected"),
    [
        (0.0, None, 0, (20, False)),  # nothing is known: a usual number, and no word of enough
        (16.0, None, 0, (20, False)),
        (17.0, None, 0, (30, False)),  # 21.25 with its safety, in tens
        (16.0, None, 20, (20, True)),
        (0.0, LEVEL, 12, (50, False)),  # up to the level
        (0.0, LEVEL, 20, (20, True)),  # not below it
        (40.0, LEVEL, 20, (40, False)),  # but too few for tomorrow
        (100.0, LEVEL, 20, (110, False)),
    ],
)
def test_the_proposal(
    need: float, level: LevelView | None, have: int, expected: tuple[int, bool]
) -> None:
    assert propose(need=need, level=level, have=have) == expected


def test_days_are_local(caller, loop: Loop) -> None:
    post(caller(), "order", kind="cup-355", quantity="10")
    [order] = rows(loop, SupplyOrder)
    assert order.day - supply(loop).today == timedelta(days=1)
    assert isinstance(order.day, date)
