"""A town whose officer sits at the desk, signed in."""

import io
import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.people.tables import Role
from tests.callers import Caller, staff_caller
from tests.personas import Loop


@pytest.fixture
def officer(app: Flask, engine: sa.Engine, loop: Loop) -> Caller:
    """The officer of the loop's town."""
    with transaction(engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


@pytest.fixture
def today_loop(loop: Loop) -> Loop:
    """The same loop, its clock at the present, for pages that tell what is late by now."""
    loop.now = datetime.now(UTC)
    return loop


def text_of(answer: object) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))  # type: ignore[attr-defined]


def post(caller: Caller, path: str, **form: object):
    """A form sent by this caller."""
    return caller.open(path, "POST", data=form)


def upload(caller: Caller, path: str, text: str | bytes):
    raw = text.encode() if isinstance(text, str) else text
    data = {"file": (io.BytesIO(raw), "list.csv")}
    return caller.open(path, "POST", data=data, content_type="multipart/form-data")
