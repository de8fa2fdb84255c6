"""A receiver that listens, and a town with the platform that it belongs to."""

from collections.abc import Iterator

import pytest

from tests.delivery.platforms.receiver import Receiver
from tests.delivery.platforms.world import PlatformWorld
from tests.personas import Loop


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A platform's receiver, listening."""
    made = Receiver()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def world(loop: Loop, receiver: Receiver) -> PlatformWorld:
    """The town with its platform."""
    return PlatformWorld(loop, receiver)
