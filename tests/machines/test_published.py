"""schemathesis walks what machines may call, with a machine's token."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st

from tests.api.test_published import MACHINES
from tests.api.walked import EXAMPLES, read_api, walk
from tests.machines.conftest import Machines, open_door


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("name", sorted(MACHINES))
def test_no_answer_is_a_500_or_outside_the_schema(
    app: Flask, today: Machines, name: str, mode: schemathesis.GenerationMode
) -> None:
    cup, headers = today.loop.lent_cup(), open_door(app, today).headers
    statuses = walk(
        read_api(app)[name], mode, fit=_name_a_real_cup, drawn=st.sampled_from([cup, None]),
        headers=headers, examples=2 * EXAMPLES,
    )  # fmt: skip
    if mode is schemathesis.GenerationMode.POSITIVE:  # else headers are spoiled as well
        assert 200 in statuses and not statuses & {401, 403}


def _name_a_real_cup(case: Any, cup: str) -> None:
    if not isinstance(body := case.body, dict):
        return
    rows = body.get("returns")
    for one in [body, *(rows if isinstance(rows, list) else ())]:
        if isinstance(one, dict) and isinstance(one.get("code"), str):
            one["code"] = cup
