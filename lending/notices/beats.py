"""The worker's heartbeat: each kind of work notes when it last went through."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.notices.tables import WorkerBeat
from lending.people.upserts import insert_or

SILENT_AFTER = timedelta(minutes=15)
WATCHED = ("sweep", "send_phone", "send_email")  # the work whose silence nobody would notice


def beat(session: Session, *, job: str, now: datetime) -> None:
    """Notes that a kind of work went through just now."""
    insert = insert_or(session, WorkerBeat).values(job=job, at=now)
    session.execute(insert.on_conflict_do_update(index_elements=["job"], set_={"at": now}))


def worker_silent(
    session: Session, *, now: datetime, since: datetime, watched: Collection[str] = WATCHED
) -> bool:
    """Whether any of the watched work did not go through for 15 minutes.

    `since`: when the caller began to watch; before that it blames nobody, so that a server just
    started does not cry before its worker could have answered.
    """
    if now - since < SILENT_AFTER:
        return False
    query = sa.select(sa.func.count()).where(
        WorkerBeat.job.in_(watched), WorkerBeat.at > now - SILENT_AFTER
    )
    return session.scalar(query) != len(watched)
