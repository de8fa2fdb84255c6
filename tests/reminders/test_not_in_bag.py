"""What a courier's bag lacked: no reminder while the bag is under way, then one message and three days."""

import uuid
from collections.abc import Sequence
from functools import partial

from lending.loop.loans.clock_stops import end_stops, stop_clocks
from lending.loop.loans.standing_still import StopWhy
from lending.loop.verify import verify
from lending.reminders.rounds import let_time_pass
from tests.mail import Mail
from tests.personas import DAY, MINJI, Loop


def take(loop: Loop, lends: Sequence[uuid.UUID], **more: object) -> uuid.UUID:
    """A courier takes them along in a bag; the request's id."""
    ref = uuid.uuid4()
    stop = partial(stop_clocks, lend_ids=lends, ref=ref, why=StopWhy.PICKED_UP, now=loop.now)
    loop.write(partial(stop, **more))
    return ref


def open_bag(loop: Loop, ref: uuid.UUID) -> None:
    """At the centre, without them."""
    loop.write(partial(end_stops, ref=ref, fresh=True, keys=loop.keys, now=loop.now))


def test_what_was_not_in_the_bag_is_told_once_with_its_new_day(mail: Mail, loop: Loop) -> None:
    lends = [loop.lend(cup, MINJI).id for cup in loop.clean_cups(2)]
    mail.at(7, hour=3)
    mail.sweep()
    ref = take(loop, lends)
    assert mail.go(7, hour=9) == []
    for day in (10, 14, 30):
        assert mail.go(day) == []
    mail.at(31)
    open_bag(loop, ref)
    (text,) = mail.go(31, hour=11)
    assert "수거한 가방에 컵 2개가 없었어요. 가지고 계시면 4월 5일까지 돌려주세요." in text
    open_bag(loop, ref)
    assert mail.go(31, hour=12) == []
    (later,) = mail.go(38)
    assert "가방" not in later  # the usual reminder of three days late
    assert list(verify(loop.engine)) == []


def test_what_came_back_before_it_was_told_is_not_told(mail: Mail, loop: Loop) -> None:
    cup = loop.clean_cup()
    lend = loop.lend(cup, MINJI).id
    mail.at(20)
    ref = take(loop, [lend])
    mail.at(21, hour=3)
    open_bag(loop, ref)
    loop.give_back(cup)
    assert mail.go(21, hour=9) == []


def test_the_workers_round_lets_the_clock_go_on(mail: Mail, loop: Loop) -> None:
    lend = loop.lend(loop.clean_cup(), MINJI).id
    mail.at(7)
    take(loop, [lend], until=loop.now + DAY)
    pass_time = partial(let_time_pass, loop.engine, keys=loop.keys, clock=lambda: loop.now)
    assert "clocks" not in pass_time()
    mail.at(9)
    assert pass_time()["clocks"] == 1
    assert loop.due(lend).date().day == 14  # the 11th of March and three days
    assert list(verify(loop.engine)) == []


def test_refused_by_a_machine_before_it_was_told_it_is_told_a_day_later(
    mail: Mail, loop: Loop
) -> None:
    """Put into a message in the quiet hours; by the morning a machine has stopped the clock."""
    lend = loop.lend(loop.clean_cup(), MINJI).id
    mail.at(20)
    ref = take(loop, [lend])
    mail.at(21, hour=3)
    open_bag(loop, ref)
    mail.sweep()
    mail.at(21, hour=4)
    until = loop.now + DAY
    stop = partial(stop_clocks, lend_ids=[lend], ref=uuid.uuid4(), why=StopWhy.REFUSED)
    loop.write(partial(stop, now=loop.now, until=until))
    assert mail.go(21, hour=9) == []
    assert mail.go(21, hour=20) == []
    mail.at(22, hour=9)
    mail.upkeep()
    (text,) = mail.go(22, hour=10)
    assert "가방" in text
    assert mail.go(22, hour=12) == []
    assert list(verify(loop.engine)) == []
