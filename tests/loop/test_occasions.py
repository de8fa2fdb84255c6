"""Loans that are for an order, a booking or an event: whose they are, and when they are due."""

import uuid
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.loans.lent_for import OccasionKind
from lending.loop.loans.occasions import attach_occasion, move_end, occasion_of
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, Outcome, State
from lending.loop.tables import ScanBorrower
from lending.loop.verify import rebuild, verify
from tests.loop.occasions import lend_to, new_occasion, out_of, packed_crate
from tests.personas import DAY, HARU, MINJI, NABI, OFFICE, Loop, found_town

SEOUL = ZoneInfo("Asia/Seoul")
FRIDAY = date(2026, 3, 6)


def local(moment: datetime) -> date:
    return moment.astimezone(SEOUL).date()


def differences(loop: Loop) -> list[str]:
    return [str(one) for one in verify(loop.engine)]


def test_what_is_lent_to_an_occasion_is_due_the_day_after_it(loop: Loop) -> None:
    cup, other = loop.clean_cups(2)
    occasion = new_occasion(loop, ends_on=FRIDAY)
    receipt = lend_to(loop, cup, occasion)
    assert (receipt.result, receipt.item.state) == (Result.RECORDED, State.LENT)
    assert local(loop.due(receipt.id)) == date(2026, 3, 7)
    assert receipt.loan.due_at == receipt.item.due_at == loop.due(receipt.id)
    assert loop.loans(cup)[0].occasion == loop.item(cup).loan.occasion == occasion
    assert local(loop.due(lend_to(loop, other, new_occasion(loop)).id)) == date(2026, 3, 9)
    loop.check()
    assert differences(loop) == []


def test_what_is_lent_after_the_end_is_due_the_day_after_it_was_lent(loop: Loop) -> None:
    cup = loop.clean_cup()
    occasion = new_occasion(loop, ends_on=date(2026, 3, 3))
    loop.now += 3 * DAY
    assert local(loop.due(lend_to(loop, cup, occasion).id)) == date(2026, 3, 6)


def test_the_end_moves_and_the_due_dates_with_it(loop: Loop) -> None:
    out, back = loop.clean_cups(2)
    occasion = new_occasion(loop, ends_on=FRIDAY)
    lends = [lend_to(loop, cup, occasion).id for cup in (out, back)]
    loop.give_back(back)
    loop.write(partial(move_end, id=occasion, ends_on=date(2026, 3, 12)))
    assert [local(loop.due(lend)) for lend in lends] == [date(2026, 3, 13)] * 2
    assert loop.stored(out).piece.loan is not None
    assert differences(loop) == []
    loop.write(partial(move_end, id=occasion, ends_on=None))
    assert local(loop.due(lends[0])) == date(2026, 3, 9)  # the terms of its kind
    assert differences(loop) == []
    assert rebuild(loop.engine, now=loop.now) == 0
    with pytest.raises(LendingError) as refused:
        loop.write(partial(move_end, id=uuid.uuid4(), ends_on=FRIDAY))
    assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "occasion")


def test_a_rebuild_writes_the_occasion_of_a_loan_anew(loop: Loop) -> None:
    cup = loop.clean_cup()
    occasion = new_occasion(loop, ends_on=FRIDAY)
    lend = lend_to(loop, cup, occasion).id
    with transaction(loop.engine) as session:
        session.execute(sa.text("UPDATE item SET loan_occasion_id = NULL"))
        session.execute(sa.text("UPDATE loan SET occasion_id = NULL"))
    assert {one.split(":")[1].split()[0] for one in differences(loop)} == {"loan"}
    assert rebuild(loop.engine, now=loop.now) == 1
    assert differences(loop) == []
    assert out_of(loop, occasion)[0].lend_id == lend


def test_the_same_occasion_again_is_the_same(loop: Loop) -> None:
    id = new_occasion(loop, ends_on=FRIDAY)
    assert new_occasion(loop, id=id, ends_on=FRIDAY) == id
    for other in ({"kind": OccasionKind.ORDER}, {"at": NABI}):
        with pytest.raises(LendingError) as refused:
            new_occasion(loop, id=id, **other)
        assert (refused.value.code, refused.value.field) == (Code.ID_REUSED, "id")


def test_an_unknown_occasion_and_another_districts_are_refused(loop: Loop) -> None:
    cup = loop.clean_cup()
    with transaction(loop.engine) as session:
        other = Loop(loop.engine, loop.keys, found_town(session, loop.keys, prefix="X"))
    for occasion in (uuid.uuid4(), new_occasion(other)):
        for ask in (True, False):
            receipt = lend_to(loop, cup, occasion, ask=ask)
            assert (receipt.result, receipt.error) == (Result.REFUSED, Code.INVALID)
            assert receipt.field == "occasion"
    receipt = loop.one(Action.RETURN, cup, site=loop.site(HARU), occasion=new_occasion(loop))
    assert (receipt.error, receipt.field) == (Code.INVALID, "occasion")
    assert loop.item(cup).state is State.READY


