"""What “I dropped it there” does: the clock stops at once, under the writer’s lock; only twice unproven."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction, transaction
from lending.errors import Code, LendingError
from lending.loop.care.drop_sweep import settle_seen_claims
from lending.loop.care.drop_views import claims_of_loans
from lending.loop.care.drops import Dropped, moment_of_day, say_dropped
from lending.loop.care.lapse import write_off_loans
from lending.loop.dropped import ClaimOutcome, DropClaim, SaidBy
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.loop.tables import Loan
from lending.notices.tables import Notice, NoticeKind, NoticeState
from tests.drops import claims, drop, drop_loan, lend_of, withdraw
from tests.loop.test_races import at_once
from tests.personas import DANA, DAY, HARU, MINJI, NABI, WASH, Loop


def warn(loop: Loop, cup: str, at: datetime) -> None:
    """A reminder about the cup went out then."""
    with transaction(loop.engine) as session:
        session.add(
            Notice(
                id=uuid.uuid4(), district_id=loop.town.id, lend_id=lend_of(loop, cup), sent_at=at,
                kind=NoticeKind.LATE_FIRST, state=NoticeState.SENT, created_at=at,
            )
        )  # fmt: skip


def confirm(loop: Loop) -> int:
    done: int = loop.write(lambda s: settle_seen_claims(s, district_id=loop.town.id, now=loop.now))
    return done


def test_a_claim_leaves_the_open_count(loop: Loop) -> None:
    cups = loop.clean_cups(7)
    for cup in cups[:5]:
        loop.lend(cup, MINJI)
    assert loop.lend(cups[5], MINJI).error is Code.TOO_MANY_OPEN
    assert drop(loop, cups[0]).stops_clock
    assert loop.lend(cups[5], MINJI).result is Result.RECORDED
    assert loop.lend(cups[6], MINJI).error is Code.TOO_MANY_OPEN
    loop.check()


def test_a_claim_lifts_the_pause_and_taking_it_back_brings_it_again(loop: Loop) -> None:
    late, fresh, another = loop.clean_cups(3)
    loop.lend(late, MINJI)
    loop.now += 20 * DAY
    warn(loop, late, loop.now - 5 * DAY)
    assert loop.lend(fresh, MINJI).error is Code.BORROWER_PAUSED
    due = loop.due(lend_of(loop, late))
    drop(loop, late)
    assert loop.lend(fresh, MINJI).result is Result.RECORDED
    assert withdraw(loop, late)
    assert loop.due(lend_of(loop, late)) == due  # no fresh days
    assert loop.lend(another, MINJI).error is Code.BORROWER_PAUSED
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.WITHDRAWN]
    assert not withdraw(loop, late)


def test_saying_it_again_changes_nothing(loop: Loop) -> None:
    cup = loop.lent_cup()
    first = drop(loop, cup)
    again = drop(loop, cup, NABI)
    assert (first.new, again.new, again.stops_clock) == (True, False, True)
    (claim,) = claims(loop)
    assert claim.site_id == loop.town.sites[HARU]


def test_only_an_open_loan_can_be_claimed(loop: Loop) -> None:
    cup = loop.lent_cup()
    lend = lend_of(loop, cup)
    loop.give_back(cup)
    dropped = Dropped(None, loop.now, SaidBy.RESIDENT)
    for which in (lend, uuid.uuid4()):
        assert loop.write(
            lambda s, which=which: say_dropped(s, lend_ids=[which], dropped=dropped, now=loop.now)
        ) == []  # fmt: skip
    assert claims(loop) == []


def test_a_moment_before_the_lend_or_to_come_is_refused(loop: Loop) -> None:
    cup = loop.lent_cup()
    for at in (loop.loans(cup)[0].opened_at - timedelta(seconds=1), loop.now + DAY):
        with pytest.raises(LendingError) as refused:
            drop(loop, cup, at=at)
        assert (refused.value.code, refused.value.field) == (Code.INVALID, "day")
    assert claims(loop) == []


def test_a_day_becomes_a_moment(loop: Loop) -> None:
    zone = ZoneInfo("Asia/Seoul")
    opened = datetime(2024, 10, 14, 5, tzinfo=UTC)  # 14:00 in Seoul
    now = datetime(2024, 10, 16, 1, tzinfo=UTC)
    at = {
        day: moment_of_day(opened.date().replace(day=day), zone=zone, opened_at=opened, now=now)
        for day in (14, 15, 16)
    }
    assert at[14] == opened  # its noon was before the lend
    assert at[15] == datetime(2024, 10, 15, 3, tzinfo=UTC)
    assert at[16] == now
    for day in (13, 17):
        with pytest.raises(LendingError):
            moment_of_day(opened.date().replace(day=day), zone=zone, opened_at=opened, now=now)


@pytest.mark.parametrize(
    ("action", "site", "outcome"),
    [
        (Action.RETURN, HARU, Outcome.RETURNED),
        (Action.COLLECT, HARU, Outcome.IMPLIED),
        (Action.RECEIVE, WASH, Outcome.IMPLIED),
        (Action.WASH, WASH, Outcome.IMPLIED),
        (Action.STOCK, NABI, Outcome.IMPLIED),
    ],
)
def test_any_sighting_confirms(loop: Loop, action: Action, site: str, outcome: Outcome) -> None:
    cup = loop.lent_cup()
    drop(loop, cup)
    assert confirm(loop) == 0
    loop.one(action, cup, ask=False, site=loop.site(site))
    assert confirm(loop) == 1
    assert confirm(loop) == 0
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.CONFIRMED]
    assert loop.loans(cup)[0].outcome is outcome
    loop.check()


def test_a_lend_to_somebody_else_is_no_proof(loop: Loop) -> None:
    cup = loop.lent_cup(MINJI)
    drop(loop, cup)
    loop.lend(cup, DANA, ask=False)
    assert loop.loans(cup)[0].outcome is Outcome.SUPERSEDED
    assert confirm(loop) == 0
    assert claims(loop)[0].settled_at is None
    loop.check()


def test_a_voided_lend_takes_its_claim_along(loop: Loop) -> None:
    cup = loop.lent_cup()
    drop(loop, cup)
    loop.void(cup, lend_of(loop, cup), by=loop.town.officer, site=loop.site(HARU))
    assert confirm(loop) == 1
    assert [claim.outcome for claim in claims(loop)] == [ClaimOutcome.WITHDRAWN]


def test_the_third_unproven_word_stops_no_clock(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(4)]
    assert [drop(loop, cup).stops_clock for cup in cups[:3]] == [True, True, False]
    loop.give_back(cups[0])
    confirm(loop)
    assert drop(loop, cups[3]).stops_clock is False  # two words are still without a proof
    assert claims_by_cup(loop, cups) == [True, True, False, False]
    other = loop.lent_cup(DANA)
    assert drop(loop, other).stops_clock


def test_proven_words_and_old_ones_are_not_held_against_anybody(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(2)]
    for cup in cups:
        drop(loop, cup)
        loop.give_back(cup)
    confirm(loop)
    for _ in range(2):
        assert drop(loop, loop.lent_cup(MINJI)).stops_clock
    loop.now += 91 * DAY
    assert drop(loop, loop.lent_cup(MINJI)).stops_clock


def test_several_cups_at_once_count_one_by_one(loop: Loop) -> None:
    cups = [loop.lent_cup(MINJI) for _ in range(3)]
    lends = [lend_of(loop, cup) for cup in cups]
    dropped = Dropped(loop.town.sites[HARU], loop.now, SaidBy.LINK)
    taken = loop.write(lambda s: say_dropped(s, lend_ids=lends, dropped=dropped, now=loop.now))
    assert [one.stops_clock for one in taken] == [True, True, False]


def test_an_anonymous_loan_can_be_claimed_by_staff(loop: Loop) -> None:
    for _ in range(3):
        assert drop(loop, loop.lent_cup(None)).stops_clock


def claims_by_cup(loop: Loop, cups: list[str]) -> list[bool]:
    lends = [lend_of(loop, cup) for cup in cups]
    with Session(loop.engine) as session:
        found = claims_of_loans(session, lends)
    return [found[lend].stops_clock for lend in lends]


# -- races -----------------------------------------------------------------------------------------


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
