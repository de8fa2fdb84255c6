"""Where a site lies and how much its box holds; distances; the file of all sites."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.tables import Site
from lending.places.texts import Problem
from lending.spreadsheets import make_plain

MOST_PIECES = 100_000
EARTH_RADIUS = 6_371_000  # metres, mean
COLUMNS = ("code", "kind", "name", "name_en", "capacity", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Spot:
    """`capacity`: pieces a site's box holds, 0 = not counted. Degrees (WGS 84), or neither."""

    capacity: int = 0
    latitude: float | None = None
    longitude: float | None = None

    @property
    def position(self) -> tuple[float | None, float | None]:
        return self.latitude, self.longitude


def check_spot(spot: Spot) -> Spot:
    """The same; INVALID names what is out of range, or a position of which half is missing."""
    if not 0 <= spot.capacity <= MOST_PIECES:
        raise LendingError(Code.INVALID, field="capacity", detail=Problem.OUT_OF_RANGE)
    for field, degrees, most in (
        ("latitude", spot.latitude, 90),
        ("longitude", spot.longitude, 180),
    ):
        if degrees is not None and not abs(degrees) <= most:  # a NaN is in no range
            raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    if (spot.latitude is None) != (spot.longitude is None):
        missing = "latitude" if spot.latitude is None else "longitude"
        raise LendingError(Code.INVALID, field=missing, detail=Problem.BOTH_OR_NONE)
    return spot


def read_spot(capacity: str, latitude: str, longitude: str) -> Spot:
    """A spot from texts, as a file has them; empty ones are not known. Errors as `check_spot`."""
    field = "capacity"
    try:
        pieces = int(capacity or 0)
        field = "latitude"
        north = float(latitude) if latitude else None
        field = "longitude"
        east = float(longitude) if longitude else None
    except ValueError as error:
        raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE) from error
    return check_spot(Spot(pieces, north, east))


def place_site(session: Session, *, district_id: int, site_id: int, spot: Spot) -> None:
    """Changes where a site lies and what its box holds; NOT_FOUND, or as `check_spot`."""
    site = session.get(Site, site_id)
    if site is None or site.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    check_spot(spot)
    site.capacity, site.latitude, site.longitude = spot.capacity, spot.latitude, spot.longitude
    session.flush()


def metres_between(one: Spot, other: Spot) -> float | None:
    """The great-circle distance in metres (haversine formula, on a sphere); None without both
    positions."""
    if one.latitude is None or one.longitude is None:
        return None
    if other.latitude is None or other.longitude is None:
        return None
    north, north_other = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    chord = (
        math.sin((north_other - north) / 2) ** 2
        + math.cos(north) * math.cos(north_other) * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))


def write_sites_csv(rows: Sequence[Sequence[str | int | float | None]]) -> bytes:
    """Rows of COLUMNS as a file that can be uploaded again, with the mark by which spreadsheets
    know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([make_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
