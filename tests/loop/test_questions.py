"""A question can be refused for a few reasons only; what happened is recorded whatever the state."""

import time
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.codes import make_code
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, Outcome, State
from lending.loop.tables import Refusal, Review, Scan
from tests.personas import DANA, HARU, MINJI, MINUTE, NABI, SORA, WASH, Loop

FACTS_ALWAYS = (Action.RETURN, Action.COLLECT, Action.RECEIVE, Action.STOCK)


def test_a_lent_cup_is_already_lent(loop: Loop) -> None:
    cup = loop.lent_cup(to=MINJI)
    assert loop.lend(cup, DANA).error is Code.ALREADY_LENT
    assert loop.lend(cup, MINJI).error is Code.ALREADY_LENT
    assert len(loop.loans(cup)) == 1


def test_bad_codes_are_refused(loop: Loop) -> None:
    cup = loop.clean_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    for ask in (True, False):
        assert loop.lend(wrong, ask=ask).error is Code.BAD_CHECK_DIGIT
        assert loop.lend("not a code", ask=ask).error is Code.INVALID
    assert loop.lend(make_code()).error is Code.UNKNOWN_CODE


def test_an_action_without_right_is_refused_at_that_place(loop: Loop) -> None:
    cup = loop.clean_cup()
    for ask in (True, False):
        washed = loop.one(Action.WASH, cup, by=loop.town.mina, ask=ask)
        elsewhere = loop.lend(cup, by=loop.town.mina, site=NABI, ask=ask)
        by_machine = loop.lend(cup, by=loop.town.machine, ask=ask)
        for receipt in (washed, elsewhere, by_machine):
            assert (receipt.result, receipt.error) == (Result.REFUSED, Code.NOT_ALLOWED_HERE)
    assert loop.item(cup).uses == 0


@pytest.mark.parametrize("action", [Action.SHIP, Action.WASH, Action.REWASH, Action.HOLD,
                                    Action.RELEASE, Action.RETIRE, Action.LOSE])  # fmt: skip
def test_nothing_else_is_refused(loop: Loop, action: Action) -> None:
    for cup in (loop.new_cups()[0], loop.clean_cup(), loop.lent_cup(to=None)):
        assert loop.one(action, cup, ask=True, site=WASH).result is Result.RECORDED


@pytest.mark.parametrize("action", FACTS_ALWAYS)
def test_return_collect_receive_and_stock_are_facts_always(loop: Loop, action: Action) -> None:
    for cup in (loop.new_cups()[0], loop.clean_cup(), loop.lent_cup(to=None)):
        earlier = loop.now - timedelta(days=1)
        receipt = loop.one(action, cup, ask=True, site=HARU, at=earlier)
        assert receipt.result is Result.RECORDED
        with Session(loop.engine) as session:
            assert session.get_one(Scan, receipt.id).occurred_at == earlier


def test_override_lifts_the_borrowers_refusals_only(loop: Loop) -> None:
    for _ in range(5):
        loop.lent_cup(MINJI)
    clean, dirty = loop.clean_cup(), loop.new_cups()[0]
    assert loop.lend(clean, MINJI).error is Code.TOO_MANY_OPEN
    assert loop.lend(dirty, MINJI, override="asked the manager").error is Code.NOT_CLEAN
    assert loop.lend(clean, MINJI, override="asked the manager").result is Result.RECORDED


def test_a_fact_is_recorded_whatever_the_state(loop: Loop) -> None:
    dirty = loop.new_cups()[0]
    lent = loop.lend(dirty, MINJI, ask=False)
    assert (lent.result, lent.item.state, lent.gaps) == (
        Result.RECORDED, State.LENT, (Gap.UNCLEAN_LEND,),
    )  # fmt: skip
    assert loop.loans(dirty)[0].closed_at is None


def test_an_unclean_lend_is_marked_and_counted_at_its_site(loop: Loop) -> None:
    cup = loop.new_cups()[0]
    receipt = loop.lend(cup, MINJI, ask=False)
    with Session(loop.engine) as session:
        review = session.scalars(sa.select(Review).where(Review.scan_id == receipt.id)).one()
    assert (review.subject, review.site_id) == (Gap.UNCLEAN_LEND, loop.town.sites[HARU])


def test_facts_beyond_the_limit_or_for_nobody_known_are_recorded(loop: Loop) -> None:
    cups = loop.clean_cups(7)
    receipts = [loop.lend(cup, SORA, ask=False) for cup in cups[:6]]
    receipts.append(loop.lend(cups[6], "not a person", ask=False))
    assert {receipt.result for receipt in receipts} == {Result.RECORDED}
    assert receipts[6].gaps == (Gap.BORROWER_UNRESOLVED,)


def test_a_granted_question_is_filed_after_what_it_was_judged_on(loop: Loop) -> None:
    cup = loop.clean_cup()
    last = loop.item(cup).last_at
    receipt = loop.lend(cup, at=last - 3 * MINUTE)
    assert receipt.result is Result.RECORDED
    assert loop.item(cup).last_at == last + timedelta(microseconds=1)
    later = loop.lent_cup()
    assert loop.item(later).last_at > last + timedelta(microseconds=1)


def test_facts_never_move(loop: Loop) -> None:
    cup = loop.lent_cup()
    before = loop.item(cup).last_at - timedelta(microseconds=5)
    loop.give_back(cup, at=before)
    assert loop.item(cup).state is State.LENT
    with Session(loop.engine) as session:
        times = session.scalars(sa.select(Scan.occurred_at).where(Scan.action == Action.RETURN))
        assert times.one() == before


