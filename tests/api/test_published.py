"""schemathesis walks the published API, in this process and on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from lending.db import transaction
from lending.loop.codes import make_code
from lending.people.tables import Role
from lending.people.tokens import create_token
from tests.conftest import LONG
from tests.personas import Loop

# Wrong scans are answered 200 with a receipt each: that they are refused shows there (test_scans,
# test_shapes), not as a status, so schemathesis' own idea of a rejection is left out.
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = 500 if LONG else 15  # per endpoint and mode

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
def described(app: Flask) -> Any:
    """The API as schemathesis reads it."""
    load_all_checks()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


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
    described: Any,
    cups: list[str],
    headers: dict[str, str],
    name: str,
    mode: schemathesis.GenerationMode,
) -> None:
    operation = _operations(described)[name]
    wanted = [CHECKS.get_one(check) for check in CHECKED]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy(generation_mode=mode), cup=st.sampled_from([*cups, None]))
    def walk(case: Any, cup: str | None) -> None:
        if cup:
            _name_a_real_cup(case, cup)
        case.call_and_validate(checks=wanted, headers=headers)

    walk()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
def test_every_published_endpoint_is_walked(described: Any) -> None:
    assert set(OPERATIONS) <= _operations(described).keys()
    ours = {name for name in _operations(described) if "/station" not in name}
    assert ours == set(OPERATIONS) | SIGNED | MACHINES


def _name_a_real_cup(case: Any, cup: str) -> None:
    """What is drawn at random meets no piece: most of it is to."""
    if "code" in (case.path_parameters or {}):
        case.path_parameters["code"] = cup
    scans = case.body.get("scans") if isinstance(case.body, dict) else None
    for scan in scans if isinstance(scans, list) else ():
        if isinstance(scan, dict) and isinstance(scan.get("code"), str):
            scan |= {"code": cup, "site": "HARU"}


def _operations(described: Any) -> dict[str, Any]:
    found = [result.ok() for result in described.get_all_operations()]
    return {f"{each.method.upper()} {each.full_path}": each for each in found}
