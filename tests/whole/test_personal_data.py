"""What belongs to a person stays sealed: numbers and addresses are told to every part of the system
in every way there is, and then looked for in every page, export, log line and stored byte."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import lending
from config import Config
from lending.cli.worker import make_jobs
from lending.delivery.platforms.signatures import HEADER, sign
from lending.delivery.tables import Order
from lending.ops.worker import set_up_worker_logs
from lending.requests.pickups.tables import OrderPlace, Pickup
from tests.browser.full_district import fill_district
from tests.callers import Caller
from tests.delivery.platforms.receiver import Receiver
from tests.personas import Loop
from tests.whole.crawl import text_of, walk
from tests.whole.told import say_everything
from tests.whole.told_town import OWN, Town


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
