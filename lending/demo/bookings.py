"""The demo's district office: departments that borrow cups by the crate, and by their people's cards."""

from datetime import date, datetime, timedelta

from lending.demo.desk import Desk
from lending.demo.plan import CENTRE, OFFICE, working_days_before
from lending.demo.town import Town, moment
from lending.loop.steps import Action
from lending.offices.bookings import book
from lending.offices.cards import give_card
from lending.offices.departments import add_department
from lending.offices.handing import hand_out
from lending.offices.values import BookingIn, HandIn
from lending.people.cards import print_cards

DEPARTMENTS = (("자원순환과", "Resource circulation"), ("총무과", "General affairs"))
KIND = "cup-355"
CUPS = 24  # in the crate for the meeting
SENT, USED = 3, 1  # working days ago


def live_bookings(town: Town, day: date, today: date) -> None:
    """A crate of cups comes to the office, and goes out to a meeting the day before today."""
    if working_days_before(today, SENT) < town.first:
        return
    if day == working_days_before(today, SENT):
        _send(town, day)
        town.happen(moment(day, 9.6), lambda desk, at: _open_departments(desk, town, at))
    elif day == working_days_before(today, USED):
        town.happen(moment(day, 10.0), lambda desk, at: _book(desk, town, at))
        town.happen(moment(day, 13.4), lambda desk, at: _hand_out(desk, town, at))


def _send(town: Town, day: date) -> None:
    town.office_crate = town.crates.pop()
    for number, code in enumerate(town.take_ready(town.part(CUPS), KIND)):
        at = moment(day, 9.0) + timedelta(seconds=3 * number)
        town.scan(CENTRE, Action.PACK, code, at, crate=town.office_crate)
    town.scan(CENTRE, Action.SHIP, town.office_crate, moment(day, 9.3), to=OFFICE)
    town.scan(OFFICE, Action.STOCK, town.office_crate, moment(day, 13.0), site=OFFICE)


def _open_departments(desk: Desk, town: Town, at: datetime) -> None:
    officer = desk.actor(OFFICE)
    for name, english in DEPARTMENTS:
        made = add_department(
            desk.session, site=OFFICE, name=name, name_en=english, actor=officer, now=at
        )
        town.departments.append(made.id)
    for card in print_cards(desk.session, district_id=desk.district_id, count=2, now=at):
        give_card(desk.session, department_id=town.departments[0], card=card, actor=officer, now=at)


def _book(desk: Desk, town: Town, at: datetime) -> None:
    """One meeting for today's crate, one for next week."""
    for number, (title, days, place) in enumerate(
        (("주민 설명회", 0, "대회의실"), ("환경교육 주간", 6, "1층 로비"))
    ):
        begins = at + timedelta(days=days, hours=3.5)
        wanted = BookingIn(
            town.make_id(at), town.departments[number], title, begins,
            begins + timedelta(hours=30), place, {KIND: town.part(CUPS)},
        )  # fmt: skip
        booked = book(desk.session, wanted, actor=desk.actor(OFFICE), now=at)
        town.booking = town.booking or booked.id


def _hand_out(desk: Desk, town: Town, at: datetime) -> None:
    assert town.office_crate is not None
    hand = HandIn(town.make_id(at), town.office_crate, at, booking_id=town.booking)
    hand_out(desk.session, hand, actor=desk.actor(OFFICE), keys=desk.keys, now=at)
