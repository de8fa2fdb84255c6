"""Restores a backup into the configured database, of either kind, in one transaction."""

import json
import os
import secrets
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.bulk import update_rows
from lending.db import transaction
from lending.ops.archive import (
    FORM,
    BadArchive,
    read_entry,
    read_rows,
    reading_archive,
)
from lending.ops.backup import Progress
from lending.ops.fill import insert_as_read, set_sequences
from lending.ops.schema import all_tables
from lending.places.districts import list_districts


class NotEmpty(Exception):
    """The database holds a district already."""


class OtherSchema(Exception):
    """The backup was made by another version; carries its schema and ours."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the front of a backup."""

    schema: str
    made_at: datetime
    columns: dict[str, list[str]]


def restore(
    engine: Engine, *, keys_file: Path, source: Path, replace: bool, progress: Progress
) -> Header:
    """Puts the rows and keys of `source` into a migrated database; all of them or nothing.

    NotEmpty unless the database is empty or `replace` is set; OtherSchema; BadArchive. Keys that
    stood here before are kept beside the new ones.
    """
    with (
        reading_archive(source) as archive,
        _keys_put_back(keys_file) as put_keys,
        transaction(engine) as session,
    ):
        members = iter(archive)
        header = _read_header(_expect(archive, members, "header.json"))
        _check(session, header, replace=replace)
        keys = _expect(archive, members, "keys.json")
        _empty(session)
        counts = _fill(session, archive, members, header, progress)
        set_sequences(session)
        put_keys(keys)  # last: what comes after is the commit alone
    progress(sum(counts.values()), sum(counts.values()))
    return header


def _check(session: Session, header: Header, *, replace: bool) -> None:
    ours = MigrationContext.configure(session.connection()).get_current_revision()
    if header.schema != ours:
        raise OtherSchema(header.schema, ours)
    if not replace and list_districts(session):
        raise NotEmpty


def _read_header(content: bytes) -> Header:
    stored = json.loads(content)
    if stored.get("form") != FORM:
        raise BadArchive(f"form {stored.get('form')} is unknown")
    made_at = datetime.fromisoformat(stored["made_at"])
    return Header(stored["schema"], made_at, stored["columns"])


def _expect(archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo], name: str) -> bytes:
    member = next(members, None)
    if member is None or member.name != name:
        raise BadArchive(f"{name} is missing")
    return read_entry(archive, member)


def _empty(session: Session) -> None:
    for table in reversed(all_tables()):
        session.execute(sa.delete(table))


def _fill(
    session: Session,
    archive: tarfile.TarFile,
    members: Iterator[tarfile.TarInfo],
    header: Header,
    progress: Progress,
) -> dict[str, int]:
    """Inserts piece by piece; the rows of each table, equal to what the footer says."""
    tables = {table.name: table for table in all_tables()}
    counts = dict.fromkeys(header.columns, 0)
    held: dict[str, list[dict[str, Any]]] = {}
    for member in members:
        content = read_entry(archive, member)
        if member.name == "footer.json":
            if json.loads(content) != counts:
                raise BadArchive("the rows are not those that were written")
            for name, waiting in held.items():
                update_rows(session, tables[name], waiting)
            return counts
        name = member.name.split("/")[1]
        columns = [tables[name].columns[column] for column in header.columns[name]]
        rows = read_rows(content)
        held.setdefault(name, []).extend(_hold_back(tables[name], columns, rows))
        insert_as_read(session, tables[name], columns, rows)
        counts[name] += len(rows)
        progress(sum(counts.values()), 0)
    raise BadArchive("it is cut short")


def _hold_back(
    table: sa.Table, columns: Sequence[sa.Column[Any]], rows: Iterable[list[Any]]
) -> Iterator[dict[str, Any]]:
    """Takes out what names another row of the same table, such as the crate a piece is in: that row
    may come later. Gives it as rows to update once all are there."""
    names = [column.name for column in columns]
    own = [
        place
        for place, column in enumerate(columns)
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    for row in rows:
        if any(row[place] is not None for place in own):
            yield {"id": row[names.index("id")]} | {names[place]: row[place] for place in own}
            row[:] = [None if place in own else value for place, value in enumerate(row)]


@contextmanager
def _keys_put_back(path: Path) -> Iterator[Callable[[bytes], None]]:
    """A function that puts keys at `path`; the old ones are put back when the block fails."""
    before = path.read_bytes() if path.exists() else None
    placed = False

    def put(keys: bytes) -> None:
        nonlocal placed
        if before is not None and before != keys:
            _write(path.with_name(f"keys-before-{secrets.token_hex(4)}.json"), before)
        placed = True
        _write(path, keys)

    try:
        yield put
    except BaseException:
        if placed and before is None:
            path.unlink(missing_ok=True)
        elif placed and before is not None:
            _write(path, before)
        raise


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
