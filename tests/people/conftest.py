"""A district with a café and a washing centre, and the moment the tests stand at."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.places.districts import create_district
from lending.places.sites import add_site

NOW = datetime(2026, 11, 23, 3, 20, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Ids of the district and its two sites."""

    district: int
    cafe: int
    centre: int


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def place(engine: sa.Engine) -> Place:
    with transaction(engine) as session:
        district = create_district(session, name="서구", now=NOW).id
        cafe, centre = (
            add_site(session, district_id=district, code=code, kind=kind, name=name, now=NOW).id
            for code, kind, name in [
                ("CAFE-1", "cafe", "미나 카페"),
                ("WASH", "wash_centre", "세척센터"),
            ]
        )
    return Place(district, cafe, centre)
