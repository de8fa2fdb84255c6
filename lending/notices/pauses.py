"""Failing senders are left alone for growing pauses, shared by all workers."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import SenderPause
from lending.people.upserts import insert_or

FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=30)


def pause_after(failures: int) -> timedelta:
    """30 s, 1 min, 2 min … 30 min."""
    doubled: timedelta = FIRST * 2 ** min(failures - 1, 10)
    return min(doubled, LONGEST)


def pause_sender(session: Session, *, name: str, error: str, now: datetime) -> datetime:
    """Counts a failure; until when the sender rests. A failure during its rest counts once."""
    row = session.execute(
        sa.select(SenderPause.failures, SenderPause.until).where(SenderPause.name == name)
    ).one_or_none()
    if row is not None and row.until > now:
        resting: datetime = row.until
        return resting
    failures = row.failures + 1 if row is not None else 1
    values = {"failures": failures, "until": now + pause_after(failures), "error": error}
    insert = insert_or(session, SenderPause).values(name=name, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))
    return now + pause_after(failures)


def clear_pause(session: Session, *, name: str) -> None:
    """The sender works again."""
    session.execute(sa.delete(SenderPause).where(SenderPause.name == name))


def resting_senders(
    session: Session, *, names: Collection[str], now: datetime
) -> dict[str, datetime]:
    """Which of these rest, and until when."""
    query = sa.select(SenderPause.name, SenderPause.until).where(
        SenderPause.name.in_(names), SenderPause.until > now
    )
    return {row.name: row.until for row in session.execute(query)}


def failing_senders(session: Session) -> list[tuple[str, str, datetime]]:
    """(name, last error, resting until) of every sender that failed last, for the office page."""
    query = sa.select(SenderPause.name, SenderPause.error, SenderPause.until)
    return [(row.name, row.error, row.until) for row in session.execute(query)]
