"""What people do on the pages of events, and what a test reads off them."""

import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from PIL import Image

from lending.db import transaction
from lending.events.values import EventView
from lending.people.tables import Role
from tests.callers import Caller, device_caller, staff_caller
from tests.events.halls import HALL, Halls
from tests.personas import HARU, WASH
from tests.wares.conftest import Wares


@pytest.fixture
def today(wares: Wares) -> None:
    """The hall is as of today: what pages do happens now."""
    wares.loop.now = datetime.now(UTC) - timedelta(hours=5)


@pytest.fixture
def people(app: Flask, halls: Halls) -> dict[str, Caller]:
    """The hall's tablet, the centre's, a café's, and the officer."""
    town = halls.loop.town
    with transaction(halls.loop.engine) as session:
        return {
            "hall": device_caller(app, session, town, HALL),
            "centre": device_caller(app, session, town, WASH),
            "café": device_caller(app, session, town, HARU),
            "officer": staff_caller(app, session, town, Role.OFFICER),
        }


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "#8ab").save(file, "JPEG")
    return file.getvalue()


def told(**more: Any) -> dict[str, Any]:
    """A tablet's record of this moment."""
    now = datetime.now(UTC).isoformat()
    return {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "site": None} | more


def beep(caller: Caller, act: str, crate: str, **more: Any) -> dict[str, Any]:
    body = told(act=act, crate=crate, signed="야간 담당") | more
    answer = caller.open("/events/rooms/beep", "POST", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def count_form(bowls: object = 97, broken: object = 2, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "found-bowl": bowls, "broken-bowl": broken} | more


def text_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def read_words(page: str) -> str:
    """What a page shows, without its tags: addresses and ids are of random letters."""
    return re.sub(r"<[^>]*>", " ", page)


def came_back(halls: Halls, bowls: int = 100) -> EventView:
    """An event whose one crate of bowls is back at the centre."""
    event = halls.plan()
    packed = halls.out(event, bowl=bowls)
    halls.back(packed)
    halls.fetch(packed.crate)
    return event


def counted(halls: Halls, people: dict[str, Caller], **form: Any) -> EventView:
    event = came_back(halls)
    answer = people["centre"].open(
        f"/events/{event.id}/count", "POST", data=count_form(**form)
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    return event


def confirmed(halls: Halls, people: dict[str, Caller], **form: Any) -> tuple[EventView, str]:
    """A counted event that the centre sent to the hall; the hall's address."""
    event = counted(halls, people, **form)
    page = people["centre"].open(
        f"/events/{event.id}/statement/confirm", "POST", follow_redirects=True
    )
    (address,) = re.findall(r'value="[^"]*(/events/s/[a-z0-9]+)"', page.text)
    return event, address


def plan_form(halls: Halls, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "site": halls.code, "room": str(halls.rooms[0].id),
        "kind": "funeral", "from_at": "2031-05-01T09:00", "until_at": "2031-05-03T09:00",
        "guests": "250", "contact": "1층 사무실 032-000-0000",
    } | more  # fmt: skip
