"""/api/v1/delivery/orders as platforms call it: each order once, keys changed without a gap."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.delivery.platforms.register import renew_keys
from lending.delivery.platforms.signatures import HEADER
from lending.delivery.tables import Order
from tests.delivery.platforms.program import ORDER, ORDERS, STORED, Program
from tests.delivery.platforms.world import SHOP, PlatformWorld


def test_an_order_and_how_it_stands(program: Program, world: PlatformWorld) -> None:
    more = {
        "number": "17", "contact": "0507-1234-5678", "orderer": None,
        "address": {"text": "한빛로 1", "note": "문 앞", "latitude": 37.5, "longitude": 126.7},
    }  # fmt: skip
    made = program.post(ORDER | more)
    assert made.status_code == 201
    assert made.get_json() == {
        "result": "recorded", "order": "A-1", "revision": 1, "number": "17", "reusable": True,
        "contact": "safe", "status": "waiting", "seq": 1,
    }  # fmt: skip
    again = program.post(ORDER | more)
    assert (again.status_code, again.get_json()["result"]) == (200, "repeated")
    off = program.post({"order": "A-1", "revision": 2, "shop": SHOP}, f"{ORDERS}/A-1/cancel")
    assert (off.status_code, off.get_json()["status"]) == (201, "cancelled")
    story = program.get("A-1").get_json()
    assert [(line["seq"], line["status"]) for line in story["history"]] == [
        (1, "waiting"), (2, "cancelled"),
    ]  # fmt: skip
    assert story["contact"] == "safe"
    assert program.get("A-2").status_code == 404


def test_keys_may_be_changed_without_a_gap(program: Program, world: PlatformWorld) -> None:
    def renew(at_once: bool):
        with transaction(world.loop.engine) as session:
            return renew_keys(
                session, platform_id=world.made.platform_id, at_once=at_once,
                actor=world.loop.town.officer, keys=world.loop.keys, now=datetime.now(UTC),
            )  # fmt: skip

    made = renew(False)
    new = Program(program.app, made.token, made.secret)
    assert program.post(ORDER).status_code == 201
    assert new.post(ORDER).status_code == 200
    assert Program(program.app, made.token, program.secret).post(ORDER).status_code == 200
    last = renew(True)  # these leaked
    assert program.post(ORDER).status_code == 401
    assert new.post(ORDER).status_code == 401
    assert Program(program.app, last.token, made.secret).post(ORDER).status_code == 401
    assert Program(program.app, last.token, last.secret).post(ORDER).status_code == 200


def test_another_platforms_order_is_not_there(program: Program, world: PlatformWorld) -> None:
    program.post(ORDER)
    other = world.add("배달나비", world.receiver.url)
    theirs = Program(program.app, other.token, other.secret)
    assert theirs.get("A-1").status_code == 404
    assert theirs.post(ORDER | {"number": "5"}).status_code == 201
    assert program.get("A-1").get_json()["number"] is None


def test_the_same_call_eight_times_at_once_is_one_order(
    program: Program, world: PlatformWorld
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: program.post(ORDER), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert [world.count(table) for table in STORED] == [1, 1, 1, 1]


def test_the_description_names_what_we_post(app: Flask) -> None:
    spec = app.test_client().get("/api/v1/openapi.json").get_json()
    posted = spec["webhooks"]["order_status"]["post"]
    assert posted["parameters"][0]["name"] == HEADER
    told = spec["components"]["schemas"]["StatusTold"]
    assert set(told["properties"]) == {"id", "event", "order", "seq", "status", "at"}
    for path in (ORDERS, f"{ORDERS}/{{ref}}/cancel"):
        names = [one.get("name") for one in spec["paths"][path]["post"]["parameters"]]
        assert HEADER in names, path


def test_no_plain_contact_is_stored(program: Program, world: PlatformWorld) -> None:
    number, address = "010-7654-3210", "달빛아파트 77동"
    program.post(ORDER | {"contact": number, "address": {"text": address}})
    with Session(world.loop.engine) as session:
        row = session.scalars(sa.select(Order)).one()
        assert row.contact_sealed is not None
        assert number.encode() not in row.contact_sealed
        assert b"7654" not in row.contact_sealed