def test_one_piece_twice_to_one_occasion_is_one_loan(loop: Loop) -> None:
    cup = loop.clean_cup()
    occasion, other = new_occasion(loop), new_occasion(loop)
    first = lend_to(loop, cup, occasion)
    lend_to(loop, cup, occasion, ask=False)
    assert loop.gaps(cup) == [Gap.LENT_TWICE]
    assert [loan.id for loan in loop.loans(cup)] == [first.id]
    lend_to(loop, cup, other, ask=False)
    assert loop.gaps(cup) == [Gap.LENT_TWICE, Gap.SUPERSEDED]
    assert [loan.outcome for loan in loop.loans(cup)] == [Outcome.SUPERSEDED, None]
    assert differences(loop) == []


def test_two_persons_of_one_occasion_are_two_persons(loop: Loop) -> None:
    """Whoever borrows by a department's card stands for the loan, not the department."""
    cup = loop.clean_cup()
    occasion = new_occasion(loop)
    lend_to(loop, cup, occasion, borrower=MINJI)
    lend_to(loop, cup, occasion, borrower="dana@example.org", ask=False)
    assert loop.gaps(cup) == [Gap.SUPERSEDED]


def test_the_loans_of_an_occasion_are_read_in_one_statement(loop: Loop) -> None:
    crate, cups = packed_crate(loop)
    occasion, empty = new_occasion(loop), new_occasion(loop)
    single = loop.clean_cup()
    lend_to(loop, crate, occasion)
    lend_to(loop, single, occasion, borrower=MINJI)
    loop.give_back(cups[0])
    found = {one.code: one for one in out_of(loop, occasion)}
    assert found.keys() == {crate, single, *cups}
    assert [code for code, one in found.items() if one.carrier] == [crate]
    assert [code for code, one in found.items() if one.borrower] == [single]
    assert found[cups[0]].outcome is Outcome.RETURNED and found[cups[1]].closed_at is None
    assert out_of(loop, empty) == []
    with Session(loop.engine) as session:
        for code in (crate, single, cups[1]):
            found_occasion = occasion_of(session, loop.item_id(code))
            assert found_occasion is not None and found_occasion.id == occasion
        assert occasion_of(session, loop.item_id(cups[0])) is None


def test_an_occasions_loans_become_the_residents_who_says_so_first(loop: Loop) -> None:
    crate, cups = packed_crate(loop, 3)
    occasion = new_occasion(loop, OccasionKind.ORDER)
    lend_to(loop, crate, occasion)
    loop.give_back(cups[0])
    minji, dana = loop.town.residents[MINJI], loop.town.residents["dana@example.org"]

    def attach(resident: uuid.UUID) -> int:
        take = partial(attach_occasion, occasion_id=occasion, keys=loop.keys)
        count: int = loop.write(lambda session: take(session, resident_id=resident))
        return count

    assert (attach(minji), attach(minji), attach(dana)) == (2, 0, 0)
    with Session(loop.engine) as session:
        held = set(session.scalars(sa.select(ScanBorrower.scan_id)))
    assert held == {one.lend_id for one in out_of(loop, occasion) if one.borrower}
    assert len(held) == 2 and not any(one.carrier for one in out_of(loop, occasion) if one.borrower)
    assert differences(loop) == []


def test_scans_without_an_occasion_cost_no_further_statement(loop: Loop) -> None:
    """As many statements as before there were occasions, and none that looks for one."""
    cup = loop.clean_cup()
    asked: list[str] = []
    sa.event.listen(
        loop.engine, "before_cursor_execute", lambda *given: asked.append(str(given[2]))
    )
    loop.lend(cup)
    loop.give_back(cup)
    assert asked and not any("occasion" in one and "FROM occasion" in one for one in asked)


def test_an_occasion_at_a_closed_place_ends_on_its_next_opening_day(loop: Loop) -> None:
    cup = loop.clean_cup(OFFICE)
    occasion = new_occasion(loop, at=OFFICE, ends_on=FRIDAY)
    lend = lend_to(loop, cup, occasion, at=OFFICE).id
    assert local(loop.due(lend)) == date(2026, 3, 7)
    loop.one(Action.EXTEND, cup, site=loop.site(OFFICE))
    assert local(loop.due(lend)) == date(2026, 3, 14)
    assert differences(loop) == []
