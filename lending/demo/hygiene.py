"""The demo's recalls: one of last week that ended well, one of today that nobody has confirmed yet."""

import uuid
from datetime import datetime, timedelta

from lending.demo.batches import swab
from lending.demo.desk import Desk
from lending.demo.plan import CENTRE
from lending.demo.town import Town
from lending.washing.hygiene.recalls import release_recall

PAST_RECALL = 5  # working days ago
TOO_MUCH, MORE_TOO_MUCH, GOOD = 340, 268, 38  # RLU
MINUTE = timedelta(minutes=1)


def plan_past_recall(town: Town, batch_id: uuid.UUID, ended: datetime) -> None:
    """A swab right after the batch is over the limit; the one after it, taken with care, is good.
    All is over before anything is inspected."""
    town.happen(ended + 2 * MINUTE, lambda desk, at: _recall_and_release(desk, town, batch_id, at))


def _recall_and_release(desk: Desk, town: Town, batch_id: uuid.UUID, at: datetime) -> None:
    bad = swab(desk, town, batch_id, TOO_MUCH, at - MINUTE)
    swab(desk, town, batch_id, GOOD, at + MINUTE, retest_of=bad.id)
    assert bad.recall_id is not None
    release_recall(
        desk.session,
        recall_id=bad.recall_id,
        reason="면봉이 컵 바깥에 닿았음. 다시 잰 두 컵 모두 기준 이하",
        actor=desk.actor(CENTRE),
        keys=desk.keys,
        now=min(at + 2.5 * MINUTE, desk.now),
    )


def open_todays_recall(desk: Desk, town: Town) -> None:
    """A swab of a cup from yesterday's last batch, read just now: what the batch washed is held
    wherever it is, and nobody has confirmed the recall yet."""
    if town.doubtful_batch is not None:
        sampled = desk.now - 2 * MINUTE
        swab(desk, town, town.doubtful_batch, MORE_TOO_MUCH, sampled, now=desk.now)
