"""Word of a crate that comes after the count, or after all seemed to be over."""

from functools import partial

from lending.events.counting.late import follow_late_pieces
from lending.events.planning import cancel_event
from lending.events.values import (
    Stage,
)
from tests.events.halls import Halls
from tests.events.stated import Counted
from tests.events.test_counting import lines
from tests.events.test_handing import refused
from tests.personas import DAY, MINUTE


def test_statements_that_say_so_already_keep_none_waiting(counted: Counted) -> None:
    halls, _, packed, statement = counted
    halls.confirm(statement)
    halls.loop.receive(packed.codes[1])
    assert halls.sweep()["found"] == 1
    other = halls.plan()
    second = halls.out(other, cups=1, bowl=5)
    halls.back(second)
    halls.confirm(halls.count(other, lines={"bowl": (5, 0)}))
    halls.loop.receive(second.codes[0])
    district = halls.loop.town.id
    follow = partial(follow_late_pieces, district_id=district, now=halls.now, at_once=1)
    assert [halls.write(follow) for _ in range(2)] == [1, 0]
    assert lines(halls.latest(other))["cup-355"] == (1, 1, 0, 0, 0, 0)
    halls.check()


def test_a_top_up_told_after_the_count_waits_for_another_count(halls: Halls) -> None:
    event = halls.plan()
    packed, spare = halls.out(event, bowl=5), halls.crate(bowl=7)
    halls.loop.now += MINUTE
    night = halls.now
    halls.loop.now += 30 * MINUTE
    halls.back(packed)
    halls.count(event, lines={"bowl": (5, 0)})
    halls.hand(event, spare, ask=False, at=night)  # the tablet was offline
    assert halls.stage(event) is Stage.OUT
    halls.check()
    halls.back(spare)
    again = halls.count(event, lines={"bowl": (11, 0)})
    assert lines(again)["bowl"] == (12, 11, 0, 1, 0, 0)
    halls.check()


def test_a_crate_told_of_after_all_was_settled_is_counted_and_agreed_upon(halls: Halls) -> None:
    event = halls.plan()
    packed, spare = halls.out(event, bowl=5), halls.crate(bowl=7)
    night = halls.now
    halls.loop.now += 30 * MINUTE
    halls.back(packed)
    halls.confirm(halls.count(event, lines={"bowl": (5, 0)}))
    halls.loop.now += 8 * DAY
    halls.sweep()
    assert halls.stage(event) is Stage.SETTLED
    halls.hand(event, spare, ask=False, at=night)
    halls.back(spare)
    assert halls.stage(event) is Stage.BACK
    again = halls.count(event, lines={"bowl": (12, 0)})
    assert again.version == 2 and halls.stage(event) is Stage.COUNTED
    halls.check()


def test_a_crate_handed_to_an_event_that_was_called_off_is_not_lost_sight_of(halls: Halls) -> None:
    event, officer = halls.plan(), halls.loop.town.officer
    packed = halls.crate(bowl=5)
    halls.write(lambda s: cancel_event(s, event_id=event.id, actor=officer, now=halls.now))
    assert refused(lambda: halls.hand(event, packed))[2] == Stage.CANCELLED
    halls.hand(event, packed, ask=False)
    assert halls.stage(event) is Stage.OUT
    halls.back(packed)
    halls.count(event, lines={"bowl": (5, 0)})
    halls.check()
