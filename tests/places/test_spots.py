"""Where sites lie: checked, measured, written to a file that can be read again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.places.districts import create_district
from lending.places.sites import COLUMNS, add_site, add_sites_from_rows, find_site, list_sites
from lending.places.spots import Spot, metres_between, place_site, read_spot, write_sites_csv
from lending.places.texts import BadRows, Problem
from lending.places.uploads import read_rows

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)
STATION, HALL = Spot(0, 37.5453, 126.6760), Spot(0, 37.5553, 126.6760)


@pytest.fixture
def district(session: Session) -> int:
    return create_district(session, name="서구", now=NOW).id


def test_distances_are_those_on_the_globe() -> None:
    # A hundredth of a degree of latitude is 1,111.95 m on a sphere of 6,371 km.
    assert metres_between(STATION, HALL) == pytest.approx(1111.95, abs=0.1)
    # Seoul City Hall to Busan City Hall, about 325 km.
    far = metres_between(Spot(0, 37.5663, 126.9779), Spot(0, 35.1798, 129.0750))
    assert far == pytest.approx(325_000, rel=0.01)
    assert metres_between(STATION, STATION) == 0
    # Across the date line the short way is taken.
    near = metres_between(Spot(0, 0.0, 179.9), Spot(0, 0.0, -179.9))
    assert near == pytest.approx(22_239, rel=0.001)
    assert metres_between(Spot(), STATION) is None and metres_between(STATION, Spot(9)) is None


@pytest.mark.parametrize(
    ("values", "field", "problem"),
    [
        (("-1", "", ""), "capacity", Problem.OUT_OF_RANGE),
        (("100001", "", ""), "capacity", Problem.OUT_OF_RANGE),
        (("many", "", ""), "capacity", Problem.OUT_OF_RANGE),
        (("1", "90.1", "0"), "latitude", Problem.OUT_OF_RANGE),
        (("1", "nan", "0"), "latitude", Problem.OUT_OF_RANGE),
        (("1", "0", "inf"), "longitude", Problem.OUT_OF_RANGE),
        (("1", "0", "동쪽"), "longitude", Problem.OUT_OF_RANGE),
        (("1", "37.5", ""), "longitude", Problem.BOTH_OR_NONE),
        (("1", "", "126.6"), "latitude", Problem.BOTH_OR_NONE),
    ],
)
def test_what_is_no_spot_names_its_field(
    values: tuple[str, str, str], field: str, problem: Problem
) -> None:
    with pytest.raises(LendingError) as caught:
        read_spot(*values)
    assert (caught.value.field, caught.value.detail) == (field, problem)


def test_a_site_is_placed_by_its_own_district_only(session: Session, district: int) -> None:
    site = add_site(session, district_id=district, code="B1", kind="box", name="x", now=NOW)
    assert site.spot == Spot()
    spot = Spot(120, 37.5453, 126.676)
    place_site(session, district_id=district, site_id=site.id, spot=spot)
    assert find_site(session, code="B1").spot == spot
    for wrong in ({"district_id": district + 1, "spot": spot}, {"spot": Spot(-1)}):
        with pytest.raises(LendingError):
            place_site(session, **{"district_id": district, "site_id": site.id} | wrong)
    assert find_site(session, code="B1").spot == spot


def test_the_file_of_all_sites_can_be_uploaded_again(session: Session, district: int) -> None:
    text = (
        "code,kind,name,name_en,capacity,latitude,longitude\n"
        "B1,box,역 앞,At the station,120,37.5453,126.676\nC1,cafe,=하루,,,,\n"
    )
    add_sites_from_rows(session, district_id=district, table=read_rows(text, COLUMNS), now=NOW)
    sites = list_sites(session, district_id=district)
    assert sites[0].spot == Spot(120, 37.5453, 126.676)
    assert sites[1].spot == Spot()
    rows = [(s.code, s.kind.value, s.name, s.name_en, s.spot.capacity, *s.spot.position) for s in sites]  # fmt: skip
    written = write_sites_csv(rows).decode("utf-8-sig")
    assert "'=하루" in written  # a spreadsheet must not run it
    again = create_district(session, name="검단구", now=NOW).id
    moved = written.replace("B1,", "B2,").replace("C1,", "C2,")
    taken = add_sites_from_rows(
        session, district_id=again, table=read_rows(moved, COLUMNS), now=NOW
    )
    assert [site.spot for site in taken] == [site.spot for site in sites]
    wrong = "code,kind,name,capacity,latitude\nB3,box,x,-2,\nB4,box,y,1,95\n"
    with pytest.raises(BadRows) as caught:
        add_sites_from_rows(session, district_id=district, table=read_rows(wrong, COLUMNS), now=NOW)
    assert [(one.line, one.field) for one in caught.value.errors] == [(2, "capacity"), (3, "latitude")]  # fmt: skip
