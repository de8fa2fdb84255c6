"""Backs an installation up into one file: database and keys, beside a running server.

The rows are read table by table on one snapshot and written in a form of our own, so that a backup
of either database can be restored into the other.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import reading
from lending.ops.archive import FORM, add_entry, add_rows, writing_archive
from lending.ops.schema import all_tables

AT_ONCE = 2000  # rows fetched at a time; a table of large rows names its own number
TELL_EVERY = 10_000

Progress = Callable[[int, int], None]  # (rows done, rows in all)


def back_up(
    engine: Engine, *, keys_file: Path, out: Path, now: datetime, progress: Progress
) -> dict[str, int]:
    """Writes the backup `out` (mode 0600); returns the rows of each table.

    FileExistsError when `out` exists. Memory is bounded whatever the size.
    """
    if out.exists():
        raise FileExistsError(out)
    tables = all_tables()
    with reading(engine) as session, writing_archive(out) as archive:
        total = sum(_count(session, table) for table in tables)
        header = {
            "form": FORM,
            "schema": MigrationContext.configure(session.connection()).get_current_revision(),
            "made_at": now.isoformat(),
            "database": engine.dialect.name,
            "columns": {table.name: [column.name for column in table.columns] for table in tables},
        }
        add_entry(archive, "header.json", json.dumps(header).encode())
        add_entry(archive, "keys.json", keys_file.read_bytes())
        counts: dict[str, int] = {}
        for table in tables:
            rows = _rows(session, table, sum(counts.values()), total, progress)
            counts[table.name] = add_rows(archive, table.name, rows)
        add_entry(archive, "footer.json", json.dumps(counts).encode())
    progress(total, total)
    return counts


def _count(session: Session, table: sa.Table) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _rows(
    session: Session, table: sa.Table, done: int, total: int, progress: Progress
) -> Iterator[Any]:
    at_once = table.info.get("rows_at_once", AT_ONCE)
    result = session.connection().execute(
        sa.select(table), execution_options={"stream_results": True, "yield_per": at_once}
    )
    for number, row in enumerate(result, start=1):
        if number % TELL_EVERY == 0:
            progress(done + number, total)
        yield row
