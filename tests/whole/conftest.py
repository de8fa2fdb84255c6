"""A town in which every loop runs."""

import pytest

from tests.personas import Loop
from tests.whole.mixed import World, open_world


@pytest.fixture
def world(loop: Loop) -> World:
    return open_world(loop)
