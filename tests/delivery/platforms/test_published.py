"""schemathesis walks what platforms may call, each call signed as they sign it."""

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st

from lending.delivery.platforms.signatures import sign
from tests.api.test_published import SIGNED
from tests.api.walked import EXAMPLES, read_api, walk
from tests.delivery.platforms.world import SHOP, PlatformWorld


class Signing:
    """The application behind a program that signs whatever it sends."""

    def __init__(self, app: Flask, world: PlatformWorld) -> None:
        self.app, self.made = app, world.made

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        signed = sign(body, secrets=[self.made.secret], at=datetime.now(UTC))
        environ |= {
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_SIGNATURE": signed,
            "HTTP_AUTHORIZATION": f"Bearer {self.made.token}",
        }
        return self.app(environ, start)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("name", sorted(SIGNED))
def test_no_answer_is_a_500_or_outside_the_schema(
    app: Flask, world: PlatformWorld, name: str, mode: schemathesis.GenerationMode
) -> None:
    world.say("A-1")
    operation = read_api(Signing(app, world))[name]
    statuses = walk(
        operation, mode, fit=_name_what_there_is, drawn=st.booleans(), examples=2 * EXAMPLES
    )
    assert 401 not in statuses  # the signature let it in
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert min(statuses) < 300, statuses  # and something was taken


def _name_what_there_is(case: Any, _: bool) -> None:
    """What is drawn at random means no order and no shop: some of it is to."""
    if "ref" in (case.path_parameters or {}):
        case.path_parameters["ref"] = "A-1"
    if isinstance(case.body, dict):
        case.body |= {"order": "A-1", "shop": SHOP}
