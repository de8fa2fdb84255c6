"""“I have this cup”: who has it says so, and the answer is the same whatever became of it."""

import re
import uuid

import sqlalchemy as sa

from lending.db import transaction
from lending.loop.codes import format_code
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.steps import Action
from lending.loop.tables import Review, ScanBorrower
from tests.callers import Caller
from tests.loop.occasions import lend_to, new_occasion, packed_crate
from tests.personas import DANA, MINJI, Loop
from tests.residents.conftest import recently


def mine(phone: Caller, cup: str):
    return phone.open(f"/i/{cup}/mine", "POST")


def owners(loop: Loop) -> list[uuid.UUID | None]:
    with transaction(loop.engine) as session:
        return list(session.scalars(sa.select(ScanBorrower.resident_id)))


def test_an_unclaimed_loan_becomes_the_residents(loop: Loop, minji: Caller, dana: Caller) -> None:
    recently(loop, hours=2)
    cup = loop.lent_cup(to=None)
    assert mine(minji, cup).location == f"/i/{cup}"
    assert owners(loop) == [loop.town.residents[MINJI]]
    assert "내가 빌렸어요." in minji.open(f"/i/{cup}").text
    assert format_code(cup) in minji.open("/my").text
    mine(dana, cup)  # too late: it is somebody's
    assert owners(loop) == [loop.town.residents[MINJI]]
    loop.check()


def test_a_borrower_the_till_could_not_make_out_is_found(loop: Loop, minji: Caller) -> None:
    recently(loop, hours=2)
    cup = loop.clean_cup()
    loop.lend(cup, "nobody can read this", ask=False)
    with transaction(loop.engine) as session:
        assert session.scalars(sa.select(Review.settled_at)).all() == [None]
    mine(minji, cup)
    with transaction(loop.engine) as session:
        [row] = session.execute(sa.select(ScanBorrower.__table__)).all()
        [entry] = session.execute(sa.select(Review.__table__)).all()
    assert (row.resident_id, row.sealed) == (loop.town.residents[MINJI], None)
    assert entry.settled_how == "attached"


def test_one_lid_of_a_delivery_brings_all_of_it(loop: Loop, minji: Caller, dana: Caller) -> None:
    recently(loop, hours=2)
    bag, cups = packed_crate(loop, 3)
    lend_to(loop, bag, new_occasion(loop, OccasionKind.ORDER))
    loop.give_back(cups[0])
    mine(minji, cups[1])
    assert owners(loop) == [loop.town.residents[MINJI]] * 2
    mine(dana, cups[2])  # too late
    mine(dana, bag)
    assert owners(loop) == [loop.town.residents[MINJI]] * 2
    assert "컵 355 mL" in minji.open("/my").text


def test_the_bags_code_does_as_well_and_a_bookings_piece_comes_alone(
    loop: Loop, minji: Caller
) -> None:
    recently(loop, hours=2)
    bag, _ = packed_crate(loop, 2)
    lend_to(loop, bag, new_occasion(loop, OccasionKind.ORDER))
    mine(minji, bag)
    assert len(owners(loop)) == 2
    crate, cups = packed_crate(loop, 2)
    lend_to(loop, crate, new_occasion(loop))
    mine(minji, cups[0])
    assert len(owners(loop)) == 3


def test_the_answer_is_the_same_whatever_became_of_it(
    loop: Loop, minji: Caller, dana: Caller
) -> None:
    recently(loop, hours=2)
    unclaimed, ready, danas = loop.lent_cup(to=None), loop.clean_cup(), loop.lent_cup(DANA)
    told = set()
    for cup in (unclaimed, ready, danas):
        answer = mine(minji, cup)
        flash = re.search(r"alert-success.*?</div></div>", minji.open("/my").text, re.S)
        assert flash
        told.add((answer.status_code, flash[0]))
    assert len(told) == 1
    assert sorted(map(str, owners(loop))) == sorted(
        map(str, (loop.town.residents[MINJI], loop.town.residents[DANA]))
    )
    for phone in (minji, dana):
        assert "제가 가지고 있어요" in phone.open(f"/i/{ready}").text


def test_the_till_may_send_an_attached_lend_again(loop: Loop, minji: Caller) -> None:
    recently(loop, hours=2)
    cup = loop.clean_cup()
    scan = loop.scan(Action.LEND, cup, ask=True)
    loop.go(scan, by=loop.town.mina)
    mine(minji, cup)
    [again] = loop.go(scan, by=loop.town.mina)
    assert again.result == "repeated"
    assert loop.give_back(cup).result == "recorded"
    loop.check()


def test_strangers_sign_in_first(loop: Loop, stranger: Caller) -> None:
    cup = loop.clean_cup()
    assert f"/my/sign-in?next=/i/{cup}" in stranger.open(f"/i/{cup}").text
    assert mine(stranger, cup).status_code == 401
