"""A wrong scan is taken out of the story by a void, whenever that arrives; nothing is deleted."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, State
from lending.loop.tables import Scan
from lending.notices.tables import Notice, NoticeKind, NoticeState
from tests.personas import DANA, HARU, MINJI, NABI, Loop


def test_a_void_takes_a_scan_out_and_keeps_it_in_the_log(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.give_back(cup)
    void = loop.void(cup, back.id)
    assert (void.result, void.item.state) == (Result.RECORDED, State.LENT)
    assert loop.loans(cup)[0].closed_at is None
    with Session(loop.engine) as session:
        assert session.get_one(Scan, back.id).action is Action.RETURN
    loop.check()


def test_a_void_may_come_before_what_it_names(loop: Loop) -> None:
    cup, target = loop.lent_cup(), uuid.uuid4()
    assert loop.void(cup, target).result is Result.RECORDED
    back = loop.give_back(cup, id=target)
    assert (back.result, back.item.state) == (Result.RECORDED, State.LENT)
    loop.check()


def test_a_void_and_what_it_names_in_one_call(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.scan(Action.RETURN, cup)
    void = loop.scan(Action.VOID, cup, of=back.id)
    for order in ([back, void], [void, back]):
        assert {one.error for one in loop.go(*order, by=loop.town.mina)} == {None}
        assert loop.item(cup).state is State.LENT


def test_a_void_of_a_void_brings_the_scan_back(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.give_back(cup)
    void = loop.void(cup, back.id)
    undo = loop.void(cup, void.id)
    assert undo.item.state is State.RETURNED
    loop.void(cup, undo.id)
    assert loop.item(cup).state is State.LENT
    loop.check()


def test_a_void_of_a_void_not_yet_recorded_does_not_count(loop: Loop) -> None:
    cup, later = loop.lent_cup(), uuid.uuid4()
    back = loop.give_back(cup)
    loop.void(cup, later)
    loop.void(cup, back.id, id=later)
    piece = loop.item(cup)
    assert (piece.state, piece.last_id) == (State.LENT, later)
    loop.check()


def test_a_register_cannot_be_voided(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    with Session(loop.engine) as session:
        register = session.scalars(sa.select(Scan.id).where(Scan.code == cup)).one()
    assert loop.void(cup, register, by=loop.town.officer, site=HARU).error is Code.INVALID
    assert loop.item(cup).state is State.DIRTY


def test_a_voided_lend_takes_its_loan_and_use_along(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    loop.void(cup, lend.id)
    assert (loop.loans(cup), loop.item(cup).uses) == ([], 0)
    assert (loop.item(cup).state, loop.item(cup).clean) == (State.READY, True)
    loop.check()


def test_the_return_of_a_voided_lend_stays_as_a_sighting(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    loop.give_back(cup, by=loop.town.yuna)
    loop.void(cup, lend.id)
    piece = loop.item(cup)
    assert (loop.loans(cup), piece.uses) == ([], 0)
    assert (piece.state, piece.site) == (State.RETURNED, loop.town.sites[NABI])
    assert loop.gaps(cup) == [Gap.MISSED_LEND]
    loop.check()


def test_a_voided_lend_takes_its_unsent_notices_along(loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup)
    add_notices(loop, lend.id)
    loop.void(cup, lend.id)
    with Session(loop.engine) as session:
        states = session.scalars(sa.select(Notice.state).where(Notice.lend_id == lend.id)).all()
    assert states == [NoticeState.SENT]


def add_notices(loop: Loop, lend: uuid.UUID) -> None:
    """One notice already sent, one that waits."""
    common = {"district_id": loop.town.id, "lend_id": lend, "created_at": loop.now}
    rows = [
        Notice(
            **common,
            id=uuid.uuid4(),
            kind=NoticeKind.DUE_TOMORROW,
            state=NoticeState.SENT,
            sent_at=loop.now,
        ),
        Notice(**common, id=uuid.uuid4(), kind=NoticeKind.DUE_TODAY, state=NoticeState.WAITING),
    ]
    loop.write(lambda session: session.add_all(rows))


def test_a_site_voids_its_own_scans_for_a_day(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.give_back(cup)
    foreign = loop.void(cup, back.id, by=loop.town.yuna)
    assert (foreign.result, foreign.error) == (Result.REFUSED, Code.NOT_ALLOWED_HERE)
    loop.now += timedelta(hours=23)
    assert loop.void(cup, back.id).result is Result.RECORDED


def test_after_a_day_only_an_officer_voids(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.give_back(cup)
    loop.now += timedelta(hours=24)
    assert loop.void(cup, back.id).error is Code.NOT_ALLOWED_HERE
    assert loop.item(cup).state is State.RETURNED
    voided = loop.void(cup, back.id, by=loop.town.officer, site=NABI)
    assert (voided.result, loop.item(cup).state) == (Result.RECORDED, State.LENT)


def test_anothers_void_sent_ahead_does_not_count(loop: Loop) -> None:
    cup, target = loop.lent_cup(), uuid.uuid4()
    loop.void(cup, target, by=loop.town.yuna)
    loop.give_back(cup, id=target, by=loop.town.mina)
    assert loop.item(cup).state is State.RETURNED
    loop.check()


def test_a_void_names_a_scan_of_the_same_piece(loop: Loop) -> None:
    one, other = loop.lent_cup(), loop.lent_cup()
    back = loop.give_back(one)
    assert loop.void(other, back.id).error is Code.INVALID
    assert loop.item(one).state is State.RETURNED


@pytest.mark.parametrize("ask", [True, False])
def test_a_void_without_a_name_is_invalid(loop: Loop, ask: bool) -> None:
    cup = loop.lent_cup()
    assert loop.one(Action.VOID, cup, by=loop.town.mina, ask=ask).error is Code.INVALID


def test_a_repair_is_a_void_and_an_added_fact_and_can_be_undone(loop: Loop) -> None:
    cup, start = loop.clean_cup(), loop.now
    wrong = loop.lend(cup, MINJI)
    repair = loop.void(cup, wrong.id)
    right = loop.lend(cup, DANA, ask=False, at=start)
    assert [loan.id for loan in loop.loans(cup)] == [right.id]
    loop.void(cup, right.id)
    loop.void(cup, repair.id)
    assert [loan.id for loan in loop.loans(cup)] == [wrong.id]
    loop.check()


def test_a_voided_clean_bill_no_longer_counts(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    wash = loop.wash(cup)
    loop.pass_(cup)
    loop.void(cup, wash.id, by=loop.town.jun)
    piece = loop.item(cup)
    assert (piece.clean, piece.washes, piece.state) == (False, 0, State.READY)
    assert loop.lend(cup).error is Code.NOT_CLEAN
