"""What belongs to a person stays sealed: numbers and addresses are told to every part of the system
in every way there is, and then looked for in every page, export, log line and stored byte."""

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import lending
from config import Config
from lending.cli.worker import make_jobs
from lending.db import transaction
from lending.delivery.platforms.register import add_platform
from lending.delivery.platforms.shops import name_shop
from lending.delivery.platforms.signatures import HEADER, sign
from lending.delivery.tables import Order
from lending.machines.setting import SetUp, set_machine
from lending.ops.worker import set_up_worker_logs
from lending.people.profile import agree_terms
from lending.people.tables import Role
from lending.requests.pickups.tables import OrderPlace, Pickup
from tests.browser.full_district import fill_district
from tests.callers import (
    Caller,
    device_caller,
    resident_caller,
    staff_caller,
    token_caller,
)
from tests.delivery.platforms.receiver import Receiver
from tests.personas import BOX, HARU, MINJI, Loop
from tests.whole.crawl import Canaries, text_of, walk

SHOP = "SHOP"  # of tests/delivery/filled.py
OWN = "shop-17"


class Town:
    """Everybody who is told something of a person, with their programs and browsers."""

    def __init__(self, app: Flask, loop: Loop, receiver: Receiver) -> None:
        self.app, self.loop, self.known = app, loop, Canaries()
        with transaction(loop.engine) as session:
            town, now = loop.town, datetime.now(UTC)
            self.office = staff_caller(app, session, town, Role.OFFICER)
            self.courier = staff_caller(app, session, town, Role.COURIER)
            self.cafe = staff_caller(app, session, town, Role.CAFE)
            self.till = device_caller(app, session, town, HARU)
            self.shop = device_caller(app, session, town, SHOP)
            self.program = token_caller(app, session, Role.CAFE)
            self.machine = token_caller(app, session, Role.MACHINE, BOX)
            self.minji = resident_caller(app, town)
            agree_terms(session, resident_id=town.residents[MINJI], how="test", now=now)
            self.made = add_platform(
                session, name="배달하루", callback_url=receiver.url, actor=town.officer,
                keys=loop.keys, now=now, anywhere=True,
            )  # fmt: skip
            name_shop(
                session, platform_id=self.made.platform_id, shop=OWN, site=SHOP,
                actor=town.officer, now=now,
            )  # fmt: skip
            set_machine(
                session, SetUp(takes_bottles=True), site_id=town.sites[BOX], actor=town.officer,
                now=now,
            )  # fmt: skip
        self.stranger = Caller("stranger", app.test_client())
        loop.now = datetime.now(UTC) - timedelta(hours=1)
        self.cups = loop.clean_cups(3)
        self.ware = loop.clean_cups(8, SHOP)

    def tell(self, caller: Caller, path: str, body: Any, *good: int, **more: Any) -> Any:
        """A post that is to be answered so."""
        answer = caller.open(path, "POST", **({"json": body} | more))
        assert answer.status_code in (good or (200,)), (path, answer.status_code, answer.text[:500])
        return answer

    def form(self, caller: Caller, path: str, *good: int, **data: Any) -> Any:
        return self.tell(caller, path, None, *(good or (302,)), json=None, data=data)

    def platform(self, body: dict[str, Any]) -> Any:
        raw = json.dumps(body).encode()
        headers = {
            HEADER: sign(raw, secrets=[self.made.secret], at=datetime.now(UTC)),
            "Authorization": f"Bearer {self.made.token}",
        }
        return self.app.test_client().post("/api/v1/delivery/orders", data=raw, headers=headers)

    def records(self, *records: dict[str, Any]) -> list[dict[str, Any]]:
        """What the shop's tablet tells."""
        now = datetime.now(UTC).isoformat()
        told = [{"id": str(uuid.uuid4()), "at": now} | record for record in records]
        answer = self.tell(self.shop, "/delivery/records", {"sent_at": now, "records": told})
        receipts: list[dict[str, Any]] = answer.get_json()["receipts"]
        return receipts


