"""The writer's statements find what they are asked for by an index, however long the log has grown."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.crates import contents
from lending.loop.loans.due import ENDS
from lending.loop.write import mending, queries
from tests.personas import Loop

ID = uuid.uuid4()
GIVEN: dict[str, dict[str, Any]] = {
    "SITES": {"codes": ["1"], "ids": [1]},
    "LOCKED_ITEMS": {"codes": ["1"]},
    "LOCKED_ITEMS_BY_ID": {"items": [1]},
    "LABELS_SETTLED": {"codes": ["1"]},
    "KNOWN_SCANS": {"ids": [ID]},
    "CARRIED_WITH": {"scans": [ID]},
    "EVENTS_OF_ITEMS": {"items": [1]},
    "LOANS_OF_ITEMS": {"items": [1]},
    "GAPS_OF_ITEMS": {"items": [1]},
    "STAYS_OF_ITEMS": {"items": [1]},
    "BORROWER_FILES": {"residents": [ID], "items": [1]},
    "STAYED_SINCE": {"crates": [1], "since": datetime(2026, 3, 2, tzinfo=UTC)},
    "TOUCHED": {"crates": [1], "scans": [ID]},
    "RECEIVED_FROM": {"crates": [1], "since": datetime(2026, 3, 2, tzinfo=UTC)},
    "HAPPENED": {"ids": [ID]},
    "LYING_THERE": {"site": 1},
    "CRATES": {"items": [1]},
    "OCCASIONS": {"ids": [ID]},
    "ENDS": {"occasions": [ID]},
}
STATEMENTS = {
    name: value
    for module in (queries, contents, mending)
    for name, value in vars(module).items()
    if isinstance(value, sa.Select)
} | {"ENDS": ENDS}


def test_every_statement_is_looked_at() -> None:
    assert STATEMENTS.keys() == GIVEN.keys()


@pytest.mark.parametrize("name", GIVEN)
def test_no_table_is_read_from_end_to_end(loop: Loop, name: str) -> None:
    with Session(loop.engine) as session:
        plan = plan_of(session, STATEMENTS[name], GIVEN[name])
    whole = [line for line in plan if "Seq Scan" in line or line.startswith("SCAN ")]
    assert [line for line in whole if "json_each" not in line] == []


def plan_of(session: Session, statement: Any, given: dict[str, Any]) -> list[str]:
    """What the database means to do, a line per step; small tables make PostgreSQL no exception."""
    connection, asked = session.connection(), []
    sa.event.listen(connection, "before_cursor_execute", lambda *a: asked.append(a[2:4]))
    connection.execute(statement, given)
    ((text, values),) = asked
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explained = connection.exec_driver_sql(
        ("EXPLAIN " if on_postgres else "EXPLAIN QUERY PLAN ") + text, values
    )
    return [row[0 if on_postgres else 3] for row in explained]
