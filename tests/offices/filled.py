"""An office with something on each of its pages, for tests that look at every page."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from lending.people.cards import print_cards
from tests.loop.occasions import packed_crate
from tests.offices.office import HOUR, open_office
from tests.personas import OFFICE, Loop


@dataclass(frozen=True)
class OfficesMade:
    """What stands at the office and has an address of its own."""

    site: str
    department: int
    planned: str  # bookings
    out: str
    overdue: str


def fill_offices(loop: Loop) -> OfficesMade:
    """Bookings of last and this week, one overdue, one out in part, one to come; a card in use."""
    now = loop.now
    loop.now = now - timedelta(days=6)
    office = open_office(loop)
    crate, cups = packed_crate(loop, 3, OFFICE)
    (cup,) = loop.clean_cups(1, OFFICE)
    overdue = office.book(title="지난 회의", begins=loop.now + HOUR, ends=loop.now + 3 * HOUR)
    office.hand(cup, overdue)
    card = office.new_card(office.culture)
    loop.write(partial(print_cards, district_id=loop.town.id, count=1, now=loop.now))
    loop.now = now
    out = office.book(office.culture, title="직원 연수", begins=now, ends=now + 2 * HOUR)
    office.hand(crate, out)
    office.back(cups[0])
    (other,) = loop.clean_cups(1, OFFICE, "cup-473")
    office.hand(other, card=card)
    planned = office.book(wanted={"cup-355": 20, "cup-473": 5})
    office.sweep()
    loop.now = now
    return OfficesMade(loop.site(OFFICE), office.culture, str(planned), str(out), str(overdue))
