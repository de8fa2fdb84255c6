"""How often something guarded may be done: counters in the database, shared by all processes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.keys import Keys
from lending.people.sealing import digest
from lending.people.tables import Budget
from lending.people.upserts import insert_or


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `limit` uses in each window of `seconds`."""

    limit: int
    seconds: int


def spend(
    session: Session,
    *,
    keys: Keys,
    purpose: str,
    subject: str,
    limit: int,
    seconds: int,
    now: datetime,
) -> int:
    """Counts one use by `subject` (an address, a contact) and returns how many it is.

    Over `limit` in this window: TOO_MANY_TRIES with `retry_after` in seconds. One statement.
    A counter is only worth something when it is committed although the request fails: call this
    in a transaction of its own, before the thing it guards.
    """
    start = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    key = digest(keys, f"budget:{purpose}", subject)
    insert = insert_or(session, Budget).values(key=key, window_start=start, spent=1)
    spent = session.scalars(
        insert.on_conflict_do_update(
            index_elements=["key", "window_start"], set_={"spent": Budget.__table__.c.spent + 1}
        ).returning(Budget.__table__.c.spent)
    ).one()
    if spent > limit:
        left = start + timedelta(seconds=seconds) - now
        raise LendingError(
            Code.TOO_MANY_TRIES, detail=purpose, retry_after=max(1, round(left.total_seconds()))
        )
    return int(spent)


def spend_all(
    session: Session,
    *,
    keys: Keys,
    uses: list[tuple[str, str, Allowance]],
    now: datetime,
) -> None:
    """`spend` for several (purpose, subject, allowance); the first that is used up raises."""
    for purpose, subject, allowance in uses:
        spend(
            session,
            keys=keys,
            purpose=purpose,
            subject=subject,
            limit=allowance.limit,
            seconds=allowance.seconds,
            now=now,
        )


def drop_old_budgets(session: Session, *, now: datetime) -> int:
    """Deletes counters whose window began more than two days ago; how many."""
    old = sa.delete(Budget).where(Budget.window_start < now - timedelta(days=2))
    return len(session.execute(old.returning(Budget.window_start)).all())
