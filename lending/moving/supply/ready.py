"""What the washing centres have to give: clean pieces ready there, by kind."""

from sqlalchemy.orm import Session

from lending.moving.supply.stock import load_stock
from lending.places.sites import list_sites
from lending.places.tables import SiteKind

MOST_CENTRES = 1_000


def ready_at_centres(session: Session, *, district_id: int) -> dict[int, int]:
    """Clean pieces at all washing centres of the district, by kind id; four statements."""
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
    return ready
