"""Many rows in one statement: arrays and unnest on PostgreSQL, executemany on SQLite.

A VALUES list of 1,000 rows is a statement of 30,000 parameters that the driver and the server both
parse anew; with one array per column the text stays the same and short, whatever the count.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

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
    if connection.dialect.name == "postgresql":
        statement, parameters = _insert_arrays(table, names, skip_known), _columns(rows, names)
        return connection.execute(statement, parameters, execution_options=COUNTED).rowcount
    insert = sqlite.insert(table).values({name: sa.bindparam(name) for name in names})
    if skip_known:
        insert = insert.on_conflict_do_nothing()
    return connection.execute(
        insert, [dict(row) for row in rows], execution_options=COUNTED
    ).rowcount


def update_rows(session: Session, table: sa.Table, rows: Rows) -> None:
    """Updates rows by their `id`; all of them set the same other columns."""
    if not rows:
        return
    names = tuple(rows[0])
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_update_arrays(table, names), _columns(rows, names))
        return
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names if name != "id"}
    update = sa.update(table).where(table.c.id == sa.bindparam("key")).values(values)
    connection.execute(
        update,
        [
            {"key" if name == "id" else f"new_{name}": value for name, value in row.items()}
            for row in rows
        ],
    )


def _columns(rows: Rows, names: Sequence[str]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _unnest(table: sa.Table, names: Sequence[str]) -> sa.TableValuedAlias:
    arrays = [
        sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(table.c[name].type)) for name in names
    ]
    columns = [sa.column(name, table.c[name].type) for name in names]
    return sa.func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


@lru_cache(maxsize=256)
def _insert_arrays(table: sa.Table, names: tuple[str, ...], skip_known: bool) -> sa.Insert:
    given = _unnest(table, names)
    insert = postgresql.insert(table).from_select(list(names), sa.select(*given.c))
    return insert.on_conflict_do_nothing() if skip_known else insert


@lru_cache(maxsize=256)
def _update_arrays(table: sa.Table, names: tuple[str, ...]) -> sa.Update:
    given = _unnest(table, names)
    values = {name: given.c[name] for name in names if name != "id"}
    return sa.update(table).where(table.c.id == given.c.id).values(values)
