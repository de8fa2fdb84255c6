"""What every test may ask for: a clean migrated database on both sides, settings, the application."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import lending
from config import Config, load_keys
from lending.db import make_engine, transaction
from lending.people.keys import Keys
from tests import personas
from tests.databases import (
    Databases,
    empty_database,
    full_tables,
    start_databases,
    stop_databases,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

LONG = os.environ.get("LENDING_TEST_LONG") == "1"
_databases = pytest.StashKey[Databases]()


def _started(config: pytest.Config) -> Databases:
    """The run's databases: started by the first who asks, in the process that began the run."""
    if _databases not in config.stash:
        databases, server = start_databases()
        config.stash[_databases] = databases
        config.add_cleanup(lambda: stop_databases(databases, server))
    return config.stash[_databases]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: one PostgreSQL for all workers; each makes databases of its own from the templates."""
    started = _started(node.config)
    node.workerinput["databases"] = (started.folder, started.postgres_url)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The migrated templates to make further databases from."""
    handed = getattr(request.config, "workerinput", {}).get("databases")
    return Databases(*handed) if handed else _started(request.config)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database: every test that stands on it, however indirectly, runs on both."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def database_url(backend: str, databases: Databases, worker_id: str) -> str:
    """This worker's own migrated database; emptied before each test by `engine`."""
    return databases.make(backend, f"test_{worker_id}")


@pytest.fixture(scope="session")
def shared_engine(database_url: str) -> Iterator[sa.Engine]:
    """The one engine of this worker's database: connecting anew would cost more than a test."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def table_names(shared_engine: sa.Engine) -> list[str]:
    """The tables the migrations made."""
    names = sa.inspect(shared_engine).get_table_names()
    return [name for name in names if name != "alembic_version"]


@pytest.fixture
def engine(shared_engine: sa.Engine, table_names: list[str]) -> sa.Engine:
    """An empty, migrated database; a test may commit what it likes."""
    full = full_tables(shared_engine, table_names)
    if full:
        empty_database(shared_engine, full)
    return shared_engine


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    """A writing session, rolled back at the end; not beside `transaction()` in one test."""
    with Session(engine.execution_options(writes=True)) as session:
        yield session
        session.rollback()


@pytest.fixture
def make_database(
    backend: str, databases: Databases, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Makes further databases (their URL) for tests that wipe, restore or kill; dropped after."""
    made: list[str] = []

    def make() -> str:
        made.append(databases.make(backend, f"more_{worker_id}"))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder, with keys.json, of this worker."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def keys(instance: Path) -> Keys:
    """The secrets the application of these tests uses."""
    return load_keys(instance)


@pytest.fixture(scope="session")
def config(database_url: str, instance: Path) -> Config:
    """Settings as a demo on this machine has them; dataclasses.replace makes others."""
    environ = {
        "LENDING_DATABASE_URL": database_url,
        "LENDING_INSTANCE": str(instance),
        "LENDING_LOG_LEVEL": "warning",
    }
    return Config.from_environ(environ)


@pytest.fixture
def loop(engine: sa.Engine, keys: Keys) -> personas.Loop:
    """A district with its people in the empty database, and the driver to act through them."""
    with transaction(engine) as session:
        town = personas.found_town(session, keys)
    return personas.Loop(engine, keys, town)


@pytest.fixture
def app(engine: sa.Engine, config: Config) -> Iterator["Flask"]:
    """The application on the empty database of this test."""
    app = lending.create_app(config)
    app.testing = True
    yield app
    app.extensions["lending"].engine.dispose()


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    """A browser without cookies."""
    return app.test_client()


def pytest_sessionstart(session: pytest.Session) -> None:
    """hypothesis: the same short run everywhere; LENDING_TEST_LONG=1 searches for real."""
    from hypothesis import HealthCheck, settings

    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    settings.register_profile(
        "short", max_examples=25, deadline=None, suppress_health_check=slow, derandomize=True
    )
    settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=slow)
    settings.load_profile("long" if LONG else "short")
