"""A delivery shop in the town."""

import pytest

from tests.delivery.shop import Shop
from tests.personas import Loop


@pytest.fixture
def shop(loop: Loop) -> Shop:
    return Shop(loop)