@pytest.fixture
def loud(config: Config) -> Config:
    """Every log line there is."""
    return replace(config, log_level="debug", callbacks_anywhere=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def town(loop: Loop, loud: Config, receiver: Receiver) -> Iterator[Town]:
    fill_district(loop)
    app = lending.create_app(loud)
    yield Town(app, loop, receiver)
    app.extensions["lending"].engine.dispose()


def test_nothing_of_a_person_is_met_in_plain(
    town: Town, loud: Config, backend: str, capfd: pytest.CaptureFixture[str], receiver: Receiver
) -> None:
    asked = say_everything(town)
    work(loud, town)
    check_pages(
        town, town.office, town.courier, town.cafe, town.till, town.shop, town.minji, town.program,
        town.machine, town.stranger,
    )  # fmt: skip
    bring_everything_back(town)
    work(loud, town)
    check_pages(town, town.office, town.shop, is_over=True)
    check_erased(town, asked)
    logged = capfd.readouterr()
    lines = (logged.out + logged.err).encode()
    assert lines.count(b'"event": "request"') > 300  # it was listening
    assert lines.count(b'"job": "') > 0
    assert town.known.found_in(lines) == []
    assert town.known.found_in(b"".join(heard.body for heard in receiver.heard)) == []
    assert receiver.heard
    raw = stored_bytes(town.loop.engine, backend)
    assert b"SHOP" in raw  # it was read
    assert town.known.found_in(raw) == []


# -- all that can be told of a person ---------------------------------------------------------


def say_everything(town: Town) -> dict[str, str]:
    """Numbers and addresses by every door; the pieces that are out for orders, by address kind."""
    number, words = town.known.number, town.known.words
    now = datetime.now(UTC)
    borrowers = [
        number("010-7391-4628"), number("+82 10 8264 1597"), number("0507-6418-2935"),
        number("010-9999-7777-1"), words("kanarienvogel@example.org"),
    ]  # fmt: skip
    scans = [
        {
            "id": str(uuid.uuid4()), "action": "lend", "code": cup, "at": now.isoformat(),
            "borrower": borrower, "intent": "fact",
        }
        for cup, borrower in zip([*town.cups, *town.ware[6:]], borrowers, strict=True)
    ]  # fmt: skip
    town.tell(town.program, "/api/v1/scans", {"sent_at": now.isoformat(), "scans": scans})
    for borrower in borrowers:
        town.tell(
            town.till,
            "/scan/person",
            {"raw": borrower, "at": now.isoformat(), "sent_at": now.isoformat()},
            200,
            404,
            409,
            422,
        )
        town.form(town.stranger, "/my/sign-in", 302, 422, 429, contact=borrower)
    platforms_and_pass(town)
    orders = town_orders(town)
    town.form(
        town.office,
        "/office/residents",
        302,
        422,
        contact=number("010-2958-7314"),
        reason="전화 문의",
    )
    town.form(town.office, "/office/residents", contact=borrowers[0], reason="전화 문의")
    for path in (
        f"/i/{number('01064173829')}",
        f"/office/loans?after={number('010-6417-3830')}",
        f"/p/{number('01064173831')}",
    ):
        for caller in (town.office, town.stranger):
            caller.open(path)
    bottles(town, number("010-5173-8264"), number("050-7351-7382"))
    hostile(town, number("010-1827-3645"))
    return orders


def platforms_and_pass(town: Town) -> None:
    """What platforms and the shop's tablet tell of orderers."""
    number, words = town.known.number, town.known.words
    for ref, contact, address in (
        ("A-1", number("010-6284-9175"), words("달무리아파트 508동 1917호")),
        ("A-2", number("0507-1846-2953"), words("은하수로 731 별빛빌라")),
        ("A-3", number("010-3857-29"), words("안개골목 94-2")),
    ):
        place = {
            "text": address,
            "note": words(f"{ref} 우산꽂이 뒤"),
            "latitude": 37.5,
            "longitude": 126.7,
        }
        answer = town.platform(
            {"order": ref, "revision": 1, "shop": OWN, "reusable": True, "number": ref,
             "contact": contact, "address": place}
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
    token = words("주문자-8842-초롱")
    refused = town.platform({"order": token, "revision": 1, "shop": number("010-7777-2468")})
    assert refused.status_code == 422
    answer = town.platform(
        {"order": "A-4", "revision": 1, "shop": OWN, "reusable": True, "orderer": token}
    )
    assert answer.status_code == 201


def town_orders(town: Town) -> dict[str, str]:
    """Three orders packed: the platform's first two, and one that the shop knows alone."""
    number, words = town.known.number, town.known.words
    occasions = [str(uuid.uuid4()) for _ in range(3)]
    told = []
    for place, occasion in enumerate(occasions):
        told += [
            {"what": "beep", "order": occasion, "code": town.ware[2 * place]},
            {"what": "beep", "order": occasion, "code": town.ware[2 * place + 1]},
        ]
    told += [
        {"what": "number", "order": occasions[0], "text": "A-1"},
        {"what": "number", "order": occasions[1], "text": "A-2"},
        {"what": "contact", "order": occasions[2], "text": number("010-3857-2946")},
    ]
    assert {one["result"] for one in town.records(*told)} == {"recorded"}
    with Session(town.loop.engine) as session:
        last = session.scalars(
            sa.select(Order.id).where(Order.occasion_id == uuid.UUID(occasions[2]))
        ).one()
    page = f"/delivery/orders/{last}"
    town.form(town.shop, f"{page}/contact", contact=number("0504-9273-1856"))
    town.form(town.shop, f"{page}/contact", 422, contact=number("010-8163-59"))
    town.form(
        town.shop, f"{page}/place", address=words("노을마을 26단지"), note=words("화분 밑 열쇠")
    )
    asked = {}
    for place, (cup, how) in enumerate(((town.ware[0], "door"), (town.ware[2], "elsewhere"))):
        phone = Caller(f"phone {place}", town.app.test_client())
        phone.open(f"/i/{cup}/pickup")
        answer = town.form(
            phone, f"/i/{cup}/pickup", id=str(uuid.uuid4()), place=how, window="any",
            note=words(f"{how} 파란 대문 옆"), address=words("물레방아길 3-17") if how == "elsewhere" else "",
        )  # fmt: skip
        asked[cup] = answer.location
    return asked


def bottles(town: Town, *people: str) -> None:
    """Bottles of persons at a machine."""
    now = datetime.now(UTC).isoformat()
    deposits = [
        {"id": str(uuid.uuid4()), "offered": 3, "at": now, "person": person} for person in people
    ]
    town.tell(town.machine, "/api/v1/machines/bottles", {"sent_at": now, "deposits": deposits})


def hostile(town: Town, number: str) -> None:
    """A number where none belongs: ids, codes, unknown fields, broken JSON."""
    for caller, path in (
        (town.program, "/api/v1/scans"), (town.machine, "/api/v1/machines/returns"),
        (town.machine, "/api/v1/machines/heartbeat"), (town.program, "/api/v1/moves"),
        (town.shop, "/delivery/records"), (town.till, "/scan/beep"),
    ):  # fmt: skip
        for body in (
            {number: number},
            {"sent_at": number, "scans": [{"id": number, "code": number}]},
        ):
            assert caller.open(path, "POST", json=body).status_code < 500, path
        broken = caller.open(path, "POST", data=f'{{"{number}', content_type="application/json")
        assert broken.status_code < 500, path


# -- time passes ------------------------------------------------------------------------------


def work(loud: Config, town: Town) -> None:
    """A round of everything the worker does."""
    set_up_worker_logs("debug")
    for _ in range(2):
        for job in make_jobs(loud, town.loop.engine, town.loop.keys):
            counts = job.run(threading.Event().is_set)
            print(json.dumps({"job": job.name, "counts": dict(counts)}))


def bring_everything_back(town: Town) -> None:
    """All ware is brought to a café; what is announced alone is cancelled by its platform."""
    for cup in town.ware:
        town.loop.now = datetime.now(UTC)
        town.loop.give_back(cup)
    for ref in ("A-3", "A-4"):
        raw = json.dumps({"order": ref, "revision": 2, "shop": OWN}).encode()
        answer = town.app.test_client().post(
            f"/api/v1/delivery/orders/{ref}/cancel",
            data=raw,
            headers={
                HEADER: sign(raw, secrets=[town.made.secret], at=datetime.now(UTC)),
                "Authorization": f"Bearer {town.made.token}",
            },
        )
        assert answer.status_code == 201


# -- where they are looked for ----------------------------------------------------------------


def check_pages(town: Town, *callers: Caller, is_over: bool = False) -> None:
    """Every page and export that anybody reaches by links, and every one without arguments."""
    plain = [
        str(rule.rule)
        for rule in town.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
        and not str(rule.rule).startswith(("/language", "/my/sign-in"))
    ]  # fmt: skip
    pieces = [f"/i/{cup}" for cup in town.ware[:4]]
    seen: dict[str, int] = {}
    for caller in callers:
        for path, raw in walk(caller, [*plain, *pieces]):
            # The driver's sheet alone says where to go, and each look at it is noted.
            drives = path == "/drive/sheet" and not is_over
            but = town.known.places if drives else ()
            found = town.known.found_in(text_of(raw).encode(), but=but)
            assert not found, (caller.name, path, found)
            seen[caller.name] = seen.get(caller.name, 0) + 1
    assert seen["staff officer"] > 80, seen
    for form in ("csv", "xlsx"):
        month = f"{datetime.now(UTC):%Y-%m}"
        file = town.form(
            town.office, "/office/month/file", 200, month=month, format=form, reason="보고"
        )
        assert len(file.data) > 500
        assert town.known.found_in(text_of(file.data).encode()) == []


def check_erased(town: Town, asked: dict[str, str]) -> None:
    """Nothing sealed is left of what is over; not even whoever asked sees the address again."""
    for page in asked.values():
        answer = town.stranger.open(page)
        assert answer.status_code == 200
        assert town.known.found_in(answer.data) == []
    with Session(town.loop.engine) as session:
        mine = sa.select(Order).where(Order.platform_id == town.made.platform_id)
        rows = list(session.scalars(mine))
        assert len(rows) == 4
        assert [row.contact_sealed for row in rows] == [None] * 4
        ids = [key for row in rows for key in (row.id, row.occasion_id) if key]
        kept = sa.select(OrderPlace).where(OrderPlace.occasion_id.in_(ids))
        assert list(session.scalars(kept)) == []
        asked = list(session.scalars(sa.select(Pickup).where(Pickup.occasion_id.in_(ids))))
        assert len(asked) == 2
        assert all(row.closed_at and row.sealed is None for row in asked)


def stored_bytes(engine: sa.Engine, backend: str) -> bytes:
    """All that is stored: the files of SQLite byte for byte, every row of PostgreSQL as text."""
    if backend == "sqlite":
        assert engine.url.database is not None
        files = Path(engine.url.database).parent.glob(f"{Path(engine.url.database).name}*")
        return b"".join(path.read_bytes() for path in files)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        rows = [
            str(row[0])
            for name in names
            for row in connection.exec_driver_sql(f'SELECT one::text FROM "{name}" AS one')
        ]
    return "\n".join(rows).encode()
