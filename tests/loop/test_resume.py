"""The clock of a loan set going again, and a claimed loan given up: in the log, so that replay holds."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lending.errors import Code
from lending.loop.scans import Receipt, Result
from lending.loop.steps import SIGHTINGS, Action, Outcome, State
from lending.loop.system import system_actor
from tests.personas import DANA, DAY, HARU, MINJI, MINUTE, NABI, Loop

SEOUL = ZoneInfo("Asia/Seoul")


def lent(loop: Loop) -> tuple[str, uuid.UUID]:
    cup = loop.clean_cup()
    return cup, loop.lend(cup, MINJI).id


def resume(loop: Loop, cup: str, lend: uuid.UUID | None, **more: object) -> Receipt:
    return loop.one(Action.RESUME, cup, ask=False, site=loop.site(HARU), of=lend, **more)


def give_up(loop: Loop, cup: str, lend: uuid.UUID | None, **more: object) -> Receipt:
    by = system_actor(loop.town.id)
    return loop.one(Action.GIVE_UP, cup, ask=False, site=loop.site(HARU), of=lend, by=by, **more)


def end_of_day(moment: datetime, days: int) -> datetime:
    local = moment.astimezone(SEOUL) + timedelta(days=days)
    return local.replace(hour=23, minute=59, second=59, microsecond=0)


def test_a_resumed_clock_gives_three_fresh_days(loop: Loop) -> None:
    cup, lend = lent(loop)
    due = loop.due(lend)
    resume(loop, cup, lend)
    assert loop.due(lend) == due  # later than the three days
    loop.now += 10 * DAY
    at = loop.now
    receipt = resume(loop, cup, lend)
    assert (receipt.result, receipt.item.state) == (Result.RECORDED, State.LENT)
    assert loop.due(lend) == end_of_day(at, 3)
    assert loop.loans(cup)[0].resumed_at == at
    loop.check()


def test_the_latest_resumption_counts_whatever_the_order_of_arrival(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.now += 20 * DAY
    resume(loop, cup, lend)
    resume(loop, cup, lend, at=loop.now - 5 * DAY)
    assert loop.due(lend) == end_of_day(loop.now - MINUTE * 2, 3)
    loop.check()


def test_a_voided_resumption_counts_no_more(loop: Loop) -> None:
    cup, lend = lent(loop)
    due = loop.due(lend)
    loop.now += 10 * DAY
    scan = resume(loop, cup, lend)
    loop.void(cup, scan.id, by=loop.town.officer, site=loop.site(HARU))
    assert (loop.due(lend), loop.loans(cup)[0].resumed_at) == (due, None)
    loop.check()


def test_resuming_another_loan_or_none_changes_nothing(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.give_back(cup)
    loop.now += 20 * DAY
    assert resume(loop, cup, lend).result is Result.RECORDED
    assert loop.loans(cup)[0].resumed_at is None
    loop.lend(cup, DANA, ask=False)
    resume(loop, cup, lend)
    assert [loan.resumed_at for loan in loop.loans(cup)] == [None, None]
    loop.check()


def test_only_officers_resume_and_only_the_worker_gives_up(loop: Loop) -> None:
    cup, lend = lent(loop)
    for actor in (loop.town.mina, loop.town.jun, loop.town.courier, loop.town.machine):
        receipt = loop.one(Action.RESUME, cup, ask=False, of=lend, by=actor, site=None)
        assert (receipt.result, receipt.error) in [
            (Result.REFUSED, Code.NOT_ALLOWED_HERE), (Result.REFUSED, Code.INVALID),
        ]  # fmt: skip
    refused = loop.one(Action.GIVE_UP, cup, ask=False, of=lend, site=loop.site(HARU))
    assert refused.error is Code.NOT_ALLOWED_HERE
    assert loop.loans(cup)[0].outcome is None


def test_giving_up_closes_the_loan_without_a_return(loop: Loop) -> None:
    cup, lend = lent(loop)
    at = loop.now
    receipt = give_up(loop, cup, lend)
    assert (receipt.result, receipt.item.state, receipt.gaps) == (Result.RECORDED, State.LOST, ())
    (loan,) = loop.loans(cup)
    assert (loan.closed_at, loan.outcome, loan.lost_at) == (at, Outcome.CLAIMED, None)
    loop.check()
    back = loop.give_back(cup)
    assert (back.item.state, loop.loans(cup)[0].outcome) == (State.RETURNED, Outcome.CLAIMED)
    loop.check()


def test_giving_up_names_its_lend(loop: Loop) -> None:
    cup, lend = lent(loop)
    give_up(loop, cup, None)
    give_up(loop, cup, uuid.uuid4())
    assert (loop.item(cup).state, loop.loans(cup)[0].outcome) == (State.LENT, None)
    loop.give_back(cup)
    give_up(loop, cup, lend)
    assert (loop.item(cup).state, loop.loans(cup)[0].outcome) == (State.RETURNED, Outcome.RETURNED)
    loop.check()


@pytest.mark.parametrize("action", sorted(SIGHTINGS - {Action.LEND}))
def test_a_sighting_that_arrives_late_wins_over_giving_up(loop: Loop, action: Action) -> None:
    cup, lend = lent(loop)
    seen_at = loop.now
    loop.now += 30 * DAY
    give_up(loop, cup, lend)
    loop.see(action, cup, site=loop.site(NABI), at=seen_at)
    (loan,) = loop.loans(cup)
    assert loan.outcome is (Outcome.RETURNED if action is Action.RETURN else Outcome.IMPLIED)
    assert loop.item(cup).state is not State.LOST
    loop.check()


def test_a_voided_giving_up_leaves_the_loan_open(loop: Loop) -> None:
    cup, lend = lent(loop)
    scan = give_up(loop, cup, lend)
    loop.void(cup, scan.id, by=loop.town.officer, site=loop.site(HARU))
    assert (loop.item(cup).state, loop.loans(cup)[0].closed_at) == (State.LENT, None)
    loop.check()
