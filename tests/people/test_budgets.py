"""A counter counts every use, whoever asks at once, and opens again with the next window."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, run_transaction, transaction
from lending.errors import Code, LendingError
from lending.people.budgets import drop_old_budgets, spend
from lending.people.tables import Budget


def test_over_the_limit_it_says_when_to_come_again(
    session: Session, keys: Any, now: datetime
) -> None:
    use = {"keys": keys, "purpose": "test", "subject": "1.2.3.4", "limit": 3, "seconds": 60}
    assert [spend(session, **use, now=now) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(LendingError) as caught:
        spend(session, **use, now=now)
    assert caught.value.code is Code.TOO_MANY_TRIES
    assert caught.value.retry_after == 30  # the tests stand at half past a minute
    assert spend(session, **{**use, "subject": "1.2.3.5"}, now=now) == 1
    assert spend(session, **{**use, "purpose": "other"}, now=now) == 1
    assert spend(session, **use, now=now + timedelta(seconds=30)) == 1


def test_eight_at_once_are_all_counted(engine: sa.Engine, keys: Any, now: datetime) -> None:
    counts: list[int] = []

    def work(session: Session) -> int:
        return spend(session, keys=keys, purpose="t", subject="s", limit=1000, seconds=60, now=now)

    def client() -> None:
        counts.extend(run_transaction(engine, work) for _ in range(5))

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 41))


def test_subjects_are_not_stored_and_old_counters_go(
    engine: sa.Engine, keys: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        for days in (0, 3):
            at = now - timedelta(days=days)
            spend(session, keys=keys, purpose="t", subject="1.2.3.4", limit=1, seconds=60, now=at)
        assert drop_old_budgets(session, now=now) == 1
    with reading(engine) as session:
        (left,) = session.execute(sa.select(Budget.__table__)).all()
    assert b"1.2.3.4" not in left.key
    assert left.window_start == now - timedelta(seconds=30)
