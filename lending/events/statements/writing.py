"""Statements are written: a version from what was counted, scanned and decided."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of
from lending.events.counting.booking import book_outcome
from lending.events.counting.found import KindSeen
from lending.events.settings import prices_of
from lending.events.tables import Event, Statement, StatementLine
from lending.events.values import ForeignLine, StatementWhy


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a kind at an event: pieces sent, found whole and broken; `strangers` were not sent there."""

    kind_id: int
    counted: bool
    sent: int
    found: int
    broken: int
    strangers: int = 0

    @property
    def missing(self) -> int:
        """Below zero: more came back than was sent."""
        return self.sent - self.found - self.broken


@dataclass(frozen=True, slots=True)
class Writing:
    """What a version of a statement is made from. `sent_by`: it goes to the hall at once."""

    id: uuid.UUID
    why: StatementWhy
    centre_id: int
    counted_at: datetime
    counted_by: str
    figures: Sequence[Figures]
    foreign: Sequence[ForeignLine] = ()
    note: str = ""
    staff_id: int | None = None
    sent_by: str | None = None
    answer_days: int = 7


def tracked_figures(kinds: Sequence[KindSeen]) -> list[Figures]:
    """What their scans say of the kinds whose pieces have codes."""
    return [
        Figures(one.kind_id, False, one.sent, one.found, one.broken, one.strangers)
        for one in kinds
        if not one.counted
    ]


def write_statement(
    session: Session, event: Event, writing: Writing, *, now: datetime
) -> Statement:
    """The next version of an event's statement; the ledger follows it. The event is locked."""
    last = session.scalar(
        sa.select(sa.func.max(Statement.version)).where(Statement.event_id == event.id)
    )
    sent_at = now if writing.sent_by is not None else None
    row = Statement(
        id=writing.id, district_id=event.district_id, event_id=event.id, version=(last or 0) + 1,
        why=writing.why, site_id=writing.centre_id, counted_at=writing.counted_at,
        counted_by=writing.counted_by, note=writing.note, made_at=now, sent_at=sent_at,
        sent_by=writing.sent_by,
        answer_by=now + timedelta(days=writing.answer_days) if sent_at else None,
    )  # fmt: skip
    event.settled_at = None  # a top-up that was told late: there is something to agree on again
    session.add(row)
    session.flush()
    prices = prices_of(session, district_id=event.district_id, event=event.kind)
    lines = [_line(one, prices) for one in writing.figures]
    lines += [_foreign(one) for one in writing.foreign]
    rows = [{"statement_id": row.id, "position": n} | line for n, line in enumerate(lines, 1)]
    insert_rows(session, table_of(StatementLine), rows)
    outcome = {one.kind_id: (one.missing, one.broken) for one in writing.figures if one.counted}
    book_outcome(
        session, outcome, event_id=event.id, statement_id=row.id, centre_id=writing.centre_id,
        district_id=event.district_id, at=now, staff_id=writing.staff_id, now=now,
    )  # fmt: skip
    return row


def _line(one: Figures, prices: Mapping[int, int]) -> dict[str, object]:
    return {
        "kind_id": one.kind_id, "what": "", "sent": one.sent, "returned": one.found,
        "broken": one.broken, "missing": max(0, one.missing), "surplus": max(0, -one.missing),
        "foreign_pieces": one.strangers, "price": prices.get(one.kind_id),
    }  # fmt: skip


def _foreign(one: ForeignLine) -> dict[str, object]:
    return {
        "kind_id": None, "what": one.what, "sent": 0, "returned": 0, "broken": 0, "missing": 0,
        "surplus": 0, "foreign_pieces": one.pieces, "price": None,
    }  # fmt: skip
