"""Bookings: asked for ahead, changed, called off, and over when everything is back."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lending.db import reading
from lending.errors import Code, LendingError
from lending.loop.verify import verify
from lending.notices.alerts import open_alerts
from lending.offices.bookings import book
from lending.offices.departments import change_department
from lending.offices.reading import load_week, open_bookings
from lending.offices.tallies import late_by_card
from lending.offices.values import Stage
from tests.offices.office import HOUR, SEOUL, Office, local
from tests.personas import DAY, OFFICE


def refused(do: Any) -> tuple[Code, str | None]:
    with pytest.raises(LendingError) as error:
        do()
    return error.value.code, error.value.field


def week(office: Office, monday: date) -> tuple[dict[int, int], int]:
    """How many bookings begin on each day of a week that has any, and how many began before."""
    loop = office.loop
    with reading(loop.engine) as session:
        found = load_week(
            session, site_id=loop.town.sites[OFFICE], monday=monday, zone=SEOUL,
            actor=office.hana, now=loop.now,
        )  # fmt: skip
    return {day.day: len(some) for day, some in found.days.items() if some}, len(found.earlier)


def test_a_booking_shows_what_was_asked_for(office: Office) -> None:
    id = office.book(wanted={"cup-355": 20, "cup-473": 5, "cup-414": 0})
    found = office.look(id)
    kinds = office.loop.town.kinds
    assert found.wanted == {kinds["cup-355"]: 20, kinds["cup-473"]: 5}
    assert (found.asked, found.stage, found.department) == (25, Stage.PLANNED, "총무과")
    assert (found.title, found.place, found.can_cancel) == ("주간 회의", "3층 회의실", True)


def test_the_same_booking_again_is_the_same(office: Office) -> None:
    wish = office.wish()
    ids = {office.book(id=wish.id) for _ in range(2)}
    assert ids == {wish.id}
    assert refused(lambda: office.book(office.culture, id=wish.id)) == (Code.ID_REUSED, "id")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"place": "가" * 61}, "place"),
        ({"ends": local(3, 3, 8)}, "until_at"),
        ({"ends": local(5, 3)}, "until_at"),
        ({"begins": local(2, 1), "ends": local(2, 2)}, "until_at"),
        ({"begins": local(3, 3) + 370 * DAY, "ends": local(3, 3) + 371 * DAY}, "from_at"),
        ({"wanted": {"cup-355": 0}}, "wanted"),
        ({"wanted": {"cup-355": -1}}, "wanted"),
        ({"wanted": {"crate": 1}}, "wanted"),
        ({"wanted": {"nothing": 1}}, "wanted"),
        ({"wanted": {"cup-355": 5001}}, "wanted"),
    ],
)
def test_what_cannot_be_booked(office: Office, wrong: dict[str, Any], field: str) -> None:
    given = {"begins": local(3, 3), "ends": local(3, 3, 12)} | wrong
    assert refused(lambda: office.book(**given)) == (Code.INVALID, field)


def test_a_closed_department_books_no_more(office: Office) -> None:
    close = partial(
        change_department, department_id=office.general, name="총무과", name_en="", active=False,
        actor=office.loop.town.officer,
    )  # fmt: skip
    office.loop.write(close)
    assert refused(office.book) == (Code.INVALID, "department")


def test_only_the_office_books(office: Office) -> None:
    loop = office.loop
    for other in (loop.town.mina, loop.town.jun):
        do = partial(book, new=office.wish(), actor=other, now=loop.now)
        assert refused(lambda do=do: loop.write(do)) == (Code.NOT_FOUND, "department")
    loop.write(partial(book, new=office.wish(), actor=loop.town.officer, now=loop.now))


def test_a_week_shows_its_bookings_by_day(office: Office) -> None:
    monday = date(2026, 3, 2)
    office.book(begins=local(3, 3))
    office.book(begins=local(3, 3, 23), ends=local(3, 4, 1))
    office.book(begins=local(3, 8, 23), ends=local(3, 9, 1))
    office.book(begins=local(3, 9, 0))
    assert week(office, monday) == ({3: 2, 8: 1}, 0)
    assert week(office, monday + timedelta(days=7)) == ({9: 1}, 1)
    office.loop.now = local(3, 10)
    assert week(office, monday + timedelta(days=7)) == ({9: 1}, 3)  # none of them closed yet
    office.sweep()
    assert week(office, monday + timedelta(days=7)) == ({9: 1}, 0)


def test_a_change_moves_what_is_due(office: Office) -> None:
    id = office.book(begins=local(3, 3), ends=local(3, 3, 12))
    (cup,) = office.loop.clean_cups(1, OFFICE)
    assert office.hand(cup, id).due_at == local(3, 4, 23) + timedelta(minutes=59, seconds=59)
    wish = office.wish(id=id, begins=local(3, 3), ends=local(3, 6, 12), title="연수")
    found = office.change(wish)
    assert (found.title, found.due_at) == (
        "연수", local(3, 7, 23) + timedelta(minutes=59, seconds=59),
    )  # fmt: skip
    assert list(verify(office.loop.engine)) == []


def test_a_booking_is_called_off_while_nothing_was_lent_to_it(office: Office) -> None:
    first, second = office.book(), office.book()
    assert office.cancel(first).stage is Stage.CANCELLED
    assert office.cancel(first).stage is Stage.CANCELLED
    (cup,) = office.loop.clean_cups(1, OFFICE)
    assert refused(lambda: office.hand(cup, first)) == (Code.CONFLICT, "booking")
    assert refused(lambda: office.change(office.wish(id=first))) == (Code.CONFLICT, "booking")
    office.hand(cup, second)
    assert refused(lambda: office.cancel(second)) == (Code.CONFLICT, "booking")


def test_a_booking_goes_its_way(office: Office) -> None:
    id = office.book(begins=local(3, 3), ends=local(3, 3, 12))
    (cup,) = office.loop.clean_cups(1, OFFICE)
    office.loop.now = local(3, 3, 9)
    office.hand(cup, id)
    assert (office.look(id).stage, office.look(id).tally.out) == (Stage.OUT, 1)
    assert office.sweep() == {}
    office.loop.now = local(3, 5, 1)
    assert office.look(id).stage is Stage.OVERDUE
    office.back(cup)
    assert (office.look(id).stage, office.look(id).tally.back) == (Stage.BACK, 1)
    assert office.sweep()["closed"] == 1
    other = office.book(begins=local(3, 5, 9))
    office.loop.now = local(3, 6)
    assert office.look(other).stage is Stage.UNUSED


def test_an_overdue_booking_is_told_to_the_office_then_to_the_officers(office: Office) -> None:
    loop = office.loop
    id = office.book(begins=local(3, 3), ends=local(3, 3, 12))
    (cup,) = loop.clean_cups(1, OFFICE)
    office.hand(cup, id)
    loop.now = local(3, 5, 1)
    office.sweep()
    assert alerts(office) == ([("office_overdue", 1)], [])
    loop.now = local(3, 6, 1)
    office.sweep()
    assert alerts(office) == ([("office_overdue", 1)], [("office_overdue", 1)])
    office.back(cup)
    office.sweep()
    assert alerts(office) == ([], [])


def test_overdue_card_loans_are_told_alike(office: Office) -> None:
    loop = office.loop
    loop.now = local(3, 3)
    late = {
        department: office.new_card(department) for department in (office.general, office.culture)
    }
    cups = loop.clean_cups(2, OFFICE)
    for cup, card in zip(cups, late.values(), strict=True):
        office.hand(cup, card=card)
    loop.now = local(3, 10)  # due is the end of that day
    office.sweep()
    assert alerts(office) == ([], []) and by_card(office) == []
    loop.now = local(3, 11, 1)
    office.sweep()
    assert alerts(office) == ([("office_overdue", 2)], [])
    assert by_card(office) == [("문화과", 1), ("총무과", 1)]
    loop.now = local(3, 12, 1)
    office.sweep()
    assert alerts(office) == ([("office_overdue", 2)], [("office_overdue", 2)])
    for cup in cups:
        office.back(cup)
    office.sweep()
    assert alerts(office) == ([], []) and by_card(office) == []


def by_card(office: Office) -> list[tuple[str, int]]:
    """What the office's week says of cards: departments and pieces that are late."""
    site = office.loop.town.sites[OFFICE]
    with Session(office.loop.engine) as session:
        found = late_by_card(session, site_id=site, now=office.loop.now)
    return [(one.department, one.pieces) for one in found]


