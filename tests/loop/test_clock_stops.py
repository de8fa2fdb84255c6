"""A stopped clock: nothing is late, sent or lost meanwhile; then it goes on, with fresh days."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code
from lending.loop.care.lapse import write_off_loans
from lending.loop.loans.clock_stops import end_stops, stop_clocks, sweep_stops
from lending.loop.loans.standing_still import StopWhy
from lending.loop.steps import Action, State
from lending.loop.tables import ClockStop, Scan
from lending.loop.verify import verify
from lending.notices.tables import Notice, NoticeKind
from lending.reminders.plan import plan_notices
from tests.personas import DAY, HARU, MINJI, MINUTE, Loop

SEOUL = ZoneInfo("Asia/Seoul")
HOUR = timedelta(hours=1)


def stop(
    loop: Loop, ref: uuid.UUID, *lends: uuid.UUID, why: StopWhy = StopWhy.PICKED_UP, **more: Any
) -> int:
    do = partial(stop_clocks, lend_ids=lends, ref=ref, why=why, now=loop.now, **more)
    count: int = loop.write(do)
    return count


def end(
    loop: Loop,
    ref: uuid.UUID,
    *,
    fresh: bool = False,
    why: StopWhy | None = None,
    lends: Collection[uuid.UUID] | None = None,
) -> list[uuid.UUID]:
    do = partial(
        end_stops, ref=ref, why=why, lend_ids=lends, fresh=fresh, keys=loop.keys, now=loop.now
    )
    ended: list[uuid.UUID] = loop.write(do)
    return ended


def sweep(loop: Loop) -> int:
    do = partial(sweep_stops, district_id=loop.town.id, keys=loop.keys, now=loop.now)
    count: int = loop.write(do)
    return count


def lent(loop: Loop, to: str | None = MINJI) -> tuple[str, uuid.UUID]:
    cup = loop.clean_cup()
    return cup, loop.lend(cup, to).id


def planned(loop: Loop) -> int:
    do = partial(plan_notices, district_id=loop.town.id, now=loop.now)
    count: int = loop.write(lambda session: do(session).planned)
    return count


def written_off(loop: Loop) -> int:
    do = partial(write_off_loans, district_id=loop.town.id, keys=loop.keys, now=loop.now)
    count: int = loop.write(lambda session: do(session).lost)
    return count


def end_of_day(moment: datetime, days: int) -> datetime:
    local = moment.astimezone(SEOUL) + timedelta(days=days)
    return local.replace(hour=23, minute=59, second=59, microsecond=0)


def stops(loop: Loop) -> list[ClockStop]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(ClockStop).order_by(ClockStop.from_at)))


def notices(loop: Loop) -> list[NoticeKind]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(Notice.kind)))


def test_nothing_is_sent_about_a_loan_whose_clock_stands(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.now += 8 * DAY
    assert stop(loop, uuid.uuid4(), lend) == 1
    assert planned(loop) == 0
    loop.now += 60 * DAY
    assert written_off(loop) == 0
    assert loop.item(cup).state is State.LENT
    assert loop.lend(loop.clean_cup(), MINJI).error is None  # nor is the borrower paused


def test_a_late_borrower_is_paused_again_once_the_clock_goes_on(loop: Loop) -> None:
    _, lend = lent(loop)
    ref = uuid.uuid4()
    loop.now += 8 * DAY
    planned(loop)
    with loop.engine.begin() as connection:
        connection.execute(sa.update(Notice).values(sent_at=loop.now))
    loop.now += 10 * DAY
    stop(loop, ref, lend)
    assert loop.lend(loop.clean_cup(), MINJI).error is None
    end(loop, ref)
    assert loop.lend(loop.clean_cup(), MINJI).error is Code.BORROWER_PAUSED


def test_a_stopped_loan_is_not_among_the_cups_out(loop: Loop) -> None:
    lends = [lent(loop)[1] for _ in range(5)]
    assert loop.lend(loop.clean_cup(), MINJI).error is Code.TOO_MANY_OPEN
    stop(loop, uuid.uuid4(), lends[0])
    assert loop.lend(loop.clean_cup(), MINJI).error is None


def test_the_same_stop_again_is_the_same_and_does_not_begin_anew(loop: Loop) -> None:
    _, lend = lent(loop)
    ref = uuid.uuid4()
    assert [stop(loop, ref, lend) for _ in range(2)] == [1, 0]
    assert stop(loop, ref, lend, why=StopWhy.PICKUP_LATE) == 1
    assert end(loop, ref) == [lend]
    assert (end(loop, ref), stop(loop, ref, lend)) == ([], 0)
    assert all(one.ended_at is not None for one in stops(loop))


def test_what_was_not_in_the_bag_gets_three_fresh_days_and_one_message(loop: Loop) -> None:
    cup, lend = lent(loop)
    ref = uuid.uuid4()
    loop.now += 20 * DAY
    stop(loop, ref, lend)
    loop.now += DAY
    at = loop.now
    assert end(loop, ref, fresh=True) == [lend]
    assert loop.due(lend) == end_of_day(at, 3)
    assert notices(loop) == [NoticeKind.NOT_IN_BAG]
    assert end(loop, ref, fresh=True) == []
    assert notices(loop) == [NoticeKind.NOT_IN_BAG]
    assert loop.loans(cup)[0].resumed_at == at
    assert list(verify(loop.engine)) == []


def test_nobodys_loan_gets_fresh_days_and_no_message(loop: Loop) -> None:
    _, lend = lent(loop, None)
    ref = uuid.uuid4()
    loop.now += 20 * DAY
    stop(loop, ref, lend)
    end(loop, ref, fresh=True)
    assert loop.due(lend) == end_of_day(loop.now, 3)
    assert notices(loop) == []


def test_what_came_back_meanwhile_gets_nothing(loop: Loop) -> None:
    (cup, first), (_, second) = lent(loop), lent(loop)
    ref = uuid.uuid4()
    loop.now += 20 * DAY
    stop(loop, ref, first, second)
    loop.give_back(cup)
    assert end(loop, ref, fresh=True, lends=[first]) == []
    assert end(loop, ref, fresh=True) == [second]
    with Session(loop.engine) as session:
        resumed = session.scalars(sa.select(Scan.of).where(Scan.action == Action.RESUME)).all()
    assert resumed == [second]


def test_of_a_lend_taken_back_meanwhile_nobody_is_told(loop: Loop) -> None:
    (cup, first), (_, second) = lent(loop), lent(loop)
    ref = uuid.uuid4()
    stop(loop, ref, first, second)
    loop.void(cup, first, by=loop.town.mina)
    assert end(loop, ref, fresh=True) == [second]
    with Session(loop.engine) as session:
        assert session.scalars(sa.select(Notice.lend_id)).all() == [second]
    assert all(one.ended_at is not None for one in stops(loop))


def test_a_closed_loan_has_no_clock_to_stop(loop: Loop) -> None:
    cup, lend = lent(loop)
    loop.give_back(cup)
    assert stop(loop, uuid.uuid4(), lend) == 0
    assert stop(loop, uuid.uuid4()) == 0


@pytest.mark.parametrize("late", [False, True])
def test_a_stop_ends_with_its_time(loop: Loop, late: bool) -> None:
    """After a machine's refusal: whoever would be late by it has fresh days, others go on."""
    _, lend = lent(loop)
    loop.now += (7 if late else 1) * DAY
    due = loop.due(lend)
    stop(loop, uuid.uuid4(), lend, why=StopWhy.REFUSED, until=loop.now + 24 * HOUR)
    loop.now += 23 * HOUR
    assert sweep(loop) == 0
    loop.now += 2 * HOUR
    assert sweep(loop) == 1
    assert loop.due(lend) == (end_of_day(loop.now, 3) if late else due)
    assert (sweep(loop), notices(loop)) == (0, [])
    assert list(verify(loop.engine)) == []


