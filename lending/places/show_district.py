"""What every page shows of its district and of the place somebody acts at."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.places.tables import District, Site


@dataclass(frozen=True, slots=True)
class DistrictShown:
    """The district as pages show it; `timezone` is an IANA name."""

    id: int
    name: str
    name_en: str
    timezone: str
    helpdesk: str
    is_demo: bool


def show_district(session: Session, *, district_id: int | None = None) -> DistrictShown | None:
    """This district, or the first one of the installation; None while there is none."""
    wanted = sa.select(
        District.id,
        District.name,
        District.name_en,
        District.timezone,
        District.helpdesk,
        District.is_demo,
    )
    if district_id is not None:
        wanted = wanted.where(District.id == district_id)
    row = session.execute(wanted.order_by(District.id).limit(1)).first()
    return DistrictShown(*row) if row else None


def name_site(session: Session, *, site_id: int) -> tuple[str, str] | None:
    """(name, English name or "") of a site."""
    row = session.execute(sa.select(Site.name, Site.name_en).where(Site.id == site_id)).first()
    return (row.name, row.name_en) if row else None
