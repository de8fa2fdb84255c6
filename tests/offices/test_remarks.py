"""What is handed out to a booking beside what it asked for: told, and never refused."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from lending.db import transaction
from lending.loop.steps import Action, State
from lending.loop.verify import verify
from lending.offices.values import KindLine, Remark
from tests.callers import Caller, device_caller
from tests.offices.office import Office
from tests.personas import DAY, OFFICE, Loop

OTHER = "cup-473"


@pytest.fixture(autouse=True)
def always_clean(office: Office) -> Any:
    yield
    office.loop.check()
    assert list(verify(office.loop.engine)) == []


def kinds(office: Office, booking: uuid.UUID) -> list[tuple[str, int, int]]:
    """(kind, asked, given) of a booking."""
    codes = {id: code for code, id in office.loop.town.kinds.items()}
    lines: list[KindLine] = office.look(booking).kinds
    return [(codes[line.kind_id], line.asked, line.given) for line in lines]


def test_what_was_booked_goes_out_without_a_remark(office: Office) -> None:
    booking = office.book()
    for cup in office.loop.clean_cups(2, OFFICE):
        assert office.hand(cup, booking).remark is None
    assert kinds(office, booking) == [("cup-355", 2, 2)]


def test_another_kind_goes_out_with_a_remark(office: Office) -> None:
    booking, scan = office.book(), uuid.uuid4()
    cup = office.loop.clean_cup(OFFICE, OTHER)
    at = office.loop.now
    remark = Remark({OTHER: 1}, {}, {"cup-355": 2})
    assert office.hand(cup, booking, id=scan, at=at).remark == remark
    assert office.hand(cup, booking, id=scan, at=at).remark == remark  # sent again
    assert office.loop.item(cup).state is State.LENT
    assert kinds(office, booking) == [("cup-355", 2, 0), (OTHER, 0, 1)]


def test_of_a_crate_every_kind_is_looked_at(office: Office) -> None:
    crate = mixed_crate(office.loop, {"cup-355": 3, OTHER: 2})
    booking = office.book()
    handed = office.hand(crate, booking)
    assert handed.pieces == 5
    assert handed.remark == Remark({OTHER: 2}, {"cup-355": (2, 3)}, {"cup-355": 2})
    assert kinds(office, booking) == [("cup-355", 2, 3), (OTHER, 0, 2)]


def test_more_is_what_is_out_at_the_same_time(office: Office) -> None:
    """What came back makes room for a fresh one; what nobody asked for before is no remark later."""
    booking = office.book()
    first, second, third, fourth = office.loop.clean_cups(4, OFFICE)
    office.hand(office.loop.clean_cup(OFFICE, OTHER), booking)
    for cup in (first, second):
        assert office.hand(cup, booking).remark is None
    office.back(first)
    assert office.hand(third, booking).remark is None
    remark = office.hand(fourth, booking).remark
    assert remark == Remark({}, {"cup-355": (2, 3)}, {"cup-355": 2})
    assert kinds(office, booking) == [("cup-355", 2, 4), (OTHER, 0, 1)]


def test_a_card_borrows_what_it_likes(office: Office) -> None:
    card = office.new_card()
    assert office.hand(office.loop.clean_cup(OFFICE, OTHER), card=card).remark is None


def test_a_booking_that_was_changed_is_judged_as_it_is_now(office: Office) -> None:
    booking = office.book()
    office.change(office.wish(id=booking, wanted={OTHER: 1}))
    assert office.hand(office.loop.clean_cup(OFFICE, OTHER), booking).remark is None
    assert kinds(office, booking) == [(OTHER, 1, 1)]


def test_the_desk_says_so_and_shows_both(app: Flask, office: Office) -> None:
    loop = office.loop
    loop.now = datetime.now(UTC)
    booking = office.book(begins=loop.now - DAY / 24, ends=loop.now + DAY)
    cups, other = loop.clean_cups(3, OFFICE), loop.clean_cup(OFFICE, OTHER)
    with transaction(loop.engine) as session:
        tablet = device_caller(app, session, loop.town, OFFICE)
    told = [beep(tablet, cup, booking) for cup in (*cups, other)]
    tones = [(one["error"], one["tone"]) for one in told]
    assert tones == [(None, "good"), (None, "good"), (None, "care"), (None, "care")]
    assert (
        "예약보다 많아요" in told[2]["word"]
        and "예약 2개, 나가 있는 것 3개" in told[2]["next_step"]
    )
    assert "예약에 없는 종류" in told[3]["word"]
    assert "예약한 것은 컵 355 mL 2개예요" in told[3]["next_step"]
    for page in ("/offices/desk", "/offices/desk?part=1", f"/offices/bookings/{booking}"):
        text = tablet.open(page).text
        assert "예약 2" in text and "준 것 3" in text and "예약에 없음" in text


def beep(caller: Caller, code: str, booking: uuid.UUID) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    body = {
        "id": str(uuid.uuid4()), "act": "hand", "code": code, "at": now, "sent_at": now,
        "booking": str(booking),
    }  # fmt: skip
    found: dict[str, Any] = caller.open("/offices/desk/beep", "POST", json=body).get_json()
    return found


def mixed_crate(loop: Loop, pieces: dict[str, int]) -> str:
    """A crate with clean pieces of these kinds that stands at the office."""
    crate: str = loop.new_crate()
    cups = [cup for kind, count in pieces.items() for cup in loop.new_cups(count, kind)]
    scans = [loop.scan(do, cup, ask=True) for do in (Action.WASH, Action.PASS) for cup in cups]
    loop.go(*scans, by=loop.town.jun)
    loop.pack(crate, *cups)
    loop.ship(crate, to=loop.site(OFFICE))
    loop.one(Action.STOCK, crate, site=loop.site(OFFICE), ask=False)
    return crate
