"""A town with its district office."""

import pytest

from tests.offices.office import Office, open_office
from tests.personas import Loop


@pytest.fixture
def office(loop: Loop) -> Office:
    return open_office(loop)
