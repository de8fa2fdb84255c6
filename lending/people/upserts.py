"""INSERT with ON CONFLICT, which SQLAlchemy spells once per database."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_or(session: Session, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into `table` that has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    rows: sa.Table = table.__table__
    on_postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(rows) if on_postgres else sqlite.insert(rows)
