"""The way a crate is on, and the round it joins: asked by whoever packs crates or sees them arrive."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item
from lending.places.districts import load_district
from lending.requests.round_tables import UNDERWAY, Consignment, Round, Stop, Way, to_come

SEEN = "seen:0"  # nobody told that a crate arrived: it was scanned since, at its place


def underway(session: Session, *, crate_id: int, lock: bool = False) -> Consignment | None:
    """The way a crate is on, or is being packed for. One whose end nobody told is over as soon as
    the crate itself was seen elsewhere: then there is none."""
    query = sa.select(Consignment).where(
        Consignment.crate_id == crate_id,
        Consignment.received_at.is_(None),
        Consignment.dissolved_at.is_(None),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None or row.loaded_at is None:
        return row
    crate = session.execute(sa.select(Item.state, Item.since).where(Item.id == crate_id)).one()
    if crate.state is UNDERWAY[row.way]:
        return row
    row.received_at, row.received_by = max(crate.since, row.loaded_at), SEEN
    session.flush()
    return None


def join_round(session: Session, row: Consignment) -> None:
    """Puts a crate that goes out onto the next round that is to call at its place and has not left;
    nothing changes for one that is on a round, loaded, there already, or goes where none calls."""
    gone = row.loaded_at is not None or row.received_at is not None
    if row.way is not Way.OUT or row.round_id is not None or gone or row.sealed_at is None:
        return
    zone = load_district(session, district_id=row.district_id).zone
    today: date = row.sealed_at.astimezone(zone).date()
    row.round_id = session.scalar(
        sa.select(Round.id)
        .join(Stop, Stop.round_id == Round.id)
        .where(
            Round.site_id == row.from_site_id,
            Round.begun_at.is_(None),
            to_come(today),
            Stop.site_id == row.to_site_id,
            Stop.outcome.is_(None),
            Stop.pickup_id.is_(None),
        )
        .order_by(Round.leaves_at, Round.id)
        .limit(1)
    )
