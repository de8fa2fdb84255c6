"""Migrated databases for the tests, made once per run and copied or emptied from then on."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from lending.db import make_engine
from lending.ops.migrate import migrate_engine
from tests.postgres import PostgresServer

TEMPLATE = "lending_template"


@dataclass
class Databases:
    """Where the migrated templates are; plain texts, so that xdist can hand them to its workers."""

    folder: str
    postgres_url: str  # of the server's maintenance database
    made: int = field(default=0, compare=False)

    def make(self, backend: str, name: str) -> str:
        """A new migrated, empty database; its LENDING_DATABASE_URL."""
        self.made += 1
        name = f"{name}_{self.made}"
        if backend == "sqlite":
            path = Path(self.folder) / f"{name}.sqlite3"
            shutil.copyfile(Path(self.folder) / "template.sqlite3", path)
            return f"sqlite:///{path}"
        _maintain(self.postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.postgres_url.replace("/postgres?", f"/{name}?")

    def drop(self, url: str) -> None:
        """Removes a database made by `make`, whoever is still connected."""
        database = sa.make_url(url).database
        assert database is not None
        if url.startswith("sqlite"):
            for path in Path(self.folder).glob(f"{Path(database).name}*"):
                path.unlink(missing_ok=True)
        else:
            _maintain(self.postgres_url, f"DROP DATABASE {database} WITH (FORCE)")


def start_databases() -> tuple[Databases, PostgresServer]:
    """Starts PostgreSQL and migrates one template on each side."""
    server = PostgresServer()
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="lending-test-", dir=memory if memory.is_dir() else None)
    databases = Databases(folder, server.url("postgres"))
    _maintain(databases.postgres_url, f"CREATE DATABASE {TEMPLATE}")
    for url in (f"sqlite:///{folder}/template.sqlite3", server.url(TEMPLATE)):
        engine = make_engine(url)
        migrate_engine(engine)
        engine.dispose()
    return databases, server


def stop_databases(databases: Databases, server: PostgresServer) -> None:
    """Ends the server and removes every file."""
    server.stop()
    shutil.rmtree(databases.folder, ignore_errors=True)


def empty_database(engine: sa.Engine, full: list[str]) -> None:
    """Deletes all rows of `full`; quicker than TRUNCATE for the few rows a test leaves.

    A live server may still be at the last request of the test before: what the database ends for a
    deadlock with it is tried again.
    """
    for last in (False, False, True):
        try:
            _empty(engine, full)
            return
        except sa.exc.OperationalError:
            if last:
                raise


def _empty(engine: sa.Engine, full: list[str]) -> None:
    with engine.connect().execution_options(writes=True) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in full:
            connection.exec_driver_sql(f'DELETE FROM "{table}"')
        connection.commit()


def full_tables(engine: sa.Engine, tables: list[str]) -> list[str]:
    """Those of `tables` that hold a row."""
    if not tables:
        return []
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables
    )
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql(asked)]


def _maintain(url: str, statement: str) -> None:
    engine = make_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
