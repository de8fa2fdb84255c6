"""What waited in a tablet is recorded once, however often, in what order and by how many it is sent."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lending.loop.steps import Action, Gap, State
from lending.people.envelopes import public_key
from tests.personas import DANA, HARU, MINJI, NABI, SORA, Loop
from tests.sealed import seal_borrower
from tests.station.conftest import Till

Answer = dict[str, Any]


def entry(till: Till, action: str | None, code: str, ago: float = 0, **more: Any) -> Answer:
    """One entry of a queue, made `ago` minutes before now."""
    till.seq += 1
    at = datetime.now(UTC) - timedelta(minutes=ago)
    return {
        "id": str(uuid.uuid4()), "action": action, "code": code, "at": at.isoformat(),
        "seq": till.seq, "clock_error": 0.0, "clock_lost": False,
    } | more  # fmt: skip


def send(till: Till, *entries: Any, status: int = 200, **more: Any) -> Any:
    """The receipts of one sending."""
    body = {"sent_at": datetime.now(UTC).isoformat(), "site": None, "scans": list(entries)} | more
    answer = till.caller.open("/station/scans", "POST", json=body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    told = answer.get_json()
    if status != 200:
        return told
    assert datetime.fromisoformat(told["now"]).tzinfo is not None
    return told["receipts"]


def results(receipts: list[Answer]) -> list[str]:
    return [one["result"] for one in receipts]


def scans(loop: Loop) -> list[Any]:
    with loop.engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT * FROM scan ORDER BY occurred_at, seq")))


def test_a_day_offline_lands_once(till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(3)
    before = len(scans(loop))
    queue = [
        entry(till, "lend", cups[0], 30, borrower=MINJI),
        entry(till, "lend", cups[1], 20, borrower=DANA),
        entry(till, "return", cups[0], 10),
        entry(till, "lend", cups[2], 5, borrower=SORA),
    ]
    assert results(send(till, *queue)) == ["recorded"] * 4
    again = send(till, *queue)
    assert results(again) == ["repeated"] * 4
    assert [one["id"] for one in again] == [one["id"] for one in queue]
    assert results(send(till, *reversed(queue))) == ["repeated"] * 4
    assert len(scans(loop)) == before + 4
    assert [loop.item(cup).state for cup in cups] == [State.RETURNED, State.LENT, State.LENT]
    loop.check()
