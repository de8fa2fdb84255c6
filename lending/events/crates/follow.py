"""Crates at events whose end nobody told: their scans say where they went since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.events.crates.ledger import take_counted_back
from lending.events.stages import uncounted
from lending.events.tables import CrateSeal, EventCrate
from lending.events.values import BackHow
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Loan, Scan
from lending.requests.acting import SYSTEM
from lending.requests.fullness import stands

AT_ONCE = 500
_WHOLE_IN = (State.READY, State.SHIPPED, State.LENT)  # elsewhere a crate was opened or is gone
_IN = (Action.RECEIVE, Action.WASH, Action.REWASH)  # a crate scanned so is at the washing centre


@dataclass(frozen=True, slots=True)
class Followed:
    """How many crates were found to be back, in at the centre, and to have no seal any more."""

    back: int
    came_in: int
    unsealed: int


def follow_crates(
    session: Session, *, district_id: int, now: datetime, crate_ids: Collection[int] | None = None
) -> Followed:
    """Brings what is known of crates at events in line with their scans, at most 500 of each; told
    any number of times it is the same. `crate_ids`: of these alone. Locks the rows it changes, and
    no item: in one transaction with scans, record the scans first."""
    which = [EventCrate.district_id == district_id]
    seals = [CrateSeal.district_id == district_id]
    if crate_ids is not None:
        which.append(EventCrate.crate_id.in_(crate_ids))
        seals.append(CrateSeal.crate_id.in_(crate_ids))
    session.flush()
    back = _find_back(session, which, now)
    came_in = _find_in(session, which)
    # A crate may be packed unwashed: only what is scanned after that tells that it was opened.
    opened = sa.select(Item.id).where(
        Item.id == CrateSeal.crate_id, Item.state.not_in(_WHOLE_IN), Item.last_at > CrateSeal.put_at
    )
    gone = session.execute(
        sa.update(CrateSeal)
        .where(*seals, CrateSeal.broken_at.is_(None), opened.exists())
        .values(broken_at=now, broken_by=SYSTEM)
        .returning(CrateSeal.id)
        .execution_options(synchronize_session=False)
    )
    unsealed = len(gone.all())
    session.expire_all()
    return Followed(back, came_in, unsealed)


def _find_back(session: Session, which: Collection[Any], now: datetime) -> int:
    """Crates whose loan is closed were seen elsewhere; one whose lend was taken back was never out."""
    query = (
        sa.select(EventCrate, Loan.id, Loan.closed_at)
        .select_from(EventCrate)
        .outerjoin(Loan, Loan.id == EventCrate.id)
        .where(*which, EventCrate.back_at.is_(None))
        .where(sa.or_(Loan.id.is_(None), Loan.closed_at.is_not(None)))
        .order_by(EventCrate.id)
        .limit(AT_ONCE)
        .with_for_update(of=EventCrate, skip_locked=True)
    )
    rows: Sequence[Any] = session.execute(query.execution_options(populate_existing=True)).all()
    for row, loan, closed_at in rows:
        row.back_how = BackHow.UNDONE if loan is None else BackHow.SEEN
        row.back_at, row.back_by = closed_at or now, SYSTEM
    session.flush()
    for row, loan, _ in rows:
        if loan is None and row.counted_in is None:
            take_counted_back(
                session, hand_id=row.id, district_id=row.district_id, at=row.handed_at, now=now
            )
    return len(rows)


def _find_in(session: Session, which: Collection[Any]) -> int:
    """When crates that were opened, and are not counted yet, first came in at the washing centre
    since: by the scans that stand, so that one scanned there by mistake has not come in after all."""
    first = (
        sa.select(sa.func.min(Scan.occurred_at, type_=EventCrate.in_at.type))
        .where(Scan.item_id == EventCrate.crate_id, Scan.action.in_(_IN))
        .where(Scan.occurred_at >= EventCrate.back_at, stands())
        .correlate(EventCrate)
        .scalar_subquery()
    )
    moved = (
        sa.select(EventCrate.id, first)
        .where(*which, uncounted(), EventCrate.in_at.is_distinct_from(first))
        .order_by(EventCrate.id)
        .limit(AT_ONCE)
    )
    found = [{"id": row[0], "in_at": row[1]} for row in session.execute(moved)]
    if found:
        session.execute(sa.update(EventCrate), found)
    return len(found)
