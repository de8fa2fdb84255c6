"""The real server as it is served, on either database, and the blows it gets."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from config import load_keys
from lending.db import make_engine
from lending.ops.migrate import migrate_engine
from lending.people.keys import Keys
from tests.postgres import PostgresServer
from tests.processes import LENDING, Server, children, is_gone, wait_until

# Killing the processes of a database must lose nothing it had committed; the machine stays up,
# so that nothing has to reach the disk.
LASTING = {"synchronous_commit": "on"}
KEPT_LINES = 200


class Installation:
    """A migrated database, its secrets, and `lending serve` on it at one port. `blows` counts."""

    def __init__(self, backend: str, folder: Path, port: int) -> None:
        self.backend, self.folder, self.port = backend, folder, port
        self.postgres = PostgresServer(**LASTING) if backend == "postgresql" else None
        self.url = f"sqlite:///{folder / 'chaos.sqlite3'}"
        if self.postgres is not None:
            self.url = self.postgres.url("chaos")
            _create_database(self.postgres)
        self.engine = make_engine(self.url)
        migrate_engine(self.engine)
        self.keys: Keys = load_keys(folder)
        self.blows: Counter[str] = Counter()
        self.said: deque[str] = deque(maxlen=KEPT_LINES)
        self._server: Server | None = None
        self._ear: threading.Thread | None = None
        self._deck: list[Callable[[], None]] = []

    def start(self) -> None:
        """Serves; returns once it answers."""
        self._server = Server(
            self.url,
            self.folder,
            self.port,
            LENDING_LOG_LEVEL="warning",
            LENDING_WORKER_SECONDS="1",
            LENDING_CALLBACKS_ANYWHERE="1",  # the platform's receiver is on this machine
            LENDING_PROXIES="1",  # phones name an address of their own
        )
        self._server.wait_ready()
        self._ear = threading.Thread(target=_listen, args=(self._server, self.said), daemon=True)
        self._ear.start()

    def strike(self, rng: random.Random) -> None:
        """One blow, each kind once before any comes again; what was killed runs again soon."""
        if not self._deck:
            self._deck = self._blows()
            rng.shuffle(self._deck)
        self._deck.pop()()

    @property
    def kinds_of_blows(self) -> int:
        return len(self._blows())

    def _blows(self) -> list[Callable[[], None]]:
        blows: list[Callable[[], None]] = [self.kill_worker, self.kill_workers, self.kill_all]
        return blows + [self.kill_database] * 2 if self.postgres is not None else blows

    def kill_worker(self) -> None:
        """One of gunicorn's workers."""
        self._kill("worker killed", self._workers()[:1])

    def kill_workers(self) -> None:
        """All of gunicorn's workers at once."""
        self._kill("all workers killed", self._workers())

    def kill_all(self) -> None:
        """The supervisor and at once everything below it; started again."""
        assert self._server is not None
        family = [self._server.process.pid, *self._server.family()]
        self._kill("server killed", family)
        wait_until(lambda: all(is_gone(pid) for pid in family), 15)
        self._forget()
        self.start()

    def kill_database(self) -> None:
        """PostgreSQL without a word; started again."""
        assert self.postgres is not None
        self.blows["database killed"] += 1
        self.postgres.kill()
        until = time.monotonic() + 10
        while True:
            try:
                return self.postgres.start()
            except RuntimeError:  # an orphan of the killed one still holds its memory
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def verify(self) -> tuple[bool, str]:
        """`lending verify`: whether it is clean, and what it says."""
        assert self._server is not None
        done = subprocess.run(
            [LENDING, "verify"], env=os.environ | self._server.settings, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        return done.returncode == 0 and "differ" not in done.stdout, done.stdout + done.stderr

    def end(self) -> None:
        if self._server is not None:
            self._server.process.terminate()
            self._forget()
        self.engine.dispose()
        if self.postgres is not None:
            self.postgres.stop()

    def _forget(self) -> None:
        """The server has been told to end: its last words are heard and its pipe is closed."""
        assert self._server is not None
        assert self._ear is not None
        self._server.process.wait(15)
        self._ear.join(15)
        self._server.end()

    def _workers(self) -> list[int]:
        assert self._server is not None
        return children(self._server.web() or 0)

    def _kill(self, what: str, pids: list[int]) -> None:
        self.blows[what] += bool(pids)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # ended with one killed before
                os.kill(pid, signal.SIGKILL)


@contextmanager
def installed(backend: str, port: int) -> Iterator[Installation]:
    """An installation in a folder of its own, gone at the end."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=memory if memory.is_dir() else None))
    installation = Installation(backend, folder, port)
    try:
        yield installation
    finally:
        installation.end()
        shutil.rmtree(folder, ignore_errors=True)


def _create_database(server: PostgresServer) -> None:
    admin = make_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE chaos"))
    admin.dispose()


def _listen(server: Server, said: deque[str]) -> None:
    """Reads what the server says: a full pipe would hold it up."""
    assert server.process.stdout is not None
    with contextlib.suppress(ValueError):  # closed at the end
        for line in server.process.stdout:
            said.append(line.rstrip())
