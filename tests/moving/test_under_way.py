"""While a van is on its way, what it will do waits for no other round."""

from lending.moving.rounds.lifecycle import begin_round
from tests.moving.asking import ask, stops, tell, waiting
from tests.moving.conftest import TOMORROW, Moving
from tests.personas import HARU, MINUTE, NABI, Loop


def test_where_a_van_is_still_to_call_no_round_is_waited_for(loop: Loop, moving: Moving) -> None:
    """What is asked after the plan is done by the round; a crate too much waits until it called."""
    moving.sealed_crate(HARU)
    ask(moving, NABI)
    [one] = moving.drive()
    ask(moving, HARU)
    assert moving.plan().rounds == ()  # the round does it, under way or not
    loop.write(lambda s: begin_round(s, round_id=one.id, at=loop.now, actor=loop.town.courier))
    moving.sealed_crate(HARU)  # too late for this van
    assert moving.plan().rounds == ()
    assert stops(moving.plan(TOMORROW)) == [(HARU, 1, 0)]
    loop.now += MINUTE
    for stop in one.stops:
        tell(moving, stop)
    assert waiting(moving) == []
    assert stops(moving.plan()) == [(HARU, 1, 0)]
