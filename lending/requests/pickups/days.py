"""On which of the next days nobody drives: those on which every washing centre of the district is closed."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.places.opening import load_opening_days
from lending.places.tables import Site, SiteKind
from lending.requests.pickups.windows import DAYS


def closed_days(
    session: Session, *, district_id: int, zone: ZoneInfo, now: datetime
) -> frozenset[date]:
    """Local days an asker could choose otherwise; none where the district has no centre. Three
    statements."""
    query = sa.select(Site.id).where(
        Site.district_id == district_id, Site.kind == SiteKind.WASH_CENTRE, Site.active
    )
    centres = session.scalars(query).all()
    if not centres:
        return frozenset()
    opening = load_opening_days(session, site_ids=centres)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(DAYS))
    return frozenset(
        day for day in days if not any(one.is_open(day, now) for one in opening.values())
    )
