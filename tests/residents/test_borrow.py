"""Guest self-scan: the till's question asked by the borrower's own phone, and what staff see."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.loop.codes import format_code
from lending.loop.steps import State
from lending.loop.tables import Loan, Scan, ScanBorrower
from tests.callers import Caller
from tests.personas import BOX, HARU, MINJI, Loop
from tests.residents.conftest import Phones, recently


def borrow(phone: Caller, cup: str):
    return phone.open(f"/i/{cup}/borrow", "POST")


def loans(loop: Loop) -> list[sa.Row]:
    with transaction(loop.engine) as session:
        return list(session.execute(sa.select(Loan.__table__)))


@pytest.fixture
def ready(loop: Loop) -> str:
    """A clean cup that stands at café Haru."""
    recently(loop, hours=3)
    return loop.clean_cup()


def test_one_tap_lends_the_cup_where_it_stands(loop: Loop, minji: Caller, ready: str) -> None:
    assert f"/i/{ready}/borrow" in minji.open(f"/i/{ready}").text
    answer = borrow(minji, ready)
    [loan] = loans(loop)
    assert answer.location == f"/my/borrowed/{loan.id}"
    assert loan.site_id == loop.town.sites[HARU]
    with transaction(loop.engine) as session:
        scan = session.execute(sa.select(Scan.__table__).where(Scan.id == loan.id)).one()
        owner = session.scalars(sa.select(ScanBorrower.resident_id)).one()
    assert (scan.asked, scan.sender_kind, scan.sender_id) == (True, "resident", None)
    assert owner == loop.town.residents[MINJI]
    assert loop.item(ready).state is State.LENT
    loop.check()


def test_staff_see_the_number_of_cups_and_a_clock(loop: Loop, minji: Caller, ready: str) -> None:
    other = loop.clean_cup()
    first = minji.open(borrow(minji, ready).location).text
    assert "컵 1개" in first
    assert "카페 하루" in first
    assert 'id="clock"' in first
    second = minji.open(borrow(minji, other).location).text
    assert "컵 2개" in second
    for cup in (ready, other):
        assert format_code(cup) in second


def test_the_confirmation_is_not_for_later_or_for_others(
    loop: Loop, minji: Caller, dana: Caller, ready: str
) -> None:
    shown = borrow(minji, ready).location
    assert minji.open(shown).status_code == 200
    assert dana.open(shown).location == "/my"
    loop.now = datetime.now(UTC)
    loop.give_back(ready)
    assert minji.open(shown).location == "/my"
    recently(loop, hours=1)
    loop.lent_cup()
    [loan] = [one for one in loans(loop) if one.closed_at is None]
    assert minji.open(f"/my/borrowed/{loan.id}").location == "/my"


def test_two_taps_are_one_loan(loop: Loop, phones: Phones, ready: str) -> None:
    phone = phones.of(MINJI)
    assert borrow(phone, ready).location == borrow(phone, ready).location
    assert len(loans(loop)) == 1


def test_two_phones_at_once_are_one_loan(loop: Loop, phones: Phones, ready: str) -> None:
    answers: list[int] = []
    start = threading.Barrier(6)

    def tap() -> None:
        phone = phones.of(MINJI)
        start.wait()
        answers.append(borrow(phone, ready).status_code)

    taps = [threading.Thread(target=tap) for _ in range(6)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert answers == [302] * 6
    assert len(loans(loop)) == 1
    loop.check()


def test_every_reason_in_the_cup_reads_the_same(
    loop: Loop, minji: Caller, dana: Caller, ready: str
) -> None:
    """Who taps Borrow learns nothing of who has the cup, or whether anybody has."""
    lent, dirty, held, retired = loop.clean_cups(4)
    loop.lend(lent)
    loop.rewash(dirty)
    loop.hold(held)
    loop.retire(retired)
    at_centre = loop.new_cups()[0]
    in_box = loop.clean_cup(at=BOX)
    told = set()
    for cup in (lent, dirty, held, retired, at_centre, in_box):
        answer = borrow(dana, cup)
        told.add((answer.status_code, answer.location))
    assert len(told) == 1
    page = dana.open(told.pop()[1])
    assert "이 컵은 지금 빌릴 수 없어요." in page.text
    assert len(loans(loop)) == 1
    loop.check()


def test_limits_and_pause_are_the_tills(loop: Loop, minji: Caller, ready: str) -> None:
    cups = loop.clean_cups(5)
    for cup in cups:
        assert borrow(minji, cup).status_code == 302
    sixth = borrow(minji, ready)
    assert "빌릴 수 있는 컵 수를 다 썼어요." in minji.open(sixth.location).text


def test_a_missed_stock_scan_does_not_stop_it(loop: Loop, minji: Caller) -> None:
    recently(loop, hours=3)
    cup = loop.new_cups()[0]
    loop.wash(cup)
    loop.pass_(cup)
    loop.ship(cup, HARU)
    assert borrow(minji, cup).status_code == 302
    assert loans(loop)[0].site_id == loop.town.sites[HARU]
    assert "missed_stock" in loop.gaps(cup)


def test_it_needs_a_person_a_notice_and_a_real_code(
    loop: Loop, minji: Caller, tomas: Caller, stranger: Caller, ready: str
) -> None:
    assert borrow(stranger, ready).status_code == 401
    assert borrow(tomas, ready).location == f"/my/welcome?next=/i/{ready}"
    wrong = ready[:-1] + str((int(ready[-1]) + 1) % 10)
    assert borrow(minji, wrong).status_code == 422
    assert loans(loop) == []
