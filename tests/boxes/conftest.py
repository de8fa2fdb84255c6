"""A tablet above a box, its officer, and what both of them send."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.tables import Role
from tests.callers import Caller, device_caller, staff_caller
from tests.personas import BOX, Loop


@pytest.fixture
def loop(loop: Loop) -> Loop:
    """The district of today."""
    loop.now = datetime.now(UTC) - timedelta(hours=5)
    return loop


@pytest.fixture
def box(app: Flask, loop: Loop) -> Caller:
    """A tablet paired to the box."""
    with transaction(loop.engine) as session:
        return device_caller(app, session, loop.town, BOX)


@pytest.fixture
def officer(app: Flask, loop: Loop) -> Caller:
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def times(**more: Any) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    return {"at": moment, "sent_at": moment} | more


def scan(code: str, action: str | None = "return", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "action": action, "code": code, "at": datetime.now(UTC).isoformat(), "seq": 1} | more  # fmt: skip


def send_scans(caller: Caller, *scans: dict[str, Any]) -> Any:
    body = {"sent_at": datetime.now(UTC).isoformat(), "site": None, "scans": list(scans)}
    return caller.open("/station/scans", "POST", json=body)


def returned_here(loop: Loop, box: Caller) -> str:
    """A cup put into the box; the id of its return."""
    one = scan(loop.lent_cup(None))
    [receipt] = send_scans(box, one).get_json()["receipts"]
    assert receipt["result"] == "recorded"
    found: str = one["id"]
    return found


def all_of(loop: Loop, table: type[Any]) -> list[Any]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(table)))


def report(caller: Caller, **more: Any) -> Any:
    return caller.open("/return/report", "POST", json=times(**more))