def alerts(office: Office) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What Hana, and what the officers are to look at."""
    with Session(office.loop.engine) as session:
        seen = [
            [(one.kind, one.count) for one in open_alerts(session, actor=actor)]
            for actor in (office.hana, office.loop.town.officer)
        ]
    return seen[0], seen[1]


def test_what_is_handed_out_next_is_what_begins_soon(office: Office) -> None:
    loop = office.loop
    soon, later = office.book(), office.book(begins=loop.now + 20 * DAY)
    office.cancel(office.book())

    def found() -> set[uuid.UUID]:
        with reading(loop.engine) as session:
            some = open_bookings(
                session, site_id=loop.town.sites[OFFICE], actor=office.hana, now=loop.now
            )
        return {one.id for one in some}

    assert found() == {soon}
    (cup,) = loop.clean_cups(1, OFFICE)
    office.hand(cup, later)
    loop.now += 14 * DAY + HOUR
    assert found() == {later}


def test_another_office_sees_nothing_of_it(office: Office) -> None:
    id = office.book()
    stranger = replace(office.loop.town.officer, district_id=office.loop.town.id + 1000)
    other = replace(office, hana=stranger)
    assert refused(lambda: other.look(id)) == (Code.NOT_FOUND, "booking")
    assert refused(lambda: other.cancel(id)) == (Code.NOT_FOUND, "booking")
