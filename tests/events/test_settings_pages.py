"""What the office sets for events, and the rooms of a hall."""

import pytest

from tests.callers import Caller
from tests.events.halls import Halls

pytestmark = pytest.mark.usefixtures("today")


def test_the_officer_sets_pieces_prices_and_times(halls: Halls, people: dict[str, Caller]) -> None:
    officer = people["officer"]
    data = {"event": "funeral", "per_100-bowl": "1,200", "crate-bowl": "60", "price-bowl": "900"}
    assert officer.open("/events/settings/kinds", "POST", data=data).status_code == 302
    page = officer.open("/events/settings?event=funeral").text
    assert 'value="1200"' in page and 'value="60"' in page and 'value="900"' in page
    assert 'value="1200"' not in officer.open("/events/settings?event=event").text
    wrong = officer.open("/events/settings/kinds", "POST", data=data | {"price-bowl": "비쌈"})
    assert wrong.status_code == 422 and "비쌈" in wrong.text
    times = {"count_hours": "12", "answer_days": "10"}
    assert officer.open("/events/settings/times", "POST", data=times).status_code == 302
    assert 'value="12"' in officer.open("/events/settings").text
    none = {"count_hours": "0", "answer_days": "10"}
    assert officer.open("/events/settings/times", "POST", data=none).status_code == 422


def test_a_hall_keeps_its_rooms(halls: Halls, people: dict[str, Caller]) -> None:
    hall = people["hall"]
    assert 'href="/events/halls"' in hall.open("/events/rooms").text
    added = {"site": halls.code, "name": "3호실"}
    assert hall.open("/events/halls", "POST", data=added).status_code == 302
    assert hall.open("/events/halls", "POST", data=added).status_code == 422  # the same name
    stop = {"site": halls.code, "name": "2호실 (넓은 방)", "do": "stop"}
    hall.open(f"/events/halls/rooms/{halls.rooms[1].id}", "POST", data=stop)
    page = hall.open("/events/halls").text
    assert "3호실" in page and "2호실 (넓은 방)" in page and "멈춤" in page
    assert "2호실" not in hall.open("/events/rooms").text
    assert people["café"].open("/events/halls", "POST", data=added).status_code == 403


def test_who_acts_for_several_halls_chooses_one(halls: Halls, people: dict[str, Caller]) -> None:
    page = people["officer"].open("/events/halls")
    assert page.status_code == 200 and f"/events/halls?site={halls.code}" in page.text
    assert "2호실" in people["officer"].open(f"/events/halls?site={halls.code}").text


def test_the_rooms_of_a_place_that_is_no_hall_are_refused_as_usual(
    people: dict[str, Caller],
) -> None:
    assert people["café"].open("/events/halls").status_code == 403
    assert people["centre"].open("/events/halls").status_code == 200


def test_what_the_price_is_for_and_the_tabs_have_words_of_their_own(
    people: dict[str, Caller],
) -> None:
    page = people["officer"].open("/events/settings").text
    assert "부족·파손 단가(원)" in page and "부족하거나 깨진 것 하나마다" in page
    people["hall"].client.set_cookie("lang", "en")
    tabs = people["hall"].open("/events").text
    assert ">Room list</a>" in tabs and ">Rooms</a>" in tabs
