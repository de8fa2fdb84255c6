"""The simulated machine Robo before a live server, for the tests that work it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import Config
from lending.db import transaction
from lending.people.tables import Role
from lending.people.tokens import create_token
from tests.browser.live import LiveServer, free_port
from tests.machine.buffer import Buffer
from tests.machine.line import Line
from tests.machine.machine import Machine
from tests.machines.conftest import ROBO, Machines


@pytest.fixture(scope="module")
def server(shared_engine: sa.Engine, config: Config) -> Iterator[LiveServer]:
    """One server process for the tests of this file."""
    port = free_port()
    environ = {
        "LENDING_DATABASE_URL": config.database_url,
        "LENDING_INSTANCE": str(config.instance),
        "LENDING_LOG_LEVEL": "warning",
    }
    server = LiveServer(f"http://127.0.0.1:{port}", port, environ)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def token(today: Machines) -> str:
    with transaction(today.loop.engine) as session:
        code = today.loop.site(ROBO)
        return create_token(session, site=code, role=Role.MACHINE, now=datetime.now(UTC)).token


@pytest.fixture
def robo(today: Machines, server: LiveServer, token: str, tmp_path: Path) -> Iterator[Machine]:
    """The machine Robo, its buffer on a disk."""
    buffer = Buffer(tmp_path / "robo")
    yield Machine(Line(server.url, token), buffer)
    buffer.close()
