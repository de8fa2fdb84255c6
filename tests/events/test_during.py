"""While an event is on: crates come back and are fetched, others are brought; all is counted once."""

from lending.events.values import BackHow, Stage
from tests.events.halls import Halls
from tests.events.test_counting import lines
from tests.events.test_handing import lent
from tests.personas import DAY


def test_part_returns_and_top_ups_during_an_event_are_one_statement(halls: Halls) -> None:
    event = halls.plan()
    first, second = halls.out(event, cups=2, bowl=50), halls.out(event, bowl=40)
    halls.loop.now += DAY / 2
    halls.back(first)  # the breakfast's bowls go to the wash while people still sit there
    halls.fetch(first.crate)
    halls.sweep()
    assert halls.stage(event) is Stage.OUT and lent(halls) == 90
    assert halls.event(event).count_by is None  # the centre is not late: more is to come
    night = halls.crate(bowl=30)
    assert halls.hand(event, night).top_up
    spare = halls.crate(bowl=30)
    halls.hand(event, spare)
    assert halls.back(spare, sealed=True).back_how is BackHow.SEALED
    for packed in (second, night):
        halls.back(packed)
        halls.fetch(packed.crate)
    halls.sweep()
    assert halls.stage(event) is Stage.BACK and halls.event(event).count_by is not None
    made = halls.count(event, lines={"bowl": (118, 1)}, received=first.codes, crate=first.crate)
    assert lines(made) == {
        "bowl": (120, 118, 1, 1, 0, 0), "cup-355": (2, 2, 0, 0, 0, 0), "crate": (3, 3, 0, 0, 0, 0),
    }  # fmt: skip
    halls.check()
