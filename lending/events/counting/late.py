"""Pieces with a code that come in after the count, while hall and centre do not agree yet."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.events.counting.found import back_of_kind
from lending.events.settings import load_times
from lending.events.statements.disputes import next_figures
from lending.events.statements.reading import lock_statement
from lending.events.statements.writing import Figures, Writing, write_statement
from lending.events.tables import Event, Statement, StatementLine
from lending.events.values import StatementWhy
from lending.loop.system import system_actor
from lending.loop.tables import ItemKind

AT_ONCE = 100
_BY_COUNT = (StatementWhy.COUNT, StatementWhy.RECOUNT, StatementWhy.FOUND)


def follow_late_pieces(
    session: Session, *, district_id: int, now: datetime, at_once: int = AT_ONCE
) -> int:
    """Writes the next version of statements nobody has answered yet, where pieces came in since; it
    stands in the place of the one before, the hall's days begin anew. At most `at_once`, those that
    say what is so taking nobody's place; how many."""
    newer = aliased(Statement)
    latest = ~sa.exists().where(
        newer.event_id == Statement.event_id, newer.version > Statement.version
    )
    back = back_of_kind(Event.id, StatementLine.kind_id, Event, StatementLine)
    came = (
        sa.exists()
        .where(StatementLine.statement_id == Statement.id)
        .where(StatementLine.kind_id == ItemKind.id, ~ItemKind.counted)
        .where(StatementLine.returned + StatementLine.broken != back)
        .correlate(Event, Statement)
    )
    query = (
        sa.select(Statement.id)
        .join(Event, Event.id == Statement.event_id)
        .where(Statement.district_id == district_id, Statement.answer.is_(None))
        .where(Event.settled_at.is_(None), Statement.why.in_(_BY_COUNT), latest, came)
        .order_by(Statement.made_at, Statement.id)
        .limit(at_once)
    )
    found = list(session.scalars(query))
    return sum(_write_next(session, one, district_id, now) for one in found)


def _write_next(session: Session, statement_id: uuid.UUID, district_id: int, now: datetime) -> bool:
    row, event = lock_statement(session, statement_id, system_actor(district_id))
    figures, foreign = next_figures(session, row, event)
    if row.answer is not None or not _differs(session, row, figures):
        return False
    times = load_times(session, district_id=district_id)
    writing = Writing(
        uuid.uuid5(row.id, f"found {now.isoformat()}"), StatementWhy.FOUND, row.site_id,
        row.counted_at, row.counted_by, figures, foreign, row.note, sent_by=row.sent_by,
        answer_days=times.answer_days,
    )  # fmt: skip
    write_statement(session, event, writing, now=now)
    return True


def _differs(session: Session, row: Statement, figures: list[Figures]) -> bool:
    lines = session.scalars(
        sa.select(StatementLine).where(
            StatementLine.statement_id == row.id, StatementLine.kind_id.is_not(None)
        )
    )
    before = {line.kind_id: (line.sent, line.returned, line.broken) for line in lines}
    return before != {one.kind_id: (one.sent, one.found, one.broken) for one in figures}
