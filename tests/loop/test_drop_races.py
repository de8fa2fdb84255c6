"""Claims in races: with write-offs, returns, lends and each other, under the writer’s lock."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction, transaction
from lending.loop.care.drops import Dropped, say_dropped
from lending.loop.care.lapse import write_off_loans
from lending.loop.dropped import ClaimOutcome, DropClaim, SaidBy
from lending.loop.scans import Result
from lending.loop.steps import Outcome, State
from lending.loop.tables import Loan
from tests.drops import claims, confirm, drop, drop_loan, lend_of, withdraw
from tests.loop.test_races import at_once
from tests.personas import DANA, DAY, MINJI, Loop


def overdue(loop: Loop) -> str:
    cup = loop.lent_cup(None)  # nobody to warn: written off by its date
    loop.now += 60 * DAY
    return cup


def write_off(loop: Loop) -> int:
    return run_transaction(
        loop.engine,
        lambda s: write_off_loans(s, district_id=loop.town.id, keys=loop.keys, now=loop.now),
    ).lost


def test_a_claim_made_while_the_write_off_waits_wins(loop: Loop, backend: str) -> None:
    """The worker has chosen the loan already; it looks again once it holds the piece."""
    cup = overdue(loop)
    lend, dropped = lend_of(loop, cup), Dropped(None, loop.now, SaidBy.RESIDENT)
    with ThreadPoolExecutor(1) as pool:
        with transaction(loop.engine) as session:
            say_dropped(session, lend_ids=[lend], dropped=dropped, now=loop.now)
            worker = pool.submit(write_off, loop)
            if backend == "postgresql":
                wait_for_a_lock(loop)
        assert worker.result(30) == 0
    assert loop.item(cup).state is State.LENT
    loop.check()


def wait_for_a_lock(loop: Loop) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(200):
        with loop.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    raise AssertionError("the write-off did not wait")


def test_claim_and_write_off_at_once_leave_one_truth(loop: Loop) -> None:
    for _ in range(4):
        cup = overdue(loop)
        at_once([lambda cup=cup: drop(loop, cup), lambda: write_off(loop)])
        assert claims(loop)[-1].settled_at is None
        assert loop.loans(cup)[0].closed_at is None
        loop.check()


def test_claim_and_return_at_once_end_confirmed_or_with_nothing_said(loop: Loop) -> None:
    for _ in range(4):
        cup = loop.lent_cup(DANA)
        lend = lend_of(loop, cup)
        at_once([lambda c=cup: loop.give_back(c), lambda lend=lend: try_drop(loop, lend)])
        assert loop.loans(cup)[0].outcome is Outcome.RETURNED
        confirm(loop)
        with Session(loop.engine) as session:
            found = session.scalars(sa.select(DropClaim).where(DropClaim.lend_id == lend)).all()
        assert [claim.outcome for claim in found] in ([], [ClaimOutcome.CONFIRMED])
        loop.check()


def try_drop(loop: Loop, lend: uuid.UUID) -> bool:
    try:
        drop_loan(loop, lend)
    except IndexError:  # nothing was open any more
        return False
    return True


def test_eight_claims_at_once_are_one_and_three_loans_at_once_stop_two_clocks(loop: Loop) -> None:
    cup = loop.lent_cup(DANA)
    assert sum(one.new for one in at_once([lambda: drop(loop, cup)] * 8)) == 1
    cups = [loop.lent_cup(MINJI) for _ in range(4)]
    taken = at_once([lambda c=c: drop(loop, c) for c in cups])
    assert sorted(one.stops_clock for one in taken) == [False, False, True, True]


def test_a_cup_taken_back_while_another_is_lent_keeps_the_limit(loop: Loop) -> None:
    cups = loop.clean_cups(6)
    for cup in cups[:5]:
        loop.lend(cup, MINJI)
    drop(loop, cups[0])
    results = at_once([lambda: withdraw(loop, cups[0]), lambda: loop.lend(cups[5], MINJI)])
    with Session(loop.engine) as session:
        out = session.scalar(
            sa.select(sa.func.count()).select_from(Loan).where(Loan.closed_at.is_(None))
        )
    # Withdrawn first, the sixth is refused; lent first, it was one of five then.
    assert out == (6 if results[1].result is Result.RECORDED else 5)
    loop.check()