def test_a_loan_that_closes_ends_its_stops(loop: Loop) -> None:
    cup, lend = lent(loop)
    stop(loop, uuid.uuid4(), lend)
    assert sweep(loop) == 0
    loop.give_back(cup)
    assert (sweep(loop), sweep(loop)) == (1, 0)
    assert stops(loop)[0].ended_at == loop.now


def test_a_voided_lend_ends_its_stops(loop: Loop) -> None:
    cup, lend = lent(loop)
    stop(loop, uuid.uuid4(), lend)
    loop.void(cup, lend, by=loop.town.mina)
    assert sweep(loop) == 1


def test_one_of_two_stops_does_not_set_the_clock_going(loop: Loop) -> None:
    _, lend = lent(loop)
    loop.now += 8 * DAY
    first, second = uuid.uuid4(), uuid.uuid4()
    due = loop.due(lend)
    stop(loop, first, lend, why=StopWhy.REFUSED, until=loop.now + HOUR)
    stop(loop, second, lend)
    loop.now += 2 * HOUR
    assert sweep(loop) == 1
    assert (loop.due(lend), planned(loop)) == (due, 0)
    end(loop, second, fresh=True)
    assert loop.due(lend) == end_of_day(loop.now, 3)


def test_fresh_days_are_given_once_for_one_stop(loop: Loop) -> None:
    """Two workers, or one that was cut off: the scan's id follows from the stop."""
    cup, lend = lent(loop)
    ref = uuid.uuid4()
    loop.now += 20 * DAY
    stop(loop, ref, lend)
    end(loop, ref, fresh=True)
    due = loop.due(lend)
    with loop.engine.begin() as connection:
        connection.execute(sa.update(ClockStop).values(ended_at=None))
    loop.now += MINUTE
    assert end(loop, ref, fresh=True) == [lend]
    assert (loop.due(lend), len(loop.loans(cup))) == (due, 1)
    assert HARU in loop.town.sites and list(verify(loop.engine)) == []
