"""Brings the database to the newest schema with Alembic, in this process."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from config import ROOT, Config
from lending.db import make_engine

# Any number will do; two servers started at once must only agree on it.
MIGRATION_LOCK = 4821_0937


def alembic_config(engine: sa.Engine | None = None) -> AlembicConfig:
    """The Alembic settings of pyproject.toml; `engine` is the database to work on."""
    settings = AlembicConfig(toml_file=ROOT / "pyproject.toml")
    settings.attributes["engine"] = engine
    return settings


def migrate_engine(engine: sa.Engine) -> None:
    """Runs every migration `engine`'s database has not seen; several processes may try at once."""
    if engine.dialect.name == "sqlite":
        command.upgrade(alembic_config(engine), "head")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        holder.execute(sa.select(sa.func.pg_advisory_lock(MIGRATION_LOCK)))
        command.upgrade(alembic_config(engine), "head")


def migrate_database(config: Config) -> None:
    """The same for the configured database; the SQLite file and its folder are made when missing."""
    url = sa.make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        file = Path(url.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)  # sealed or not, who lent what is nobody else's to read
    engine = make_engine(config.database_url)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()


def schema_is_current(engine: sa.Engine) -> bool:
    """Whether the database stands at the newest migration."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
