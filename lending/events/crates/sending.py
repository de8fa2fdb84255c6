"""A packed crate is sent to its hall: it waits for the driver's round that calls there."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of
from lending.events.reading import stored_crates
from lending.events.tables import CrateSeal
from lending.events.values import PackIn, StoredCrate
from lending.loop.tables import Item
from lending.people.actors import Actor
from lending.places.sites import SiteView
from lending.requests.acting import signature
from lending.requests.consignments import join_round, underway
from lending.requests.round_tables import Consignment, ConsignmentLine, Way
from lending.wares.balances import crate_contents
from lending.wares.crates import CrateView


def goes_elsewhere(session: Session, crate: CrateView, hall: SiteView) -> bool:
    """Whether a crate is packed for another place, or on a way to or from it."""
    way = underway(session, crate_id=crate.id, lock=True)
    return way is not None and (way.way, way.to_site_id) != (Way.OUT, hall.id)


def packed_for_store(session: Session, *, site_id: int) -> list[StoredCrate]:
    """Crates sealed for a hall's store that have not left the centre yet; three statements."""
    waiting = sa.select(Consignment.crate_id).where(
        Consignment.to_site_id == site_id,
        Consignment.way == Way.OUT,
        Consignment.sealed_at.is_not(None),
        Consignment.loaded_at.is_(None),
        Consignment.received_at.is_(None),
        Consignment.dissolved_at.is_(None),
    )
    mine = CrateSeal.id.is_not(None), CrateSeal.event_id.is_(None)
    found = stored_crates(session, Item.id.in_(waiting), *mine)
    return [crate for crate in found if crate.at_centre]


def send_crate(
    session: Session,
    packed: PackIn,
    crate: CrateView,
    centre: SiteView,
    hall: SiteView,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The crate has a sealed way out to the hall, if it had none; a round that is planned to call
    there and has not left takes it along."""
    at, by = min(packed.at, now), signature(actor)
    way = underway(session, crate_id=crate.id, lock=True)
    if way is None:
        way = Consignment(
            id=packed.id, district_id=actor.district_id, crate_id=crate.id, way=Way.OUT,
            from_site_id=centre.id, to_site_id=hall.id, opened_at=at, opened_by=by,
        )  # fmt: skip
        session.add(way)
    if way.sealed_at is not None:
        return
    way.sealed_at, way.sealed_by = at, by
    session.flush()
    join_round(session, way)
    pieces: Counter[int] = Counter()
    for line in crate_contents(session, crate_ids=[crate.id]):
        pieces[line.kind_id] += line.quantity
    rows = [
        {"consignment_id": way.id, "kind_id": kind, "pieces": count}
        for kind, count in sorted(pieces.items())
        if count > 0
    ]
    insert_rows(session, table_of(ConsignmentLine), rows)
