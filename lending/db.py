"""Engine, transactions, the UTC datetime type and the declarative base; the only file that commits."""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from lending.errors import ChangedMeanwhile

T = TypeVar("T")

WRITE_TRIES = 5
PING_AFTER = 5.0  # seconds


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime in microseconds; a naive one is refused, SQLite's is given its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Nothing to do on PostgreSQL, whose sessions speak UTC (make_engine): half a million
        calls saved where a thousand long stories are replayed."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Base(DeclarativeBase):
    """Typed tables; constraint names are fixed so that migrations can name them."""

    type_annotation_map = {datetime: UtcDateTime(), int: BigId, str: sa.Text()}
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(mapped: type[Base]) -> sa.Table:
    """The table behind a mapped class, for statements that carry many rows."""
    return cast(sa.Table, mapped.__table__)


def fetch(
    session: Session, statement: sa.Executable, parameters: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    """All rows of a statement, by the connection itself: the ORM's own way costs twice as much.

    Nothing the session holds is flushed before.
    """
    return session.connection().execute(statement, parameters or {}).all()


class FairLock:
    """Hands a lock over in the order of asking (SQLite's busy handler lets late comers overtake)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._taken = False


_sqlite_writers: dict[str, FairLock] = {}


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`, set up the same way everywhere."""
    if sa.make_url(url).get_backend_name() != "sqlite":
        speaks_utc = {"connect_args": {"options": "-c timezone=UTC"}}
        pool = {"pool_size": 10, "max_overflow": 10}
        engine = sa.create_engine(url, **speaks_utc | pool | options)
        _ping_idle_connections(engine)
        return engine
    engine = sa.create_engine(url, connect_args={"timeout": 30, "isolation_level": None}, **options)
    _sqlite_writers.setdefault(url, FairLock())

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("glances"):
            return
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return  # each statement stands for itself; there would be nobody to commit
        mode = "IMMEDIATE" if options.get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _ping_idle_connections(engine: Engine) -> None:
    """A connection that lay idle is asked whether it still lives; a busy one is not: the question
    costs a round trip at every checkout."""

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) < PING_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError from error


@lru_cache(maxsize=64)
def _for_writing(engine: Engine) -> Engine:
    """The same engine, whose connections begin as writers on SQLite."""
    return engine.execution_options(writes=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One writing transaction: committed at the end of the block, rolled back on any exception."""
    with _writer_turn(engine), Session(_for_writing(engine)) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One read snapshot: every statement in the block sees the same state; nothing is written."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def glancing(engine: Engine) -> Iterator[Session]:
    """A session without a transaction: each statement sees, and keeps, its own moment.

    For one short look (whose token is this?) on every request: no round trips to begin and end.
    """
    if engine.dialect.name == "postgresql":
        glance = engine.execution_options(isolation_level="AUTOCOMMIT")
    else:
        glance = engine.execution_options(glances=True)
    with Session(glance) as session:
        yield session


def run_transaction(engine: Engine, work: Callable[[Session], T]) -> T:
    """`work` inside `transaction`, run again when another writer changed what it was judged on."""
    for last in (False,) * (WRITE_TRIES - 1) + (True,):
        try:
            with transaction(engine) as session:
                return work(session)
        except ChangedMeanwhile:
            if last:
                raise
        except OperationalError as error:
            if last or not _is_deadlock(error):
                raise
    raise AssertionError("unreachable")


@contextmanager
def _writer_turn(engine: Engine) -> Iterator[None]:
    """Waits for the turn to write a SQLite file, first in this process and then among processes;
    PostgreSQL needs no turn.

    The file's own busy handler sleeps up to 100 ms between tries and lets late comers overtake.
    """
    lock = _sqlite_writers.get(engine.url.render_as_string(hide_password=False))
    if lock is None:
        yield
        return
    lock.acquire()
    try:
        with _turn_among_processes(engine.url.database):
            yield
    finally:
        lock.release()


@contextmanager
def _turn_among_processes(database: str | None) -> Iterator[None]:
    """Holds a lock on a file beside the database; opened anew each time, so a fork shares none."""
    if not database or database == ":memory:":
        yield
        return
    turn = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)  # gives the lock back, also when this process dies


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}
