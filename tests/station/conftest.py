"""Mina's tablet at the counter, and the loop behind it at today's time."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.people.envelopes import public_key
from lending.people.keys import Keys
from lending.people.staff import NewStaff, add_staff, set_active
from lending.people.tables import Role
from tests.callers import PASSWORD, Caller, device_caller
from tests.personas import HARU, NABI, Loop, found_town
from tests.sealed import seal_borrower

Answer = dict[str, Any]
TIMELESS = ("/scan/claim", "/scan/seen", "/station/enrol")


class Till:
    """A tablet: its beeps, and whom it shows."""

    def __init__(self, caller: Caller, key: str = "") -> None:
        self.caller = caller
        self.key = key  # to seal with
        self.seq = 0

    def post(self, path: str, body: Answer, status: int = 200) -> Answer:
        """A request of the page; `at` and `sent_at` are now unless given."""
        now = datetime.now(UTC).isoformat()
        times = {} if path in TIMELESS else {"at": now, "sent_at": now}
        answer = self.caller.open(path, "POST", json=times | body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        told: Answer = answer.get_json()
        return told

    def beep(self, code: str, person: str | None = None, **more: Any) -> Answer:
        """A cup under the reader, with a person shown or not."""
        self.seq += 1
        body = {"id": str(uuid.uuid4()), "code": code, "seq": self.seq, "borrower": person}
        return self.post("/scan/beep", body | more)

    def sealed(self, text: str, ago: float = 0) -> str:
        """What the page makes of a contact or code read `ago` minutes before now."""
        return seal_borrower(self.key, text, datetime.now(UTC) - timedelta(minutes=ago))

    def person(self, text: str, status: int = 200) -> Answer:
        return self.post("/scan/person", {"borrower": text}, status)

    def undo(self, answer: Answer) -> list[str]:
        """Takes a beep back as the page does, the last scan first; the results."""
        back = [self.entry("void", answer["code"], of=one) for one in answer["recorded"][::-1]]
        return [one["result"] for one in self.send(*back)]

    def entry(self, action: str | None, code: str, ago: float = 0, **more: Any) -> Answer:
        """One entry of a queue, made `ago` minutes before now by a clock that is right."""
        self.seq += 1
        at = datetime.now(UTC) - timedelta(minutes=ago)
        return {
            "id": str(uuid.uuid4()), "action": action, "code": code, "at": at.isoformat(),
            "seq": self.seq, "clock_error": 0.0, "clock_lost": False,
        } | more  # fmt: skip

    def send(self, *entries: Any, status: int = 200, **more: Any) -> Any:
        """The receipts of one sending of a queue, or the error."""
        now = datetime.now(UTC).isoformat()
        body = {"sent_at": now, "site": None, "scans": list(entries)} | more
        answer = self.caller.open("/station/scans", "POST", json=body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        told = answer.get_json()
        return told["receipts"] if status == 200 else told

    def board(self) -> Answer:
        told: Answer = self.caller.open("/scan/board").get_json()
        return told


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys) -> Loop:
    """The district two hours ago, so that what the till does comes after."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        town = found_town(session, keys, now=now)
    return Loop(engine, keys, town, now=now - timedelta(hours=2))


@pytest.fixture
def tills(app: Flask, loop: Loop, engine: sa.Engine) -> Callable[[str], Till]:
    """A paired tablet at any site."""

    def at(site: str) -> Till:
        with transaction(engine) as session:
            return Till(device_caller(app, session, loop.town, site), public_key(loop.keys))

    return at


@pytest.fixture
def till(tills: Callable[[str], Till]) -> Till:
    """Mina's tablet."""
    return tills("HARU")


@pytest.fixture
def other_till(tills: Callable[[str], Till]) -> Till:
    """Yuna's tablet at the other café."""
    return tills(NABI)


def results(receipts: list[Answer]) -> list[str]:
    return [one["result"] for one in receipts]


def sign_in(till: Till, staff_id: int) -> None:
    """Staff sign in at the tablet, which stays the tablet it is."""
    with till.caller.client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"


@pytest.fixture
def crew(loop: Loop, engine: sa.Engine) -> dict[str, int]:
    """Staff of two cafés, an officer, and one who has left."""
    with transaction(engine) as session:

        def add(login: str, role: Role, site: str | None) -> int:
            place = loop.town.sites[site] if site else None
            new = NewStaff(login, PASSWORD, role, place)
            return add_staff(session, district_id=loop.town.id, new=new, now=datetime.now(UTC))

        crew = {
            "mina": add("mina", Role.CAFE, HARU), "yuna": add("yuna", Role.CAFE, NABI),
            "boss": add("boss", Role.OFFICER, None), "gone": add("gone", Role.CAFE, HARU),
        }  # fmt: skip
        set_active(session, district_id=loop.town.id, staff_id=crew["gone"], active=False)
    return crew
