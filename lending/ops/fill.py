"""Rows of a backup go into their tables: values as JSON has them, into either kind of database."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.ops.archive import unpack_bytes
from lending.ops.schema import all_tables

Convert = Callable[[Any], Any]


def insert_as_read(
    session: Session, table: sa.Table, columns: list[sa.Column[Any]], rows: list[list[Any]]
) -> None:
    """COPY on PostgreSQL, which reads texts as every type; one executemany on SQLite."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        converts = [_read_for_copy(column) for column in columns]
        names = ", ".join(f'"{column.name}"' for column in columns)
        cursor = connection.connection.cursor()
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in _converted(rows, converts):
                copy.write_row(row)
        return
    converts = [_read_value(column) for column in columns]
    names_only = [column.name for column in columns]
    values = [dict(zip(names_only, row, strict=True)) for row in _converted(rows, converts)]
    connection.execute(sa.insert(table), values)


def _converted(
    rows: Iterable[list[Any]], converts: Sequence[Convert | None]
) -> Iterator[list[Any]]:
    wanted = [(place, convert) for place, convert in enumerate(converts) if convert]
    for row in rows:
        for place, convert in wanted:
            if row[place] is not None:
                row[place] = convert(row[place])
        yield row


def _read_for_copy(column: sa.Column[Any]) -> Convert | None:
    """What else JSON has as text, PostgreSQL reads itself."""
    if isinstance(column.type, sa.JSON):
        return json.dumps
    read = _read_value(column)
    return read if read is unpack_bytes else None


def _read_value(column: sa.Column[Any]) -> Convert | None:
    """How a column's value comes back from JSON; None where it is the same."""
    kind = column.type
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    return next((read for sort, read in READ.items() if isinstance(kind, sort)), None)


READ: dict[type[sa.types.TypeEngine[Any]], Convert] = {
    sa.LargeBinary: unpack_bytes,
    sa.DateTime: datetime.fromisoformat,
    sa.Date: date.fromisoformat,
    sa.Time: time.fromisoformat,
    sa.Uuid: UUID,
}


def set_sequences(session: Session) -> None:
    """The next number of every running number is past the highest that was restored."""
    if session.connection().dialect.name != "postgresql":
        return
    for table in all_tables():
        column = table.autoincrement_column
        if column is None:
            continue
        name = {"table": f'"{table.name}"', "column": column.name}
        highest = sa.select(sa.func.max(column)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(*name.values())
        if session.scalar(sa.select(sequence)) is not None:
            session.execute(
                sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 0) + 1, False))
            )
