"""When a scan happened: devices' clocks, fixed times, and the order of a piece's story."""

import uuid
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lending.loop.clock import happened_at
from lending.loop.replay import replay
from lending.loop.steps import Action, Gap, State
from lending.loop.tables import Scan
from lending.loop.values import Event
from tests.personas import DAY, HARU, MINUTE, MONDAY, Loop

SECOND = timedelta(seconds=1)
NOW = MONDAY


def occurred(loop: Loop, scan_id: uuid.UUID) -> datetime:
    with Session(loop.engine) as session:
        return session.get_one(Scan, scan_id).occurred_at


def test_a_measured_clock_error_is_taken_off() -> None:
    at = NOW - 3600 * SECOND
    told = happened_at(at, sent_at=NOW - 50 * SECOND, recorded_at=NOW, clock_error=90.5)
    assert told == (at - timedelta(seconds=90.5), False)
    told = happened_at(at, sent_at=NOW, recorded_at=NOW, clock_error=-10)
    assert told == (at + 10 * SECOND, False)


@pytest.mark.parametrize("skew", [-30, -29, 0, 12, 30])
def test_a_small_difference_of_the_call_says_nothing(skew: int) -> None:
    at = NOW - 3600 * SECOND
    sent = NOW - skew * SECOND
    assert happened_at(at, sent_at=sent, recorded_at=NOW, clock_error=None) == (at, False)


@pytest.mark.parametrize("skew", [-5000, -31, 31, 86_400])
def test_past_thirty_seconds_either_way_the_call_corrects_its_scans(skew: int) -> None:
    at = NOW - 90_000 * SECOND - skew * SECOND
    sent = NOW - skew * SECOND
    told = happened_at(at, sent_at=sent, recorded_at=NOW, clock_error=None)
    assert told == (at + skew * SECOND, False)


def test_later_than_now_becomes_now(loop: Loop) -> None:
    assert happened_at(NOW + SECOND, sent_at=NOW, recorded_at=NOW, clock_error=0)[0] == NOW
    cup = loop.lent_cup()
    recorded_at = loop.now
    back = loop.give_back(cup, at=loop.now + 10 * SECOND)
    assert occurred(loop, back.id) == recorded_at


def test_older_than_400_days_is_suspect() -> None:
    old, older = NOW - 400 * DAY, NOW - 400 * DAY - SECOND
    assert happened_at(old, sent_at=NOW, recorded_at=NOW, clock_error=None) == (old, False)
    assert happened_at(older, sent_at=NOW, recorded_at=NOW, clock_error=None) == (older, True)
    assert happened_at(older, sent_at=NOW, recorded_at=NOW, clock_error=0.0) == (older, True)


def test_a_clock_set_anew_since_is_suspect_and_the_guess_stays() -> None:
    at = NOW - 3600 * SECOND
    for sent, guess in ((NOW, at), (NOW + DAY, at - DAY)):
        told = happened_at(at, sent_at=sent, recorded_at=NOW, clock_error=None, clock_lost=True)
        assert told == (guess, True)


def test_a_scan_made_after_it_was_sent_had_no_usable_clock(loop: Loop) -> None:
    cup = loop.lent_cup()
    back = loop.give_back(cup, at=loop.now + DAY, sent_at=loop.now)
    assert Gap.CLOCK_SUSPECT in back.gaps
    assert Gap.CLOCK_SUSPECT in loop.gaps(cup)


def test_a_suspect_clock_is_a_gap_of_the_scan(loop: Loop) -> None:
    cup = loop.clean_cup()
    old = loop.give_back(cup, at=loop.now - 401 * DAY)
    assert old.gaps[0] is Gap.CLOCK_SUSPECT
    loop.check()


def test_the_time_is_fixed_at_the_first_recording(loop: Loop) -> None:
    cup = loop.lent_cup()
    scan = loop.scan(Action.RETURN, cup, at=loop.now - 60 * MINUTE)
    loop.go(scan, by=loop.town.mina, sent_at=loop.now - 10 * MINUTE)
    first = occurred(loop, scan.id)
    assert first == scan.at + 10 * MINUTE
    loop.go(scan, by=loop.town.mina, sent_at=loop.now)
    assert occurred(loop, scan.id) == first


def test_times_are_kept_in_microseconds(loop: Loop) -> None:
    cup = loop.lent_cup()
    at = loop.now.replace(microsecond=0) - timedelta(microseconds=7)
    assert occurred(loop, loop.give_back(cup, at=at).id) == at


@given(
    at=st.datetimes(timezones=st.just(MONDAY.tzinfo)),
    sent_at=st.datetimes(timezones=st.just(MONDAY.tzinfo)),
    error=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_clock_breaks_the_rule(at: datetime, sent_at: datetime, error: float | None) -> None:
    moment, _ = happened_at(at, sent_at=sent_at, recorded_at=NOW, clock_error=error)
    assert moment <= NOW


def event(action: Action, at: datetime, *, seq: int = 0, position: int = 0, id: int = 1) -> Event:
    return Event(uuid.UUID(int=id), action, at, site=1, seq=seq, position=position)


def test_a_story_begins_with_its_register_whatever_its_time() -> None:
    events = [
        event(Action.LEND, NOW - DAY, id=1),
        event(Action.REGISTER, NOW, id=2),
    ]
    assert replay(events).piece.state is State.LENT


def test_a_story_goes_by_time_then_number_then_position_then_id() -> None:
    ahead = {"at": NOW, "seq": 1, "position": 1, "id": 1}
    for name, value in (("at", NOW + SECOND), ("seq", 2), ("position", 2), ("id", 2)):
        late = {"at": NOW - SECOND, "seq": 0, "position": 0, "id": 0}
        # What stands before `name` is equal, what stands after it points the other way.
        order = list(ahead)
        after = order[order.index(name) + 1 :]
        last = ahead | {name: value} | {key: late[key] for key in after}
        lend, back = event(Action.LEND, **ahead), event(Action.RETURN, **last)
        register = event(Action.REGISTER, NOW, id=9)
        assert replay([back, register, lend]).piece.state is State.RETURNED, name


def test_a_devices_numbers_order_scans_of_one_moment(loop: Loop) -> None:
    cup, at = loop.clean_cup(), loop.now
    loop.now += MINUTE
    back = loop.scan(Action.RETURN, cup, at=at, seq=2, site=HARU)
    lend = loop.scan(Action.LEND, cup, at=at, seq=1, site=HARU)
    loop.go(back)
    loop.go(lend)
    assert loop.item(cup).state is State.RETURNED
    loop.check()


def test_the_list_orders_scans_of_one_moment_without_numbers(loop: Loop) -> None:
    cup, at = loop.clean_cup(), loop.now
    lend = loop.scan(Action.LEND, cup, at=at, site=HARU, id=uuid.UUID(int=2**127))
    back = loop.scan(Action.RETURN, cup, at=at, site=HARU, id=uuid.UUID(int=3))
    loop.go(lend, back)
    assert loop.item(cup).state is State.RETURNED
    loop.check()


def test_a_late_fact_is_told_in_its_place(loop: Loop) -> None:
    cup, start = loop.clean_cup(), loop.now
    loop.now += DAY
    loop.receive(cup)
    loop.lend(cup, ask=False, at=start)
    loop.give_back(cup, at=start + 60 * MINUTE)
    assert loop.item(cup).state is State.DIRTY
    assert (loop.item(cup).uses, loop.item(cup).last_at) == (1, start + DAY)
    assert Gap.MISSED_LEND not in loop.gaps(cup)
    loop.check()
