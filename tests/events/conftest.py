"""A town with a funeral hall."""

import pytest

from tests.events.halls import Halls, open_hall
from tests.events.pages import people as people
from tests.events.pages import today as today
from tests.events.stated import counted as counted
from tests.wares.conftest import Wares
from tests.wares.conftest import wares as wares


@pytest.fixture
def halls(wares: Wares) -> Halls:
    return open_hall(wares)
