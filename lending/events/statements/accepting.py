"""Statements that the hall left without a word count as accepted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.events.statements.answers import settle_event
from lending.events.statements.reading import lock_statement
from lending.events.tables import Statement
from lending.events.values import Answer
from lending.loop.system import system_actor
from lending.requests.acting import SYSTEM

AT_ONCE = 500


def accept_overdue(session: Session, *, district_id: int, now: datetime) -> int:
    """Statements that the hall left without a word for its days count as accepted, and are marked
    so; at most 500 a call; how many."""
    newer = aliased(Statement)
    query = (
        sa.select(Statement.id)
        .where(Statement.district_id == district_id, Statement.answer.is_(None))
        .where(Statement.answer_by <= now)
        .where(~_newer(newer))
        .order_by(Statement.answer_by, Statement.id)
        .limit(AT_ONCE)
    )
    actor = system_actor(district_id)
    accepted = 0
    for statement_id in list(session.scalars(query)):
        row, event = lock_statement(session, statement_id, actor)
        if row.answer is None:
            row.answer, row.answered_at, row.answered_by = Answer.ACCEPTED, now, SYSTEM
            settle_event(event, now)
            accepted += 1
    session.flush()
    return accepted


def _newer(newer: type[Statement]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        newer.event_id == Statement.event_id, newer.version > Statement.version
    )
