"""What the washing centres have to give: clean pieces ready there, by kind."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.moving.supply.stock import load_stock
from lending.moving.tables import PackingList
from lending.places.sites import list_sites
from lending.places.tables import SiteKind
from lending.requests.round_tables import Consignment

MOST_CENTRES = 1_000


def ready_at_centres(session: Session, *, district_id: int, day: date) -> dict[int, int]:
    """Clean pieces at all washing centres of the district that can be given on `day`, by kind id:
    what is packed for another day is not among them; five statements."""
    centres = {
        site.id
        for site in list_sites(
            session, district_id=district_id, kinds=[SiteKind.WASH_CENTRE], limit=MOST_CENTRES
        )
    }
    ready: dict[int, int] = {}
    for (site, kind), count in load_stock(session, district_id=district_id).clean.items():
        if site in centres:
            ready[kind] = ready.get(kind, 0) + count
    for kind, count in _packed_for_others(session, district_id, centres, day):
        ready[kind] = ready.get(kind, 0) - count
    return ready


def _packed_for_others(
    session: Session, district_id: int, centres: set[int], day: date
) -> list[tuple[int, int]]:
    """Clean pieces that stand at the centres in crates of another day's lists, by kind id."""
    crates = (
        sa.select(Consignment.crate_id)
        .join(PackingList, PackingList.id == Consignment.packing_id)
        .where(
            PackingList.district_id == district_id,
            PackingList.day != day,
            Consignment.received_at.is_(None),
            Consignment.dissolved_at.is_(None),
        )
    )
    query = (
        sa.select(Item.kind_id, sa.func.count())
        .where(
            Item.district_id == district_id, Item.site_id.in_(centres), Item.crate_id.in_(crates),
            Item.state == State.READY, Item.clean, Item.hold.is_(None), ~Item.carrier,
        )
        .group_by(Item.kind_id)
    )  # fmt: skip
    return [(kind, count) for kind, count in fetch(session, query)]
