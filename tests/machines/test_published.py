"""schemathesis walks what machines may call, with a machine's token."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from tests.api.test_published import CHECKED, EXAMPLES, MACHINES
from tests.machines.conftest import Machines, open_door


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("name", sorted(MACHINES))
def test_no_answer_is_a_500_or_outside_the_schema(
    app: Flask, today: Machines, name: str, mode: schemathesis.GenerationMode
) -> None:
    cup = today.loop.lent_cup()
    load_all_checks()
    described: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    found = [result.ok() for result in described.get_all_operations()]
    operation = {f"{each.method.upper()} {each.full_path}": each for each in found}[name]
    wanted = [CHECKS.get_one(check) for check in CHECKED]
    headers = open_door(app, today).headers
    statuses: set[int] = set()

    @settings(
        max_examples=2 * EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def walk(case: Any, real: bool) -> None:
        if real and isinstance(case.body, dict):
            _name_a_real_cup(case.body, cup)
        answer = case.call_and_validate(checks=wanted, headers=headers)
        statuses.add(answer.status_code)

    walk()
    if mode is schemathesis.GenerationMode.POSITIVE:  # else headers are spoiled as well
        assert 200 in statuses and not statuses & {401, 403}


def _name_a_real_cup(body: dict[str, Any], cup: str) -> None:
    rows = body.get("returns")
    for one in [body, *(rows if isinstance(rows, list) else ())]:
        if isinstance(one, dict) and isinstance(one.get("code"), str):
            one["code"] = cup
