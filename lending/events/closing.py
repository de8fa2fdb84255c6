"""Events that nothing was used at are over by themselves: there is nothing to count."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.stages import stage_case
from lending.events.tables import CrateSeal, Event
from lending.events.values import Stage

AFTER = timedelta(days=2)  # a late top-up may still come until then
AT_ONCE = 500


def close_unused(session: Session, *, district_id: int, now: datetime) -> int:
    """Events that ended two days ago and for which no crate was opened are settled; what was packed
    for them stays in the store. At most 500 a call; how many."""
    idle = stage_case().in_([Stage.PLANNED.value, Stage.PACKED.value])
    query = (
        sa.select(Event)
        .where(Event.district_id == district_id, Event.until_at <= now - AFTER, idle)
        .order_by(Event.until_at, Event.id)
        .limit(AT_ONCE)
        .with_for_update(of=Event, skip_locked=True)
    )
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    for row in rows:
        row.settled_at, row.contact_sealed = now, None
    session.flush()
    session.execute(
        sa.update(CrateSeal)
        .where(CrateSeal.event_id.in_([row.id for row in rows]), CrateSeal.broken_at.is_(None))
        .values(event_id=None)
        .execution_options(synchronize_session=False)
    )
    return len(rows)
