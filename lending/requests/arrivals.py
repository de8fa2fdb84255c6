"""A crate's way as its scans tell it: taken in where it was sent to, or taken in by mistake."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import State
from lending.loop.tables import Item
from lending.people.actors import Actor
from lending.requests.acting import signature
from lending.requests.round_tables import Consignment, Way


def follow_crates(session: Session, *, crate_ids: Collection[int], actor: Actor) -> None:
    """Brings the ways of crates in line with where they stand, for whoever scans one outside of a
    round: one that was taken in anywhere is received, one whose taking in was taken back is on its
    way again. Told any number of times it is the same; two statements and one for each change.
    """
    query = sa.select(Item.id, Item.state, Item.to_site_id, Item.last_at)
    crates = {row.id: row for row in session.execute(query.where(Item.id.in_(crate_ids)))}
    ways = session.scalars(
        sa.select(Consignment)
        .where(Consignment.crate_id.in_(crates), Consignment.way == Way.OUT)
        .where(Consignment.loaded_at.is_not(None), Consignment.dissolved_at.is_(None))
        .order_by(Consignment.opened_at, Consignment.id)
        .with_for_update()
    )
    for way in {way.crate_id: way for way in ways}.values():  # the last of each
        crate = crates[way.crate_id]
        if crate.state is State.READY and way.received_at is None:
            way.received_at, way.received_by = crate.last_at, signature(actor)
        elif crate.state is State.SHIPPED and crate.to_site_id == way.to_site_id:
            way.received_at = way.received_by = None
    session.flush()
