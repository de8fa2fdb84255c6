"""Where a measurement runs: an empty migrated database of its own on a real disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import load_keys
from lending.db import make_engine
from lending.ops.migrate import migrate_engine
from lending.people.keys import Keys
from tests.postgres import PostgresServer


@dataclass(frozen=True)
class Setting:
    """One empty database, and what a server needs to run on it."""

    backend: str
    url: str
    engine: Engine
    keys: Keys
    environ: dict[str, str]


class Settings:
    """Makes settings one after the other; one PostgreSQL with fsync serves all of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lending-bench-"))
        self._server: PostgresServer | None = None
        self._made = 0

    @contextmanager
    def make(self, backend: str) -> Iterator[Setting]:
        """A fresh database of this backend ("sqlite" or "postgresql")."""
        self._made += 1
        name = f"bench_{self._made}"
        url = f"sqlite:///{self.folder}/{name}.sqlite3"
        if backend == "postgresql":
            url = self._create(name)
        engine = make_engine(url)
        migrate_engine(engine)
        environ = {
            "LENDING_DATABASE_URL": url,
            "LENDING_INSTANCE": str(self.folder / "instance"),
            "LENDING_LOG_LEVEL": "error",
        }
        try:
            yield Setting(backend, url, engine, load_keys(self.folder / "instance"), environ)
        finally:
            engine.dispose()

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self, name: str) -> str:
        if self._server is None:
            self._server = PostgresServer(
                fsync="on", synchronous_commit="on", full_page_writes="on", autovacuum="on",
                shared_buffers="512MB", max_wal_size="4GB",
            )  # fmt: skip
        admin = make_engine(self._server.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return self._server.url(name)
