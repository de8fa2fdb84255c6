"""schemathesis along one published endpoint: no answer is a 500 or outside the schema."""

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import CHECKS, load_all_checks

from tests.conftest import LONG

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


def read_api(app: Any) -> dict[str, Any]:
    """The endpoints that the API describes, by "GET /path"."""
    load_all_checks()
    described: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    found = [result.ok() for result in described.get_all_operations()]
    return {f"{each.method.upper()} {each.full_path}": each for each in found}


def walk(
    operation: Any,
    mode: schemathesis.GenerationMode,
    *,
    fit: Callable[[Any, Any], None],
    drawn: SearchStrategy[Any],
    headers: dict[str, str] | None = None,
    examples: int = EXAMPLES,
) -> set[int]:
    """Calls it with what is drawn at random, which `fit` may make name what there is (a case and
    what was `drawn` with it); every status answered."""
    wanted = [CHECKS.get_one(check) for check in CHECKED]
    statuses: set[int] = set()

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy(generation_mode=mode), more=drawn)
    def step(case: Any, more: Any) -> None:
        if more:
            fit(case, more)
        statuses.add(case.call_and_validate(checks=wanted, headers=headers).status_code)

    step()
    return statuses
