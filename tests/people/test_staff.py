"""Accounts of staff, one by one and from a file, and the link of the first officer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.people.first_officer import (
    Founding,
    check_first_officer_link,
    make_first_officer_link,
    use_first_officer_link,
)
from lending.people.sign_in import check_staff
from lending.people.staff import (
    COLUMNS,
    NewStaff,
    StaffView,
    add_staff,
    add_staff_from_rows,
    change_password,
    change_staff_language,
    list_staff,
    reset_password,
    set_active,
)
from lending.people.tables import Role, Staff
from lending.places.districts import create_district, load_district
from lending.places.texts import BadRows
from lending.places.uploads import read_rows

PASSWORD = "two beeps per loan"


def test_accounts_are_added_and_listed(session: Session, place: Any, now: datetime) -> None:
    for new in [
        NewStaff("Mina", PASSWORD, Role.CAFE, site_id=place.cafe),
        NewStaff("jun", PASSWORD, Role.WASH, site_id=place.centre, language="en"),
        NewStaff("officer", PASSWORD, Role.OFFICER, site_id=place.cafe),
    ]:
        add_staff(session, district_id=place.district, new=new, now=now)
    listed = list_staff(session, district_id=place.district, limit=2)
    listed += list_staff(session, district_id=place.district, after=listed[-1].login)
    assert [(one.login, one.role, one.site, one.language) for one in listed] == [
        ("jun", Role.WASH, "WASH", "en"),
        ("mina", Role.CAFE, "CAFE-1", "ko"),
        ("officer", Role.OFFICER, None, "ko"),
    ]
    assert isinstance(listed[0], StaffView)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"login": ""}, "login"),
        ({"login": "미나"}, "login"),
        ({"login": "mi\x00na"}, "login"),
        ({"login": "x" * 61}, "login"),
        ({"password": "short"}, "password"),
        ({"password": "aaaaaaaaaaaaaaa"}, "password"),
        ({"password": "I am mina of cafe"}, "password"),
        ({"password": "x1y2" * 100}, "password"),
        ({"site_id": None}, "site"),
        ({"site_id": 987_654}, "site"),
        ({"role": Role.RESIDENT}, "role"),
        ({"role": Role.MACHINE}, "role"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_wrong_account_names_its_field(
    session: Session, place: Any, now: datetime, change: dict[str, Any], field: str
) -> None:
    values = {"login": "mina", "password": PASSWORD, "role": Role.CAFE, "site_id": place.cafe}
    with pytest.raises(LendingError) as caught:
        add_staff(session, district_id=place.district, new=NewStaff(**values | change), now=now)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, field)


def test_a_login_is_given_once_and_a_site_of_another_district_never(
    session: Session, place: Any, now: datetime
) -> None:
    new = NewStaff("mina", PASSWORD, Role.CAFE, site_id=place.cafe)
    add_staff(session, district_id=place.district, new=new, now=now)
    with pytest.raises(LendingError) as caught:
        add_staff(session, district_id=place.district, new=new, now=now)
    assert (caught.value.code, caught.value.field) == (Code.CONFLICT, "login")
    other = create_district(session, name="검단구", now=now).id
    foreign = NewStaff("sora", PASSWORD, Role.CAFE, site_id=place.cafe)
    with pytest.raises(LendingError):
        add_staff(session, district_id=other, new=foreign, now=now)


def test_a_file_adds_all(session: Session, place: Any, now: datetime) -> None:
    text = f"\ufefflogin,role,site,password\r\nmina,cafe,cafe-1,\r\n\r\njun,wash,WASH,{PASSWORD}\r\nboss,officer,,\r\n"
    added = add_staff_from_rows(
        session, district_id=place.district, table=read_rows(text, COLUMNS), now=now
    )
    assert [one.login for one in added] == ["mina", "jun", "boss"]
    assert added[1].password is None
    for one in added:
        assert check_staff(session, login=one.login, password=one.password or PASSWORD)


def test_a_file_with_wrong_lines_adds_nobody_and_names_each(
    session: Session, place: Any, now: datetime
) -> None:
    add_staff(
        session,
        district_id=place.district,
        new=NewStaff("used", PASSWORD, Role.OFFICER),
        now=now,
    )
    text = (
        "login,role,site,password,language\n"
        "ok,cafe,CAFE-1,,\n"
        "bad login,cafe,CAFE-1,,\n"
        "two,chef,CAFE-1,,\n"
        "three,cafe,NOWHERE,,\n"
        "four,cafe,,,\n"
        "five,officer,,short,\n"
        "six,officer,,,xx\n"
        "ok,officer,,,\n"
        "used,officer,,,\n"
    )
    with pytest.raises(BadRows) as caught:
        add_staff_from_rows(
            session, district_id=place.district, table=read_rows(text, COLUMNS), now=now
        )
    assert [(error.line, error.field) for error in caught.value.errors] == [
        (3, "login"),
        (4, "role"),
        (5, "site"),
        (6, "site"),
        (7, "password"),
        (8, "language"),
        (9, "login"),
        (10, "login"),
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Staff)) == 1


def test_a_password_is_changed_and_reset(session: Session, place: Any, now: datetime) -> None:
    new = NewStaff("mina", PASSWORD, Role.CAFE, site_id=place.cafe)
    mina = add_staff(session, district_id=place.district, new=new, now=now)
    with pytest.raises(LendingError) as caught:
        change_password(session, staff_id=mina, old="wrong", new="another fine one")
    assert (caught.value.code, caught.value.field) == (Code.WRONG_SIGN_IN, "old")
    epoch = change_password(session, staff_id=mina, old=PASSWORD, new="another fine one")
    assert check_staff(session, login="mina", password="another fine one").epoch == epoch == 1
    with pytest.raises(LendingError):
        check_staff(session, login="mina", password=PASSWORD)
    made = reset_password(session, district_id=place.district, staff_id=mina)
    assert check_staff(session, login="mina", password=made).epoch == 2
    change_staff_language(session, staff_id=mina, language="en")
    assert check_staff(session, login="mina", password=made).language == "en"
    with pytest.raises(LendingError):
        reset_password(session, district_id=place.district + 1, staff_id=mina)


def test_the_last_officer_stays(session: Session, place: Any, now: datetime) -> None:
    one, two = (
        add_staff(
            session,
            district_id=place.district,
            new=NewStaff(login, PASSWORD, Role.OFFICER),
            now=now,
        )
        for login in ("one", "two")
    )
    set_active(session, district_id=place.district, staff_id=one, active=False)
    with pytest.raises(LendingError) as caught:
        set_active(session, district_id=place.district, staff_id=two, active=False)
    assert caught.value.code is Code.CONFLICT
    set_active(session, district_id=place.district, staff_id=one, active=True)
    set_active(session, district_id=place.district, staff_id=two, active=False)


FOUNDING = Founding("인천 서구", "officer", PASSWORD)


def test_the_first_officers_link_works_once(engine: sa.Engine, now: datetime) -> None:
    with transaction(engine) as session:
        ended = make_first_officer_link(session, now=now)
        secret = make_first_officer_link(session, now=now)
    assert secret is not None
    assert ended is not None
    with transaction(engine) as session:
        check_first_officer_link(session, secret=secret, now=now)
        for wrong, at in [(ended, now), ("", now), (secret, now + timedelta(days=7))]:
            with pytest.raises(LendingError):
                check_first_officer_link(session, secret=wrong, now=at)
            with pytest.raises(LendingError):
                use_first_officer_link(session, secret=wrong, founding=FOUNDING, now=at)
    weak = Founding("인천 서구", "officer", "short")
    with pytest.raises(LendingError), transaction(engine) as session:
        use_first_officer_link(session, secret=secret, founding=weak, now=now)
    with transaction(engine) as session:
        founded = use_first_officer_link(session, secret=secret, founding=FOUNDING, now=now)
    with transaction(engine) as session:
        assert load_district(session, district_id=founded.district_id).name == "인천 서구"
        assert check_staff(session, login="officer", password=PASSWORD).actor.id == founded.staff_id
        assert make_first_officer_link(session, now=now) is None
        with pytest.raises(LendingError):
            use_first_officer_link(session, secret=secret, founding=FOUNDING, now=now)


def test_it_names_the_district_made_by_the_command_line(session: Session, now: datetime) -> None:
    district = create_district(session, name="?", now=now).id
    secret = make_first_officer_link(session, now=now)
    assert secret is not None
    founded = use_first_officer_link(session, secret=secret, founding=FOUNDING, now=now)
    assert founded.district_id == district
    assert load_district(session, district_id=district).name == "인천 서구"
