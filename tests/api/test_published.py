"""schemathesis walks the published API, in this process and on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.tables import Role
from lending.people.tokens import create_token
from tests.api.walked import read_api, walk
from tests.personas import Loop

OPERATIONS = (
    "POST /api/v1/scans", "POST /api/v1/items", "GET /api/v1/items", "GET /api/v1/items/{code}",
    "GET /api/v1/items/{code}/scans", "GET /api/v1/loans", "GET /api/v1/stock",
    "GET /api/v1/sites", "GET /api/v1/review", "GET /api/v1/wares/balances",
    "POST /api/v1/wares/moves", "POST /api/v1/wash/readings", "POST /api/v1/moves",
    "GET /api/v1/events", "POST /api/v1/events/{event_id}/crates", "POST /api/v1/events/returns",
    "POST /api/v1/events/{event_id}/counts", "GET /api/v1/events/{event_id}/statement",
)  # fmt: skip
# Walked with a platform's keys in tests/delivery/platforms/test_published.py.
SIGNED = {
    "POST /api/v1/delivery/orders", "POST /api/v1/delivery/orders/{ref}/cancel",
    "GET /api/v1/delivery/orders/{ref}",
}  # fmt: skip
# Walked with a machine's token in tests/machines/test_published.py.
MACHINES = {
    f"POST /api/v1/machines/{what}" for what in ("heartbeat", "returns", "refusals", "bottles")
}


@pytest.fixture
def cups(loop: Loop) -> list[str]:
    """Cups in several states, one with two labels."""
    cups = loop.clean_cups(4)
    loop.lend(cups[0])
    loop.hold(cups[1])
    loop.relabel(cups[2], make_code())
    return cups


@pytest.fixture
def headers(loop: Loop) -> dict[str, str]:
    """An officer's token: it gets furthest."""
    with transaction(loop.engine) as session:
        made = create_token(session, site="OFFICE", role=Role.OFFICER, now=datetime.now(UTC))
    return {"Authorization": f"Bearer {made.token}"}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_is_a_500_or_outside_the_schema(
    app: Flask,
    cups: list[str],
    headers: dict[str, str],
    name: str,
    mode: schemathesis.GenerationMode,
) -> None:
    drawn = st.sampled_from([*cups, None])
    walk(read_api(app)[name], mode, fit=_name_a_real_cup, drawn=drawn, headers=headers)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
def test_every_published_endpoint_is_walked(app: Flask) -> None:
    published = read_api(app)
    assert set(OPERATIONS) <= published.keys()
    ours = {name for name in published if "/station" not in name}
    assert ours == set(OPERATIONS) | SIGNED | MACHINES


def _name_a_real_cup(case: Any, cup: str) -> None:
    """What is drawn at random meets no piece: most of it is to."""
    if "code" in (case.path_parameters or {}):
        case.path_parameters["code"] = cup
    scans = case.body.get("scans") if isinstance(case.body, dict) else None
    for scan in scans if isinstance(scans, list) else ():
        if isinstance(scan, dict) and isinstance(scan.get("code"), str):
            scan |= {"code": cup, "site": "HARU"}
