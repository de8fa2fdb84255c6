"""Ware out of the office to a booking or a staff card, and back to it or any other place."""

import uuid
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading
from lending.errors import Code, LendingError
from lending.loop.codes import make_code
from lending.loop.steps import Action, Gap, Outcome, State
from lending.loop.tables import Loan, Scan, ScanBorrower
from lending.loop.verify import verify
from lending.offices.cards import end_card
from lending.offices.departments import change_department
from lending.offices.reading import clean_here, lent_to
from lending.offices.values import Stage, Tally
from tests.loop.occasions import packed_crate
from tests.offices.office import HOUR, Office, local
from tests.personas import BOX, OFFICE, WASH


def refused(do: Any) -> tuple[Code, str | None]:
    with pytest.raises(LendingError) as error:
        do()
    return error.value.code, error.value.field


def counts(told: Tally) -> tuple[int, int, int, int]:
    return told.out, told.back, told.missing, told.crates


@pytest.fixture(autouse=True)
def always_clean(office: Office) -> Any:
    yield
    office.loop.check()
    assert list(verify(office.loop.engine)) == []


def test_a_crate_goes_out_with_what_is_in_it_and_its_pieces_come_back_to_a_box(
    office: Office,
) -> None:
    loop = office.loop
    crate, cups = packed_crate(loop, 3, OFFICE)
    id = office.book()
    handed = office.hand(crate, id)
    assert (handed.carrier, handed.pieces, handed.code) == (True, 3, crate)
    assert counts(office.look(id).tally) == (3, 0, 0, 1)
    for cup in cups:
        loop.one(Action.RETURN, cup, ask=False, site=loop.site(BOX))
    assert counts(office.look(id).tally) == (0, 3, 0, 1)
    assert office.look(id).stage is Stage.OUT  # the crate is still to come
    office.back(crate)
    assert (office.look(id).stage, loop.item(cups[0]).state) == (Stage.BACK, State.RETURNED)


def test_what_cannot_be_handed_out_says_why(office: Office) -> None:
    loop = office.loop
    id = office.book()
    dirty, (held, lent) = loop.new_cups(1)[0], loop.clean_cups(2, OFFICE)
    loop.hold(held)
    office.hand(lent, id)
    assert refused(lambda: office.hand(dirty, id)) == (Code.NOT_CLEAN, "code")
    assert refused(lambda: office.hand(held, id)) == (Code.HELD, "code")
    assert refused(lambda: office.hand(lent, id)) == (Code.ALREADY_LENT, "code")
    assert refused(lambda: office.hand("1234", id)) == (Code.INVALID, "code")
    assert refused(lambda: office.hand(lent)) == (Code.INVALID, "booking")
    assert refused(lambda: office.hand(lent, uuid.uuid4())) == (Code.NOT_FOUND, "booking")


def test_a_booking_that_is_over_gets_nothing_more(office: Office) -> None:
    loop = office.loop
    id = office.book(begins=local(3, 3), ends=local(3, 3, 12))
    cup, late = loop.clean_cups(2, OFFICE)
    scan = uuid.uuid4()
    at = loop.now
    office.hand(cup, id, id=scan, at=at)
    loop.now = local(3, 3, 13)
    assert refused(lambda: office.hand(late, id)) == (Code.CONFLICT, "booking")
    assert office.hand(cup, id, id=scan, at=at).code == cup  # the same again
    assert office.hand(late, id, ask=False).pieces == 0  # it happened: a fact
    assert office.look(id).tally.lent == 2


def test_the_same_scan_again_is_one_loan(office: Office) -> None:
    loop = office.loop
    id, scan, at = office.book(), uuid.uuid4(), loop.now
    (cup,) = loop.clean_cups(1, OFFICE)
    for _ in range(2):
        office.hand(cup, id, id=scan, at=loop.now if at is None else at)
    assert office.look(id).tally.lent == 1
    back = uuid.uuid4()
    moment = loop.now
    for _ in range(2):
        office.back(cup, id=back, at=moment)
    assert office.look(id).tally.back == 1


def test_a_staff_card_borrows_for_its_department(office: Office) -> None:
    loop, card = office.loop, office.new_card(office.culture)
    first, second = loop.clean_cups(2, OFFICE)
    handed = office.hand(first, card=card)
    assert handed.due_at is not None
    with Session(loop.engine) as session:
        (lend,) = session.scalars(sa.select(Loan.id).where(Loan.occasion_id.is_not(None)))
        assert session.get(ScanBorrower, lend) is not None  # the card's holder, nobody by name
    line = office.month()["문화과", "cup-355"]
    assert (line.uses, line.by_card, line.out) == (1, 1, 1)
    assert refused(lambda: office.hand(second, card=card)) == (Code.TOO_MANY_OPEN, "code")
    office.back(first)
    assert office.hand(second, card=card).code == second


def test_a_crate_is_not_lent_by_card(office: Office) -> None:
    crate, _ = packed_crate(office.loop, 1, OFFICE)
    card = office.new_card()
    assert refused(lambda: office.hand(crate, card=card)) == (Code.INVALID, "code")


