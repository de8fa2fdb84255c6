"""Alembic's entry: every lending.*.tables module gives its tables to one metadata."""

import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory

import lending
from config import Config
from lending.db import Base, UtcDateTime, make_engine


def import_tables() -> None:
    """Imports each package's `tables`, so that Base.metadata knows every table."""
    for package in pkgutil.iter_modules(lending.__path__):
        name = f"lending.{package.name}.tables"
        if package.ispkg and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


def number_revision(
    migration: MigrationContext, _revision: object, directives: list[MigrationScript]
) -> None:
    """Names a new revision 0001, 0002, … after the one before it."""
    assert migration.config is not None
    newest = ScriptDirectory.from_config(migration.config).get_current_head()
    for directive in directives:
        directive.rev_id = f"{int(newest or 0) + 1:04}"


def render_type(kind: str, value: object, _context: object) -> str | Literal[False]:
    """A migration keeps to SQLAlchemy's own types: our decorator may change, history may not."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a column by making its table anew, which references to it must outlive.

    The setting cannot change within a transaction, so it is made on the connection before one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    bare = connection.connection.driver_connection
    assert bare is not None
    bare.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.rollback()  # where nothing was to do one is open, and the setting would not change
        bare.execute("PRAGMA foreign_keys = ON")


def refuse_loose_keys(ctx: MigrationContext, *_step: object, **_parts: object) -> None:
    """Ends a migration that left a row pointing nowhere; SQLite itself looked away meanwhile."""
    if ctx.dialect.name != "sqlite" or ctx.connection is None:
        return
    loose = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if loose is not None:
        raise sa.exc.IntegrityError("PRAGMA foreign_key_check", None, ValueError(tuple(loose)))


def run_migrations(connection: sa.Connection) -> None:
    """Runs what Alembic asked for on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_type,
        transaction_per_migration=True,
        process_revision_directives=number_revision,
        on_version_apply=refuse_loose_keys,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Works on the engine handed in by lending.ops.migrate, or on the configured database."""
    import_tables()
    engine = context.config.attributes.get("engine")
    if engine is None:
        engine = make_engine(Config.from_environ(os.environ).database_url)
    with (
        engine.connect().execution_options(writes=True) as connection,
        without_foreign_keys(connection),
    ):
        run_migrations(connection)


main()