def test_replay_never_refuses_an_accepted_question(loop: Loop) -> None:
    cup = loop.clean_cup()
    lent_at = loop.now
    receipt = loop.lend(cup)
    loop.rewash(cup, ask=False, at=lent_at - timedelta(seconds=1))
    assert loop.item(cup).state is State.LENT
    assert [loan.id for loan in loop.loans(cup)] == [receipt.id]
    assert Gap.UNCLEAN_LEND in loop.gaps(cup)
    loop.check()


def test_scans_of_one_call_are_judged_each_on_the_result_of_the_former(loop: Loop) -> None:
    cup, at = loop.clean_cup(), loop.now
    asks = [
        loop.scan(Action.LEND, cup, ask=True, at=at, borrower=MINJI),
        loop.scan(Action.LEND, cup, ask=True, at=at, borrower=DANA),
        loop.scan(Action.RETURN, cup, at=at + MINUTE),
        loop.scan(Action.LEND, cup, ask=True, at=at, borrower=DANA),
    ]
    loop.now += 2 * MINUTE
    errors = [receipt.error for receipt in loop.go(*asks, by=loop.town.mina)]
    assert errors == [None, Code.ALREADY_LENT, None, Code.NOT_CLEAN]


def test_the_limit_counts_within_one_call_also_on_replayed_pieces(loop: Loop) -> None:
    cups = loop.clean_cups(7)
    late = [loop.scan(Action.STOCK, cup, at=loop.now - timedelta(days=2)) for cup in cups]
    asks = [loop.scan(Action.LEND, cup, ask=True, borrower=MINJI) for cup in cups]
    receipts = loop.go(*late, *asks, by=loop.town.mina)[7:]
    assert [one.error for one in receipts] == [None] * 5 + [Code.TOO_MANY_OPEN] * 2
    loop.check()


def test_of_two_lend_facts_the_same_borrower_keeps_the_first_loan(loop: Loop) -> None:
    cup = loop.clean_cup()
    first = loop.lend(cup, "010-2345-6789", ask=False)
    second = loop.lend(cup, "+82 10 2345 6789", ask=False)
    assert Gap("lent_twice") in second.gaps
    assert [(loan.id, loan.closed_at) for loan in loop.loans(cup)] == [(first.id, None)]
    assert loop.item(cup).uses == 2


def test_of_two_lend_facts_another_borrower_supersedes_for_review(loop: Loop) -> None:
    cup = loop.clean_cup()
    first = loop.lend(cup, MINJI, ask=False)
    second = loop.lend(cup, DANA, ask=False)
    assert second.gaps == (Gap.SUPERSEDED,)
    assert [(loan.id, loan.outcome) for loan in loop.loans(cup)] == [
        (first.id, Outcome.SUPERSEDED), (second.id, None),
    ]  # fmt: skip
    with Session(loop.engine) as session:
        subjects = session.scalars(sa.select(Review.subject).where(Review.scan_id == second.id))
        assert subjects.all() == [Gap.SUPERSEDED]


def test_the_later_in_time_holds_the_loan_whatever_came_in_first(loop: Loop) -> None:
    cup, start = loop.clean_cup(), loop.now
    loop.now += 10 * MINUTE
    later = loop.lend(cup, DANA, ask=False, at=start + 5 * MINUTE)
    earlier = loop.lend(cup, MINJI, ask=False, at=start + MINUTE)
    assert [(loan.id, loan.outcome) for loan in loop.loans(cup)] == [
        (earlier.id, Outcome.SUPERSEDED), (later.id, None),
    ]  # fmt: skip


def test_a_second_open_loan_cannot_be_stored(loop: Loop) -> None:
    cup = loop.lent_cup()
    with Session(loop.engine) as session, pytest.raises(sa.exc.IntegrityError):
        session.execute(
            sa.text(
                "INSERT INTO loan (id, district_id, item_id, site_id, opened_at, due_at, extensions)"
                " SELECT :id, district_id, item_id, site_id, opened_at, due_at, 0 FROM loan"
            ).bindparams(sa.bindparam("id", uuid.uuid4(), sa.Uuid()))
        )
    assert len(loop.loans(cup)) == 1


def test_a_refusal_stands_in_a_table_of_its_own(loop: Loop) -> None:
    cup = loop.lent_cup()
    receipt = loop.lend(cup, DANA)
    with Session(loop.engine) as session:
        assert session.get(Scan, receipt.id) is None
        refusal = session.scalars(sa.select(Refusal)).one()
    assert (refusal.code, refusal.action) == (Code.ALREADY_LENT, "lend")


def test_many_questions_after_a_late_fact_are_judged_in_time(loop: Loop) -> None:
    cup = loop.clean_cup()
    late = loop.scan(Action.STOCK, cup, at=loop.now - timedelta(days=1), site=HARU)
    asks = [
        loop.scan(action, cup, ask=True, site=HARU, reason="crack?")
        for _ in range(1000)
        for action in (Action.HOLD, Action.RELEASE)
    ]
    began = time.perf_counter()
    receipts = loop.go(late, *asks)
    assert time.perf_counter() - began < 4  # a replay for each of them took 15 s
    assert {receipt.result for receipt in receipts} == {Result.RECORDED}
    loop.check()
