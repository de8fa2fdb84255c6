"""The demo's inbox exists in a demo district only, and shows its messages a page at a time."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask.testing import FlaskClient

from lending.db import transaction
from lending.notices.inbox import Delivery, put_into_inbox
from lending.people.contacts import read_contact
from lending.places.tables import District
from tests.personas import MINJI, Loop


def receive(loop: Loop, count: int) -> None:
    now = datetime.now(UTC)
    with transaction(loop.engine) as session:
        session.execute(sa.update(District).values(is_demo=True))
        for number in range(count):
            delivery = Delivery(
                uuid.uuid4(), loop.town.id, read_contact(MINJI), f"message <b>{number}</b>"
            )
            at = now + timedelta(seconds=number)
            put_into_inbox(session, keys=loop.keys, delivery=delivery, now=at)


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"message &lt;b&gt;(\d+)", page)]


def test_only_a_demo_has_an_inbox(loop: Loop, client: FlaskClient) -> None:
    assert client.get("/demo/inbox").status_code == 404


def test_messages_come_newest_first_a_page_at_a_time(loop: Loop, client: FlaskClient) -> None:
    receive(loop, 23)
    first = client.get("/demo/inbox").text
    assert shown(first) == list(range(22, 2, -1))
    assert "6789" in first
    assert "010-2345-6789" not in first
    following = re.search(r'href="(/demo/inbox\?after=[^"]+)"', first)
    assert following
    assert shown(client.get(following[1]).text) == [2, 1, 0]


def test_a_made_up_cursor_is_refused(loop: Loop, client: FlaskClient) -> None:
    receive(loop, 1)
    for cursor in ("x", "WyJ4IiwxXQ", "WzFd"):
        assert client.get("/demo/inbox", query_string={"after": cursor}).status_code == 422
