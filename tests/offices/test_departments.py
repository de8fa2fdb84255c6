"""Departments and the staff cards that borrow for them."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lending.db import reading
from lending.errors import Code, LendingError
from lending.offices.cards import department_of_card, end_card, give_card, list_staff_cards
from lending.offices.departments import add_department, change_department, list_departments
from lending.people.cards import print_cards, revoke_card
from lending.places.texts import Problem
from tests.offices.office import Office
from tests.personas import HARU, OFFICE


def refused(do: Any) -> tuple[Code, str | None]:
    with pytest.raises(LendingError) as error:
        do()
    return error.value.code, error.value.field


def names(office: Office, **more: Any) -> list[str]:
    with reading(office.loop.engine) as session:
        return [one.name for one in list_departments(session, actor=office.hana, **more)]


def change(office: Office, department: int, **more: Any) -> None:
    values = {"name": "총무과", "name_en": "", "active": True} | more
    officer = office.loop.town.officer
    office.loop.write(partial(change_department, department_id=department, actor=officer, **values))


def add(office: Office, name: str, *, site: str = OFFICE, **more: Any) -> Any:
    loop = office.loop
    given = {"actor": loop.town.officer, "now": loop.now, "site": loop.site(site)} | more
    return loop.write(partial(add_department, name=name, **given))


def test_departments_are_made_renamed_and_closed(office: Office) -> None:
    assert names(office) == ["문화과", "총무과"]
    change(office, office.general, name="행정지원과", name_en="Administration")
    assert names(office) == ["문화과", "행정지원과"]
    change(office, office.culture, name="문화과", active=False)
    assert names(office) == ["행정지원과"]
    assert names(office, closed=True) == ["문화과", "행정지원과"]


def test_a_name_is_given_once_and_needs_letters(office: Office) -> None:
    with pytest.raises(LendingError) as error:
        add(office, " 총무과 ")
    assert (error.value.field, error.value.detail) == ("name", Problem.IN_USE)
    for bad in ("", "\0", "가" * 61):
        assert refused(lambda bad=bad: add(office, bad)) == (Code.INVALID, "name")
    assert refused(lambda: change(office, office.culture)) == (Code.INVALID, "name")


def test_only_officers_make_departments_and_only_at_an_office(office: Office) -> None:
    assert refused(lambda: add(office, "청소과", actor=office.hana)) == (Code.NOT_ALLOWED, None)
    assert refused(lambda: add(office, "청소과", site=HARU)) == (Code.NOT_ALLOWED_HERE, "site")


def test_a_cafe_sees_no_departments(office: Office) -> None:
    with reading(office.loop.engine) as session:
        assert list_departments(session, actor=office.loop.town.mina) == []
        assert list_departments(session, actor=office.loop.town.jun) == []


def give(office: Office, card: str, department: int) -> None:
    loop = office.loop
    do = partial(give_card, department_id=department, card=card)
    loop.write(partial(do, actor=loop.town.officer, now=loop.now))


def test_a_card_belongs_to_one_department_until_it_ends(office: Office) -> None:
    loop, card = office.loop, office.new_card()
    give(office, card, office.general)  # again: the same
    assert refused(lambda: give(office, card, office.culture)) == (Code.CONFLICT, "card")
    loop.write(partial(end_card, code=card, actor=loop.town.officer, now=loop.now))
    with Session(loop.engine) as session:
        listed = list_staff_cards(session, department_id=office.general, actor=office.hana)
        assert [(one.code, one.ended_at) for one in listed] == [(card, loop.now)]
    give(office, card, office.culture)
    with Session(loop.engine) as session:
        assert department_of_card(session, card=card, actor=office.hana).id == office.culture


def test_only_a_card_of_the_district_that_holds_is_given(office: Office) -> None:
    loop = office.loop

    def printed(session: Session) -> str:
        return print_cards(session, district_id=loop.town.id, count=1, now=loop.now)[0]

    card = loop.write(printed)
    loop.write(partial(revoke_card, district_id=loop.town.id, card=card, now=loop.now))
    for bad in (card, "", "K7R4M2WQPX8A", "010-2345-6789"):
        assert refused(lambda bad=bad: give(office, bad, office.general)) == (
            Code.NOT_FOUND, "card",
        )  # fmt: skip


def test_another_districts_department_is_nowhere_to_be_found(office: Office) -> None:
    loop = office.loop
    stranger = replace(loop.town.officer, district_id=loop.town.id + 1000)
    do = partial(
        change_department, department_id=office.general, name="남", name_en="", active=True
    )
    assert refused(lambda: loop.write(partial(do, actor=stranger))) == (
        Code.NOT_FOUND, "department",
    )  # fmt: skip
