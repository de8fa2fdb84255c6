"""The places that take cups back, in the order in which they are offered."""

from sqlalchemy.orm import Session

from lending.places.sites import SiteView, list_sites
from lending.places.tables import SiteKind

TAKE_BACK = (SiteKind.BOX, SiteKind.MACHINE, SiteKind.CAFE, SiteKind.OFFICE)
MOST_PLACES = 500


def list_places(session: Session, *, district_id: int) -> list[SiteView]:
    """Where cups go back: return boxes and machines first, then counters, each by code."""
    places = list_sites(session, district_id=district_id, kinds=TAKE_BACK, limit=MOST_PLACES)
    return sorted((p for p in places if p.active), key=lambda p: TAKE_BACK.index(p.kind))
