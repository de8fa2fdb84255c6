"""What the hall is told of a count that the centre has not confirmed."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.events.statements.links import statement_photo
from lending.events.statements.reading import list_versions, load_statement
from lending.events.tables import EventCrate
from lending.events.values import EventView
from lending.people.tables import Role
from lending.places.tables import District
from tests.callers import Caller, staff_caller
from tests.events.halls import Halls
from tests.events.pages import came_back, count_form, counted, read_words, text_of
from tests.events.stated import Counted
from tests.events.stated import counted as stated
from tests.personas import DAY

pytestmark = pytest.mark.usefixtures("today")
__all__ = ["stated"]


def test_the_halls_staff_wait_until_the_centre_confirms(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event = counted(halls, people)
    path, hall = f"/events/{event.id}/statement", people["hall"]
    page = hall.open(path)
    assert (
        page.status_code == 200 and "세고 확인하는 중" in page.text and "까지 하기로" in page.text
    )
    shown = read_words(page.text)
    assert "부족 1개" not in shown and "97" not in shown
    assert "1판" not in hall.open(f"/events/{event.id}").text
    for hidden in (f"{path}?version=1", f"{path}.pdf", f"{path}.pdf?version=1"):
        assert hall.open(hidden).status_code == 404
        assert people["centre"].open(hidden).status_code == 200
    people["centre"].open(f"{path}/confirm", "POST")
    assert "부족 1개" in hall.open(path).text
    assert hall.open(f"{path}.pdf?version=1").status_code == 200


def test_the_hall_keeps_the_version_it_knows_while_a_recount_waits(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event = counted(halls, people)
    path, hall = f"/events/{event.id}/statement", people["hall"]
    people["centre"].open(f"{path}/confirm", "POST")
    again = people["centre"].open(
        f"/events/{event.id}/count", "POST", data=count_form(bowls=90, broken=2)
    )
    assert again.status_code == 302
    page = hall.open(path).text
    assert "다시 세어 고치고 있어요" in page and "부족 1개" in page and "부족 8개" not in page
    assert hall.open(f"{path}.pdf?version=2").status_code == 404
    assert "부족 8개" in people["centre"].open(path).text


def test_while_it_is_counted_the_hall_is_told_when_it_is_due(
    halls: Halls, people: dict[str, Caller]
) -> None:
    event = came_back(halls)
    halls.sweep()  # the crate is in at the centre
    page = people["hall"].open(f"/events/{event.id}/statement")
    assert page.status_code == 200 and "까지 하기로" in page.text
    planned = halls.plan(room_id=halls.rooms[1].id)
    assert people["hall"].open(f"/events/{planned.id}/statement").status_code == 404


def test_the_link_can_be_passed_on_as_soon_as_crates_are_out(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    planned = halls.plan(room_id=halls.rooms[1].id)
    assert client.get(f"/events/s/{halls.link(planned)}").status_code == 404  # nothing to come
    assert people["officer"].open(f"/events/{planned.id}/statement").status_code == 404
    event = halls.plan()
    packed = halls.out(event, bowl=100)
    path = f"/events/{event.id}/statement"
    assert path in people["officer"].open(f"/events/{event.id}").text
    assert path in people["hall"].open(f"/events/{event.id}").text
    for who in ("centre", "officer"):
        assert f"/events/s/{halls.link(event)}" in people[who].open(path).text
    assert "/events/s/" not in people["hall"].open(path).text
    assert now_at(client, halls, event) == ("상자 돌려주기", False)
    halls.back(packed)
    assert now_at(client, halls, event) == ("세척장에 들어오기", False)
    halls.fetch(packed.crate)
    halls.sweep()
    assert now_at(client, halls, event) == ("세척장이 세기", False)
    halls.loop.now = halls.now - 3 * DAY  # so long ago that the count is late
    halls.write(lambda s: s.execute(sa.update(EventCrate).values(in_at=halls.now)))
    assert now_at(client, halls, event) == ("세척장이 세기", True)


def now_at(client: FlaskClient, halls: Halls, event: EventView) -> tuple[str, bool]:
    """Which step the hall's link shows as the one that is on, and whether it is said to be late."""
    page = client.get(f"/events/s/{halls.links.get(event.id) or halls.link(event)}").text
    [step] = re.findall(r'(?s)class="is-now".*?</svg>\s*<span>([^<]*)', page)
    return step.strip(), "늦어지고 있어요" in page


def test_the_links_page_is_of_the_halls_own_district(
    halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    """Whoever opens a link has no district of its own: the page has the name, zone and desk of the
    event's, before and after the centre confirms."""
    event = counted(halls, people)
    halls.write(lambda s: s.execute(sa.update(District).values(helpdesk="032-111-0000")))
    first = District(
        id=-1, name="가구", name_en="Ga-gu", timezone="Asia/Seoul", helpdesk="02-999-0000",
        created_at=halls.now,
    )  # fmt: skip
    halls.write(lambda s: s.add(first))
    address = f"/events/s/{halls.link(event)}"
    assert "02-999-0000" in client.get("/events/s/none").text
    for _ in range(2):
        page = client.get(address).text
        assert "032-111-0000" in page and "02-999-0000" not in page
        people["centre"].open(f"/events/{event.id}/statement/confirm", "POST")


def test_no_reader_but_the_centre_and_the_office_gets_a_draft(stated: Counted) -> None:
    halls, event, _, statement = stated
    (photo,) = statement.photos

    def reads(actor: Any) -> set[str]:
        found = set()
        asked = {
            "statement": lambda s: load_statement(s, event_id=event.id, actor=actor, now=halls.now),
            "photo": lambda s: statement_photo(s, photo_id=photo, actor=actor, now=halls.now),
        }
        for name, ask in asked.items():
            try:
                halls.read(ask)
                found.add(name)
            except LendingError as error:
                assert (error.code, error.field) == (Code.NOT_FOUND, name)
        if halls.read(lambda s: list_versions(s, event_id=event.id, actor=actor)):
            found.add("versions")
        return found

    all_of_it, town = {"statement", "photo", "versions"}, halls.loop.town
    assert reads(halls.haein) == set()
    assert reads(town.jun) == reads(town.officer) == all_of_it
    halls.confirm(statement)
    assert reads(halls.haein) == all_of_it


def test_without_an_account_no_login_is_shown(
    app: Flask, halls: Halls, people: dict[str, Caller], client: FlaskClient
) -> None:
    event = came_back(halls)
    with transaction(halls.loop.engine) as session:
        staff = staff_caller(app, session, halls.loop.town, Role.WASH)
    staff.open(f"/events/{event.id}/count", "POST", data=count_form())
    staff.open(f"/events/{event.id}/statement/confirm", "POST")
    view = halls.latest(event)
    assert view.counted_by and view.sent_by
    address = f"/events/s/{halls.link(event)}"
    page = client.get(address).text
    [paper] = text_of(client.get(f"{address}/statement.pdf").data)
    for text in (page, paper):
        assert view.centre_name in text
        assert view.counted_by not in text and view.sent_by not in text


def test_the_papers_name_can_be_written_in_ascii(halls: Halls, people: dict[str, Caller]) -> None:
    event = counted(halls, people)
    answer = people["centre"].open(f"/events/{event.id}/statement.pdf")
    said = answer.headers["Content-Disposition"]
    assert "filename=statement-2" in said.replace('"', "")
    assert "filename*=UTF-8''%ED%9A%8C" in said and uuid.UUID(str(event.id)).hex[:8].upper() in said
