"""Districts: created, renamed, shown."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.tables import District
from lending.places.texts import Problem, read_text


@dataclass(frozen=True, slots=True)
class DistrictView:
    """A district as it is shown; `zone` is its time zone."""

    id: int
    name: str
    name_en: str
    timezone: str
    helpdesk: str
    is_demo: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def create_district(
    session: Session,
    *,
    name: str,
    now: datetime,
    timezone: str = "Asia/Seoul",
    is_demo: bool = False,
) -> DistrictView:
    """A new district; INVALID for an empty name or an unknown time zone."""
    district = District(
        name=read_text(name, "name"),
        timezone=_known_zone(timezone),
        is_demo=is_demo,
        created_at=now,
    )
    session.add(district)
    session.flush()
    return _view(district)


def rename_district(
    session: Session, *, district_id: int, name: str, name_en: str = ""
) -> DistrictView:
    """Gives the district another name; its labels, codes and rows stay as they are."""
    district = _get(session, district_id)
    district.name = read_text(name, "name")
    district.name_en = read_text(name_en, "name_en", empty=True)
    session.flush()
    return _view(district)


def change_district(
    session: Session, *, district_id: int, helpdesk: str, timezone: str
) -> DistrictView:
    """Sets the help desk's number, which stands on every notice, and the time zone."""
    district = _get(session, district_id)
    district.helpdesk = read_text(helpdesk, "helpdesk", empty=True)
    district.timezone = _known_zone(timezone)
    session.flush()
    return _view(district)


def load_district(session: Session, *, district_id: int) -> DistrictView:
    """One district; NOT_FOUND."""
    return _view(_get(session, district_id))


def list_districts(session: Session) -> list[DistrictView]:
    """All districts of this database (an installation has one or a few), oldest first."""
    return [_view(d) for d in session.scalars(sa.select(District).order_by(District.id))]


def _get(session: Session, district_id: int) -> District:
    district = session.get(District, district_id)
    if district is None:
        raise LendingError(Code.NOT_FOUND, field="district")
    return district


def _view(district: District) -> DistrictView:
    return DistrictView(
        id=district.id,
        name=district.name,
        name_en=district.name_en,
        timezone=district.timezone,
        helpdesk=district.helpdesk,
        is_demo=district.is_demo,
    )


def _known_zone(timezone: str) -> str:
    if timezone not in available_timezones():
        raise LendingError(Code.INVALID, field="timezone", detail=Problem.UNKNOWN_ZONE)
    return timezone
