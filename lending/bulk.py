"""Many rows or many keys in one statement: arrays on PostgreSQL, executemany and JSON on SQLite.

A VALUES list of 1,000 rows is a statement of 30,000 parameters that the driver and the server both
parse anew; with one array per column the text stays the same and short, whatever the count.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import InternalTraversal


class OneOf(sa.ColumnElement[bool]):
    """`column` is one of the values of a list parameter; made by `one_of`."""

    inherit_cache = True
    type = sa.Boolean()
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: Any, values: sa.BindParameter[Any]) -> None:
        self.column = column
        self.values = values

    def self_group(self, against: Any = None) -> "OneOf":
        """As it is: SQLAlchemy would write `… = 1` for SQLite, which then uses no index."""
        return self


class KeyList(sa.types.TypeDecorator[Sequence[Any]]):
    """A list of texts, whole numbers or UUIDs: an array on PostgreSQL, JSON text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        on_postgres = dialect.name == "postgresql"
        kind = postgresql.ARRAY(self.item) if on_postgres else sa.Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps([key.hex if isinstance(key, uuid.UUID) else key for key in value])


def one_of(column: Any, name: str) -> sa.ColumnElement[bool]:
    """`column IN` the list given as parameter `name`; the statement's text is the same for one
    key and for ten thousand, so that driver and server know it again."""
    return OneOf(column, sa.bindparam(name, type_=KeyList(column.type)))


@compiles(OneOf, "postgresql")
def _one_of_array(element: OneOf, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    return f"{column} = ANY ({compiler.process(element.values, **options)})"


@compiles(OneOf)
def _one_of_json(element: OneOf, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    values = compiler.process(element.values, **options)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 (no user's text)


Rows = Sequence[Mapping[str, Any]]
COUNTED = {"preserve_rowcount": True}


def insert_rows(session: Session, table: sa.Table, rows: Rows, *, skip_known: bool = False) -> int:
    """Inserts rows that all name the same columns; returns how many went in.

    `skip_known`: a row that any unique index forbids is left out instead of raising.
    """
    if not rows:
        return 0
    names = tuple(rows[0])
    connection = session.connection()
    on_postgres = connection.dialect.name == "postgresql"
    parameters: Any = [dict(row) for row in rows]
    if on_postgres and len(rows) > 1:
        listed, parameters = _columns(rows, names)
        statement = _insert_arrays(table, names, listed, skip_known)
    else:
        statement = _insert_one(table, names, skip_known, on_postgres)
    return connection.execute(statement, parameters, execution_options=COUNTED).rowcount


def update_rows(session: Session, table: sa.Table, rows: Rows) -> None:
    """Updates rows by their `id`; all of them set the same other columns."""
    if not rows:
        return
    names = tuple(rows[0])
    connection = session.connection()
    if connection.dialect.name == "postgresql" and len(rows) > 1:
        listed, parameters = _columns(rows, names)
        connection.execute(_update_arrays(table, names, listed), parameters)
        return
    connection.execute(
        _update_one(table, names),
        [
            {"key" if name == "id" else f"new_{name}": value for name, value in row.items()}
            for row in rows
        ],
    )


def _columns(rows: Rows, names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Which columns need a list, and the parameters: lists for those, one value for the others.

    Most columns of one call hold the same value in every row, and a list of a thousand equal
    values would be written and read a thousand times.
    """
    listed, parameters = [], {}
    for name in names:
        values = [row[name] for row in rows]
        first = values[0]
        if name != "id" and all(value is first or value == first for value in values):
            parameters[f"all_{name}"] = first
        else:
            listed.append(name)
            parameters[f"all_{name}"] = values
    return tuple(listed), parameters


def _given(
    table: sa.Table, names: Sequence[str], listed: Sequence[str]
) -> dict[str, sa.ColumnElement[Any]]:
    """Each column of the rows: out of the unnested lists, or one value for all."""
    kinds = {name: table.c[name].type for name in names}
    arrays = [sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(kinds[name])) for name in listed]
    columns = [sa.column(name, kinds[name]) for name in listed]
    lists = sa.func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    return {
        name: lists.c[name] if name in listed else sa.bindparam(f"all_{name}", type_=kinds[name])
        for name in names
    }


@lru_cache(maxsize=256)
def _insert_one(
    table: sa.Table, names: tuple[str, ...], skip_known: bool, on_postgres: bool
) -> sa.Insert:
    into = postgresql.insert(table) if on_postgres else sqlite.insert(table)
    one: postgresql.Insert | sqlite.Insert = into.values({n: sa.bindparam(n) for n in names})
    return one.on_conflict_do_nothing() if skip_known else one


@lru_cache(maxsize=256)
def _update_one(table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names if name != "id"}
    return sa.update(table).where(table.c.id == sa.bindparam("key")).values(values)


@lru_cache(maxsize=1024)
def _insert_arrays(
    table: sa.Table, names: tuple[str, ...], listed: tuple[str, ...], skip_known: bool
) -> sa.Insert:
    given = _given(table, names, listed)
    insert = postgresql.insert(table).from_select(list(names), sa.select(*given.values()))
    return insert.on_conflict_do_nothing() if skip_known else insert


@lru_cache(maxsize=1024)
def _update_arrays(table: sa.Table, names: tuple[str, ...], listed: tuple[str, ...]) -> sa.Update:
    given = _given(table, names, listed)
    values = {name: column for name, column in given.items() if name != "id"}
    return sa.update(table).where(table.c.id == given["id"]).values(values)
