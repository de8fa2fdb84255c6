"""A receiver that listens, and a town with the platform that it belongs to."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.delivery.platforms.program import STORED, Program
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


@pytest.fixture
def program(app: Flask, world: PlatformWorld) -> Program:
    """The platform's own."""
    return Program(app, world.made.token, world.made.secret)


@pytest.fixture
def nothing_stored(world: PlatformWorld) -> Callable[[], bool]:
    """Whether nothing of any order is kept."""
    return lambda: not any(world.count(table) for table in STORED)
