"""Programs with tokens at the door of the API, and the published description to hold answers to."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lending.db import transaction
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.web.openapi import published_spec
from tests import personas
from tests.personas import BOX, HARU, NABI, OFFICE, WASH, Loop

HOLDERS = {
    "mina": (HARU, Role.CAFE),
    "yuna": (NABI, Role.CAFE),
    "jun": (WASH, Role.WASH),
    "courier": (OFFICE, Role.COURIER),
    "officer": (OFFICE, Role.OFFICER),
    "machine": (BOX, Role.MACHINE),
}


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys) -> Loop:
    """A town whose clock is the real one: the API knows no other."""
    now = datetime.now(UTC) - timedelta(days=2)
    with transaction(engine) as session:
        town = personas.found_town(session, keys, now=now)
    return Loop(engine, keys, town, now=now)


@dataclass
class Program:
    """A program with a token; every answer is held to the published description."""

    client: FlaskClient
    headers: dict[str, str]
    validate: Callable[[str, str, int, Any], None]

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers, query_string=query)
        return self._checked("get", path, answer, status)

    def post(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        how = {"data": body} if isinstance(body, bytes) else {"json": body}
        answer = self.client.post(f"/api/v1{path}", headers=self.headers | headers, **how)
        return self._checked("post", path, answer, status)

    def scan(self, *scans: Any, **more: Any) -> list[Any]:
        """Posts scans and gives their receipts."""
        body = {"sent_at": moment(), "scans": list(scans)} | more
        receipts: list[Any] = self.post("/scans", body)["receipts"]
        assert len(receipts) == len(scans)
        return receipts

    def _checked(self, method: str, path: str, answer: Any, status: int) -> Any:
        assert answer.status_code == status, (answer.status_code, answer.text[:600])
        self.validate(method, path, status, answer.get_json())
        return answer.get_json()


@pytest.fixture
def programs(app: Flask, loop: Loop) -> dict[str, Program]:
    """A program for each holder of a token, and a stranger without one."""
    validate = response_validator(published_spec(app))
    with transaction(loop.engine) as session:
        tokens = {
            name: create_token(session, site=site, role=role, now=datetime.now(UTC)).token
            for name, (site, role) in HOLDERS.items()
        }
    found = {
        name: Program(app.test_client(), {"Authorization": f"Bearer {token}"}, validate)
        for name, token in tokens.items()
    }
    return found | {"stranger": Program(app.test_client(), {}, validate)}


@pytest.fixture
def mina(programs: dict[str, Program]) -> Program:
    return programs["mina"]


@pytest.fixture
def officer(programs: dict[str, Program]) -> Program:
    return programs["officer"]


def moment(**back: float) -> str:
    """Now, or a while ago, as a client writes it."""
    return (datetime.now(UTC) - timedelta(**back)).isoformat()


def response_validator(spec: dict[str, Any]) -> Callable[[str, str, int, Any], None]:
    """Checks that a body is what the description promises for a method, path and status."""

    def validate(method: str, path: str, status: int, body: Any) -> None:
        operation = spec["paths"][_pattern(spec, path)][method]
        answers = operation["responses"]
        assert str(status) in answers, f"{method} {path} does not publish {status}"
        schema = answers[str(status)]["content"]["application/json"]["schema"]
        whole = {"components": spec["components"], **schema}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(body)

    return validate


def _pattern(spec: dict[str, Any], path: str) -> str:
    parts = f"/api/v1{path}".split("/")
    for pattern in spec["paths"]:
        wanted = pattern.split("/")
        if len(wanted) == len(parts) and all(
            w == p or w.startswith("{") for w, p in zip(wanted, parts, strict=True)
        ):
            return str(pattern)
    raise AssertionError(f"{path} is not published")


def scan(action: str, code: str, intent: str = "fact", **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "action": action, "code": code, "at": moment(), "intent": intent,
    } | more  # fmt: skip
