"""What anybody may send to /api/v1/delivery/orders: forged, old, heard on the line, without sense, too large."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lending.db import transaction
from lending.delivery.platforms.register import change_platform
from lending.delivery.platforms.signatures import HEADER, sign
from lending.delivery.tables import Order
from lending.people.tables import Role
from lending.people.tokens import create_token
from tests.delivery.platforms.program import ORDER, ORDERS, Program
from tests.delivery.platforms.world import SHOP, PlatformWorld


def test_who_forges_a_signature_leaves_nothing_behind(
    program: Program, nothing_stored: Callable[[], bool]
) -> None:
    body = json.dumps(ORDER).encode()
    good = sign(body, secrets=[program.secret], at=datetime.now(UTC))
    for header in ("", "t=1,v1=00", good.replace("v1=", "v1=0"), "x" * 5000, good[:-1]):
        answer = program.post(body, **{HEADER: header})
        assert answer.status_code == 401, header
        assert answer.get_json()["error"]["code"] == "wrong_sign_in"
    changed = program.post(body.replace(b"true", b"false"), **{HEADER: good})
    assert changed.status_code == 401
    assert Program(program.app, program.token, "guessed").post(ORDER).status_code == 401
    assert nothing_stored()
    assert program.post(body, **{HEADER: good}).status_code == 201


def test_an_old_call_is_not_taken_again(
    program: Program, nothing_stored: Callable[[], bool]
) -> None:
    now = datetime.now(UTC)
    for minutes in (-6, 6, -60 * 24):
        at = now + timedelta(minutes=minutes)
        assert program.post(ORDER, at=at).status_code == 401, minutes
    assert nothing_stored()
    assert program.post(ORDER, at=now - timedelta(minutes=4)).status_code == 201


def test_a_call_heard_on_the_line_says_nothing_new(program: Program, world: PlatformWorld) -> None:
    body = json.dumps(ORDER).encode()
    signed = sign(body, secrets=[program.secret], at=datetime.now(UTC))
    program.post(body, **{HEADER: signed})
    assert program.post(body, **{HEADER: signed}).get_json()["result"] == "repeated"
    # The same bytes mean nothing at another address.
    other = program.post(body, f"{ORDERS}/A-1/cancel", **{HEADER: signed})
    assert (other.status_code, other.get_json()["error"]["field"]) == (422, "reusable")
    off = {"order": "A-1", "revision": 2, "shop": SHOP}
    assert program.post(off, f"{ORDERS}/A-2/cancel").get_json()["error"]["field"] == "order"
    assert program.post(off).status_code == 422
    assert program.get("A-1").get_json()["status"] == "waiting"
    assert world.count(Order) == 1


def test_only_an_active_platforms_token_opens(
    program: Program, world: PlatformWorld, nothing_stored: Callable[[], bool]
) -> None:
    with transaction(world.loop.engine) as session:
        officer = create_token(
            session, site="OFFICE", role=Role.OFFICER, now=datetime.now(UTC)
        ).token
    assert Program(program.app, "", program.secret).post(ORDER).status_code == 401
    assert Program(program.app, "reuse_x", program.secret).post(ORDER).status_code == 401
    assert Program(program.app, officer, program.secret).post(ORDER).status_code == 403
    other = world.add("배달나비", world.receiver.url)
    assert Program(program.app, other.token, program.secret).post(ORDER).status_code == 401
    world.do(
        change_platform, platform_id=world.made.platform_id, name="x", callback_url="",
        active=False, actor=world.loop.town.officer,
    )  # fmt: skip
    assert program.post(ORDER).status_code == 403
    assert program.get("A-1").status_code == 403
    assert nothing_stored()


def test_a_platforms_token_opens_nothing_else(program: Program) -> None:
    client = program.app.test_client()
    bearer = {"Authorization": f"Bearer {program.token}"}
    for path in ("items", "loans", "stock", "sites", "review", "wares/balances"):
        assert client.get(f"/api/v1/{path}", headers=bearer).status_code == 403, path
    for path in ("scans", "items", "moves"):
        answer = client.post(f"/api/v1/{path}", json={}, headers=bearer)
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe", b"{}" * 10, b"[" * 5000,
        ORDER | {"order": ""}, ORDER | {"order": "a/b"}, ORDER | {"order": "x" * 101},
        ORDER | {"order": "A\x00"}, ORDER | {"order": "A-1\n"[:4] + "\n\x00"}, ORDER | {"order": 5},
        ORDER | {"order": None}, ORDER | {"order": ["A-1"]}, ORDER | {"order": "'; DROP TABLE"},
        ORDER | {"revision": 0}, ORDER | {"revision": -1}, ORDER | {"revision": 2**31},
        ORDER | {"revision": 10**400}, ORDER | {"revision": 1.5}, ORDER | {"revision": "1"},
        ORDER | {"revision": True}, ORDER | {"revision": None},
        ORDER | {"shop": "\x00"}, ORDER | {"shop": "nobody"}, ORDER | {"shop": "x" * 65},
        ORDER | {"shop": "\ud800"},
        ORDER | {"reusable": "yes"}, ORDER | {"reusable": None}, ORDER | {"reusable": {}},
        ORDER | {"number": "x" * 41}, ORDER | {"number": "\x00"}, ORDER | {"number": 17},
        ORDER | {"contact": "0" * 201}, ORDER | {"contact": "\x00"}, ORDER | {"contact": {}},
        ORDER | {"orderer": "\x00"}, ORDER | {"status": "returned"}, ORDER | {"id": 1},
        ORDER | {"address": "한빛로 1"}, ORDER | {"address": {}}, ORDER | {"address": {"text": "\x00"}},
        ORDER | {"address": {"text": "x" * 201}}, ORDER | {"address": {"text": "x", "latitude": 1}},
        ORDER | {"address": {"text": "x", "latitude": 91, "longitude": 0}},
        json.dumps(ORDER | {"address": {"text": "x", "latitude": float("nan"), "longitude": 0}}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_not_kept(
    program: Program, nothing_stored: Callable[[], bool], body: Any
) -> None:
    answer = program.post(body.encode() if isinstance(body, str) else body)
    assert answer.status_code == 422, answer.get_json()
    assert answer.get_json()["error"]["code"] == "invalid"
    assert nothing_stored()


def test_a_huge_body_is_not_even_read(program: Program, nothing_stored: Callable[[], bool]) -> None:
    for size in (16 * 1024 + 1, 11 * 1024 * 1024):
        began = time.monotonic()
        answer = program.post(b'{"order":"' + b"x" * size)
        assert answer.status_code == 413
        assert time.monotonic() - began < 2
    assert nothing_stored()