def test_a_card_that_ended_or_whose_department_closed_lends_nothing(office: Office) -> None:
    loop = office.loop
    (cup,) = loop.clean_cups(1, OFFICE)
    ended, closed = office.new_card(), office.new_card(office.culture)
    loop.write(partial(end_card, code=ended, actor=loop.town.officer, now=loop.now))
    close = partial(
        change_department, department_id=office.culture, name="문화과", name_en="", active=False,
        actor=loop.town.officer,
    )  # fmt: skip
    loop.write(close)
    for card in (ended, closed, "K7R4M2WQPX8A", "not a card"):
        assert refused(lambda card=card: office.hand(cup, card=card)) == (Code.NOT_FOUND, "card")


def test_what_a_card_borrowed_without_a_network_counts_as_it_was_then(office: Office) -> None:
    """The tablet was offline; the card ended and its department closed before it could tell."""
    loop, card = office.loop, office.new_card(office.culture)
    before, after = loop.clean_cups(2, OFFICE)
    at = loop.now
    loop.now += HOUR
    loop.write(partial(end_card, code=card, actor=loop.town.officer, now=loop.now))
    close = partial(
        change_department, department_id=office.culture, name="문화과", name_en="", active=False,
        actor=loop.town.officer,
    )  # fmt: skip
    loop.write(close)
    loop.now += HOUR
    assert not office.hand(before, card=card, at=at, ask=False).to_holder
    line = office.month()["문화과", "cup-355"]
    assert (line.uses, line.by_card, line.out) == (1, 1, 1)
    late = office.hand(after, card=card, at=loop.now, ask=False)  # shown after it had ended
    assert late.to_holder and loop.item(after).state is State.LENT
    assert office.month()["문화과", "cup-355"] == line
    assert office.back(after).code == after


def test_what_came_back_unopened_is_clean_as_before(office: Office) -> None:
    loop = office.loop
    crate, cups = packed_crate(loop, 2, OFFICE)
    id, lend, undo = office.book(), uuid.uuid4(), uuid.uuid4()
    office.hand(crate, id, id=lend)
    office.unused(id, lend, undo)
    office.unused(id, lend, undo)
    assert office.look(id).tally == Tally()
    assert all(loop.item(cup).clean and loop.item(cup).stay is not None for cup in cups)
    assert office.hand(crate, office.book()).pieces == 2


def test_what_is_partly_back_was_not_unopened(office: Office) -> None:
    crate, cups = packed_crate(office.loop, 2, OFFICE)
    id, other, lend = office.book(), office.book(), uuid.uuid4()
    office.hand(crate, id, id=lend)
    assert refused(lambda: office.unused(other, lend)) == (Code.NOT_FOUND, "lend")
    with reading(office.loop.engine) as session:
        lines = lent_to(session, id)
    assert [one.can_take_back for one in lines] == [True, False, False]
    with_it = lines[1].lend_id  # a piece goes back with its crate, not out of it
    assert refused(lambda: office.unused(id, with_it)) == (Code.CONFLICT, "lend")
    office.back(cups[0])
    assert refused(lambda: office.unused(id, lend)) == (Code.CONFLICT, "lend")


def test_whatever_is_brought_to_the_office_is_taken(office: Office) -> None:
    """A café's cup, one that was never lent, and a code that no piece has."""
    loop = office.loop
    cup = loop.lent_cup()
    assert office.back(cup).code == cup
    assert loop.loans(cup)[0].outcome is Outcome.RETURNED
    (stray,) = loop.passed_cups(1)
    office.back(stray)
    assert loop.gaps(stray) == [Gap.MISSED_LEND]
    unknown = make_code()
    assert office.back(unknown).kind == ""
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).where(Scan.code == unknown)) == 1


def test_an_offices_cup_dropped_elsewhere_comes_back_to_its_booking(office: Office) -> None:
    loop = office.loop
    (cup,) = loop.clean_cups(1, OFFICE)
    id = office.book()
    office.hand(cup, id)
    loop.give_back(cup)  # at the café
    assert office.look(id).stage is Stage.BACK
    (other,) = loop.clean_cups(1, OFFICE)
    second = office.book()
    office.hand(other, second)
    loop.receive(other)  # or straight at the washing centre
    assert counts(office.look(second).tally) == (0, 1, 0, 0)


def test_what_is_out_is_listed_first_and_tells_no_person(office: Office) -> None:
    loop = office.loop
    crate, cups = packed_crate(loop, 2, OFFICE)
    id = office.book()
    office.hand(crate, id)
    office.back(cups[0])
    with reading(loop.engine) as session:
        lines = lent_to(session, id)
        here = clean_here(session, site_id=loop.town.sites[OFFICE])
    assert [(one.code, one.closed_at is None) for one in lines] == [
        (crate, True), (cups[1], True), (cups[0], False),
    ]  # fmt: skip
    assert here == {}
    assert WASH in loop.town.sites
