"""Kai, the courier of the day, at the phone over HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.people.tables import Staff
from tests.callers import Caller
from tests.moving.drivers_day import DriversDay
from tests.personas import MINUTE, Loop


class Kai:
    """The courier of the day, at the phone."""

    def __init__(self, caller: Caller, day: DriversDay, owner: str) -> None:
        self.caller, self.day, self.owner = caller, day, owner
        self.at = datetime.now(UTC) - timedelta(minutes=50)

    def sheet(self) -> list[dict[str, Any]]:
        answer = self.caller.open("/drive/sheet")
        assert answer.status_code == 200
        rounds: list[dict[str, Any]] = answer.get_json()["rounds"]
        return rounds

    def record(self, what: str, site: str | None = None, **more: Any) -> dict[str, Any]:
        self.at += MINUTE
        return {
            "id": str(uuid.uuid4()), "what": what, "round": str(self.day.round.id),
            "stop": str(self.day.stop(site).id) if site else None, "at": self.at.isoformat(),
        } | more  # fmt: skip

    def send(self, *records: Any, **more: Any) -> Any:
        body = {
            "sent_at": datetime.now(UTC).isoformat(), "owner": self.owner, "records": list(records)
        } | more  # fmt: skip
        return self.caller.open("/drive/records", "POST", json=body)

    def told(self, *records: Any) -> list[str]:
        """What became of each: "recorded" or the code of its refusal."""
        answer = self.send(*records)
        assert answer.status_code == 200, answer.get_json()
        return [
            (one["error"] or {}).get("code", one["result"]) for one in answer.get_json()["receipts"]
        ]


def caller_for(app: Flask, loop: Loop, name: str) -> tuple[Caller, str]:
    """A courier's session, made apart from the password."""
    with Session(loop.engine) as session:
        staff_id = session.scalar(sa.select(Staff.id).where(Staff.login == name))
    client = app.test_client()
    with client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"
    return Caller(name, client), f"staff:{staff_id}"
