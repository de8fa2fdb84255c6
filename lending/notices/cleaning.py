"""Cleans the database's files after an erasure, so that no page of them holds what was erased."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.notices.tables import Erasure

# Tables that held something of a person, for PostgreSQL's VACUUM.
PERSONAL = (
    "resident", "scan_borrower", "message", "inbox_message", "login_code", "card", "notice", "photo",
    "return_credit", "pickup", "order_place",
    "delivery_order", "stop",
)  # fmt: skip
KEPT_ROWS = 1000
BRIEFLY = 200  # milliseconds to wait for readers; the next round comes soon


def clean_files(engine: Engine, *, now: datetime) -> bool:
    """Cleans when something was erased since the last time; whether all of it is clean now.

    SQLite: `VACUUM` writes every live row into fresh pages and the write-ahead log is cut to
    nothing, so file and log hold live rows only. While somebody still reads, False: the next
    round tries again. PostgreSQL: `VACUUM` takes the dead rows out of reach of any statement;
    their bytes may stay in free space of a page and in the write-ahead log until overwritten or
    recycled (`VACUUM FULL` in a maintenance window rewrites the tables).
    """
    with Session(engine) as session:
        newest = session.scalar(
            sa.select(sa.func.max(Erasure.id)).where(Erasure.cleaned_at.is_(None))
        )
    if newest is None:
        return True
    if not (_clean_sqlite(engine) if engine.dialect.name == "sqlite" else _clean_postgres(engine)):
        return False
    run_transaction(engine, lambda session: _note(session, newest, now))
    return True


def _note(session: Session, newest: int, now: datetime) -> None:
    session.execute(
        sa.update(Erasure)
        .where(Erasure.id <= newest, Erasure.cleaned_at.is_(None))
        .values(cleaned_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(sa.delete(Erasure).where(Erasure.id < newest - KEPT_ROWS))


def _clean_sqlite(engine: Engine) -> bool:
    """Neither statement runs inside a transaction: the driver's own connection does it.

    The log is cut before as well: while a long reader stands in the way, the whole file is not
    written into it again and again.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cleaned = _cut_log(cursor)
        if cleaned:
            cursor.execute("VACUUM")
            cleaned = _cut_log(cursor)
        cursor.close()
    finally:
        raw.close()
    return cleaned


def _cut_log(cursor: Any) -> bool:
    """Whether the write-ahead log is in the file and empty; False while somebody reads."""
    (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {BRIEFLY}")
    busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return bool(busy == 0)


def _clean_postgres(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM {', '.join(PERSONAL)}")
    return True
