"""Whether a batch waits to be found good before it is shipped."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import WashBatch
from lending.washing.hygiene.plan import load_plan
from lending.washing.hygiene.tables import HygieneTest, Recall


def settle_awaiting(session: Session, batch_id: uuid.UUID | None) -> None:
    """After a result: the batch waits as long as a sample has none or a recall of it is open."""
    if batch_id is None:
        return
    batch = session.get_one(WashBatch, batch_id)
    pending = sa.select(HygieneTest.id).where(
        HygieneTest.batch_id == batch_id, HygieneTest.passed.is_(None), ~HygieneTest.superseded
    )
    recalled = sa.select(Recall.id).where(Recall.batch_id == batch_id, Recall.closed_at.is_(None))
    waits = load_plan(session, district_id=batch.district_id).ship_waits
    waits = waits and session.scalar(pending.limit(1)) is not None
    batch.awaits_result = waits or session.scalar(recalled.limit(1)) is not None
    session.flush()
