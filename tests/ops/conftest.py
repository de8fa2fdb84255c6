"""A small demo to back up, start and restore."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from lending.demo.make import DemoMade, make_demo
from lending.demo.plan import TINY
from lending.people.keys import Keys

AFTERNOON = datetime(2026, 9, 17, 6, 30, tzinfo=UTC)  # a Thursday, 15:30 in Seoul


@pytest.fixture
def demo(engine: Engine, keys: Keys) -> DemoMade:
    """The demo district in this test's database."""
    made = make_demo(engine, keys=keys, now=AFTERNOON, say=lambda line: None, scale=TINY)
    assert made is not None
    return made
