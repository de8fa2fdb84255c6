"""Hygiene at its pages: Jun and an officer signed in, and short words for its forms."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.tables import Role
from tests.callers import Caller, staff_caller
from tests.washing.centre import Centre


@pytest.fixture
def today(centre: Centre) -> Centre:
    """The centre two hours ago by the real clock."""
    centre.loop.now = datetime.now(UTC) - timedelta(hours=2)
    return centre


@pytest.fixture
def jun(today: Centre, app: Flask) -> Caller:
    with transaction(today.loop.engine) as session:
        return staff_caller(app, session, today.loop.town, Role.WASH)


@pytest.fixture
def officer(today: Centre, app: Flask) -> Caller:
    with transaction(today.loop.engine) as session:
        return staff_caller(app, session, today.loop.town, Role.OFFICER)


def post(caller: Caller, path: str, **data: Any) -> Any:
    return caller.open(path, "POST", data=data)


def sample(caller: Caller, batch: uuid.UUID | None, value: str = "", **more: Any) -> Any:
    subject = f"batch:{batch}" if batch else "site"
    data = {"id": str(uuid.uuid4()), "kind": "atp", "subject": subject, "value": value} | more
    return post(caller, "/wash/hygiene/new", **data)


def rows(centre: Centre, table: Any) -> list[Any]:
    with Session(centre.loop.engine) as session:
        return list(session.scalars(sa.select(table)))
