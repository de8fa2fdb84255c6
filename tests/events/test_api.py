"""Events over the API: a hall's tablet, the centre's counting machine, strangers."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lending.db import transaction
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.wares.ways import Outside
from lending.web.openapi import published_spec
from tests.api.conftest import Program, moment, response_validator
from tests.api.conftest import loop as loop
from tests.events.halls import HALL, MANAGER, Halls
from tests.events.test_counting import outside
from tests.personas import HARU, WASH


@pytest.fixture
def program(app: Flask, halls: Halls) -> Callable[[str, Role], Program]:
    """A program with a token of a place."""
    validate = response_validator(published_spec(app))

    def make(site: str, role: Role) -> Program:
        with transaction(halls.loop.engine) as session:
            made = create_token(session, site=site, role=role, now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {made.token}"}
        return Program(app.test_client(), headers, validate)

    return make


def told(crate: str, **more: Any) -> dict[str, Any]:
    at = moment()
    return {
        "id": str(uuid.uuid4()), "crate": crate, "signed": MANAGER, "at": at, "sent_at": at
    } | more  # fmt: skip


def test_a_crate_goes_round_over_the_api(
    halls: Halls, program: Callable[[str, Role], Program]
) -> None:
    halls.loop.now = datetime.now(UTC) - timedelta(hours=2)
    event, packed = halls.plan(), halls.crate(bowl=5)
    hall, centre = program(HALL, Role.CAFE), program(WASH, Role.WASH)
    (shown,) = hall.get("/events")["items"]
    assert (shown["id"], shown["stage"], shown["room"]) == (str(event.id), "planned", "1호실")
    word = told(packed.crate, seal=packed.seal)
    first = hall.post(f"/events/{event.id}/crates", word)
    assert first["pieces"] == {"bowl": 5} and first["back_how"] is None
    again = hall.post(f"/events/{event.id}/crates", word | {"sent_at": moment()})
    assert again == first
    assert hall.post("/events/returns", told(packed.crate))["back_how"] == "opened"
    count = {
        "id": str(uuid.uuid4()), "at": moment(), "sent_at": moment(),
        "lines": [{"kind": "bowl", "found": 3, "broken": 1}],
        "foreign": [{"what": "다른 접시", "pieces": 2}],
    }  # fmt: skip
    made = centre.post(f"/events/{event.id}/counts", count)
    assert centre.post(f"/events/{event.id}/counts", count) == made
    assert [(one["kind"] or one["what"], one["missing"]) for one in made["lines"]] == [
        ("bowl", 1), ("crate", 0), ("다른 접시", 0),
    ]  # fmt: skip
    assert [one["crate"] for one in made["lines"]] == [False, True, False]
    assert centre.get(f"/events/{event.id}/statement") == made
    refused = hall.get(f"/events/{event.id}/statement", 404)  # the centre has not confirmed it
    assert refused["error"]["field"] == "statement"
    sent = halls.confirm(halls.latest(event))
    told_of = hall.get(f"/events/{event.id}/statement")
    assert told_of["sent_at"] and told_of["version"] == sent.version == made["version"]
    assert told_of["lines"] == made["lines"]
    assert outside(halls, halls.wares.bowl)[Outside.SHORT] == 1
    halls.check()


def test_who_may_not(halls: Halls, program: Callable[[str, Role], Program]) -> None:
    halls.loop.now = datetime.now(UTC) - timedelta(hours=2)
    event, packed = halls.plan(), halls.crate(bowl=5)
    cafe, hall, centre = (
        program(HARU, Role.CAFE),
        program(HALL, Role.CAFE),
        program(WASH, Role.WASH),
    )
    assert cafe.get("/events")["items"] == []
    assert cafe.get(f"/events/{event.id}/statement", 404)["error"]["field"] == "event"
    cafe.post(f"/events/{event.id}/crates", told(packed.crate), 404)
    centre.post(f"/events/{event.id}/crates", told(packed.crate), 403)
    hall.post(f"/events/{event.id}/counts", {"id": str(uuid.uuid4())}, 403)
    program(HALL, Role.MACHINE).get("/events", 403)
    wrong = hall.post(f"/events/{event.id}/crates", told(packed.crate, signed="\x00"), 422)
    assert wrong["error"]["field"] == "signed"
    halls.check()
