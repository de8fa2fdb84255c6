"""Districts and sites: made, renamed, listed by key, from a file all or none."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.districts import (
    change_district,
    create_district,
    list_districts,
    load_district,
    rename_district,
)
from lending.places.sites import (
    COLUMNS,
    add_site,
    add_sites_from_rows,
    change_site,
    find_site,
    list_sites,
    load_sites,
    load_sites_by_code,
)
from lending.places.tables import Site, SiteKind
from lending.places.texts import BadRows
from lending.places.uploads import read_rows

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


@pytest.fixture
def district(session: Session) -> int:
    return create_district(session, name="서구", now=NOW).id


def test_a_district_is_renamed_and_its_sites_stay(session: Session, district: int) -> None:
    site = add_site(session, district_id=district, code="A1", kind="cafe", name="미나", now=NOW)
    rename_district(session, district_id=district, name="서해구", name_en="Seohae-gu")
    change_district(session, district_id=district, helpdesk="032-560-1234", timezone="Asia/Seoul")
    shown = load_district(session, district_id=district)
    assert (shown.name, shown.name_en, shown.helpdesk) == ("서해구", "Seohae-gu", "032-560-1234")
    assert shown.zone.key == "Asia/Seoul"
    assert find_site(session, code=" a1 ", district_id=district) == site
    assert [one.id for one in list_districts(session)] == [district]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "\ud800", "a\nb"])
def test_a_wrong_name_is_refused(session: Session, name: str) -> None:
    with pytest.raises(LendingError) as caught:
        create_district(session, name=name, now=NOW)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "name")


def test_an_unknown_zone_and_district_are_refused(session: Session) -> None:
    with pytest.raises(LendingError):
        create_district(session, name="x", timezone="Asia/Atlantis", now=NOW)
    with pytest.raises(LendingError) as caught:
        rename_district(session, district_id=12345, name="x")
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "1A"}, "code"),
        ({"code": "A"}, "code"),
        ({"code": "카페"}, "code"),
        ({"code": "A\x00"}, "code"),
        ({"kind": "bar"}, "kind"),
        ({"name": ""}, "name"),
        ({"name_en": "x" * 101}, "name_en"),
    ],
)
def test_a_wrong_site_names_its_field(
    session: Session, district: int, change: dict[str, str], field: str
) -> None:
    values: dict[str, Any] = {"code": "CAFE-1", "kind": "cafe", "name": "미나"} | change
    with pytest.raises(LendingError) as caught:
        add_site(session, district_id=district, now=NOW, **values)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, field)


def test_a_code_is_used_once_in_the_whole_database(session: Session, district: int) -> None:
    other = create_district(session, name="검단구", now=NOW).id
    add_site(session, district_id=district, code="CAFE-1", kind="cafe", name="미나", now=NOW)
    with pytest.raises(LendingError) as caught:
        add_site(session, district_id=other, code="cafe-1", kind="cafe", name="소라", now=NOW)
    assert (caught.value.code, caught.value.field) == (Code.CONFLICT, "code")
    with pytest.raises(LendingError):
        find_site(session, code="CAFE-1", district_id=other)


def test_a_file_adds_all_or_none(session: Session, district: int) -> None:
    good = "code,kind,name,name_en\nc1,cafe,미나 카페,Mina\nW1,wash_centre,세척센터,\n"
    added = add_sites_from_rows(
        session, district_id=district, table=read_rows(good, COLUMNS), now=NOW
    )
    assert [(site.code, site.kind) for site in added] == [
        ("C1", SiteKind.CAFE),
        ("W1", SiteKind.WASH_CENTRE),
    ]
    bad = "name,code,kind\nx,C1,cafe\ny,C2,bar\n,C3,cafe\nz,C4,cafe\nz,c4,cafe\n"
    with pytest.raises(BadRows) as caught:
        add_sites_from_rows(session, district_id=district, table=read_rows(bad, COLUMNS), now=NOW)
    assert [(error.line, error.field) for error in caught.value.errors] == [
        (2, "code"),
        (3, "kind"),
        (4, "name"),
        (6, "code"),
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Site)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code,kind\nA1,cafe\n",
        "code,kind,name,colour\nA1,cafe,x,red\n",
        "code,kind,name\n",
        "code,kind,name\nA1,cafe,x,more\n",
        "\x00\x01PK",
        'code,kind,name\n"A1,cafe,x\n' + "y" * 200_000,
        "code,kind,name\n" + "".join(f"A{n},cafe,x\n" for n in range(1001)),
    ],
)
def test_a_file_of_another_form_is_refused(session: Session, district: int, text: str) -> None:
    with pytest.raises(BadRows) as caught:
        add_sites_from_rows(session, district_id=district, table=read_rows(text, COLUMNS), now=NOW)
    assert caught.value.field == "file"


def test_lists_go_by_key_and_stay_in_the_district(session: Session, district: int) -> None:
    other = create_district(session, name="검단구", now=NOW).id
    for code, kind, owner in [
        ("C1", "cafe", district),
        ("A1", "box", district),
        ("B1", "cafe", district),
        ("A0", "cafe", other),
    ]:
        add_site(session, district_id=owner, code=code, kind=kind, name=code, now=NOW)
    first = list_sites(session, district_id=district, limit=2)
    rest = list_sites(session, district_id=district, after=first[-1].code, limit=2)
    assert [site.code for site in first + rest] == ["A1", "B1", "C1"]
    cafes = list_sites(session, district_id=None, kinds=[SiteKind.CAFE])
    assert [site.code for site in cafes] == ["A0", "B1", "C1"]
    codes = ["A1", "A0", "ZZ", "\x00"]
    assert list(load_sites_by_code(session, codes=codes, district_id=district)) == ["A1"]
    ids = [first[0].id, 987_654]
    assert list(load_sites(session, site_ids=ids)) == ids[:1]


def test_a_site_is_changed_by_its_own_district_only(session: Session, district: int) -> None:
    site = add_site(session, district_id=district, code="C1", kind="cafe", name="x", now=NOW)
    change = {"name": "미나", "name_en": "Mina", "active": False, "clean_low": 5}
    changed = change_site(session, district_id=district, site_id=site.id, **change)
    assert (changed.name, changed.active, changed.clean_low) == ("미나", False, 5)
    with pytest.raises(LendingError):
        change_site(session, district_id=district + 1, site_id=site.id, **change)
    with pytest.raises(LendingError):
        change_site(session, district_id=district, site_id=site.id, **change | {"clean_low": -1})
