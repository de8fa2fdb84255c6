"""Several at the same moment: one crate goes to one room, one count is one, one answer holds."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lending.errors import Code, LendingError
from lending.events.statements.reading import list_versions
from lending.events.values import Answer, EventCrateView, Stage, StatementView
from tests.events.halls import Halls
from tests.events.stated import say_right, see
from tests.events.test_counting import outside
from tests.events.test_handing import lent
from tests.personas import DAY
from tests.races import at_once


def tried(work: Callable[[], Any]) -> Callable[[], Any]:
    """The answer, or the code of the refusal."""

    def run() -> Any:
        try:
            return work()
        except LendingError as error:
            return error.code

    return run


def test_one_coming_back_told_several_times_at_once_is_one(halls: Halls) -> None:
    event = halls.plan()
    for sealed in (True, False):
        packed = halls.out(event, bowl=5)
        id, at = uuid.uuid4(), halls.now
        works = [tried(lambda s=sealed, p=packed: halls.back(p, sealed=s, id=id, at=at))] * 6  # type: ignore[misc] # noqa: B023
        answers = at_once(works)
        assert {getattr(one, "id", one) for one in answers} == {answers[0].id}
    halls.check()


def test_of_two_rooms_that_take_one_crate_one_gets_it(halls: Halls) -> None:
    first, second = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.crate(cups=2, bowl=5)
    works = [tried(lambda e=e: halls.hand(e, packed)) for e in (first, second) * 3]  # type: ignore[misc]
    answers = at_once(works)
    assert [type(one) for one in answers].count(EventCrateView) == 1
    refusals = {one for one in answers if isinstance(one, Code)}
    assert refusals == {Code.ALREADY_LENT} and lent(halls) == 5
    halls.check()


def test_of_sealed_and_opened_told_at_once_one_holds(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    answers = at_once(
        [tried(lambda s=s: halls.back(packed, sealed=s)) for s in (True, False) * 3]  # type: ignore[misc]
    )
    assert [type(one) for one in answers].count(EventCrateView) == 1
    assert {one for one in answers if isinstance(one, Code)} == {Code.CONFLICT}
    halls.check()


def test_counts_of_one_event_at_once_are_versions_one_after_the_other(halls: Halls) -> None:
    event = halls.plan()
    halls.back(halls.out(event, bowl=9))
    answers = at_once(
        [
            tried(lambda n=n: halls.count(event, lines={"bowl": (n, 0)}))  # type: ignore[misc]
            for n in (5, 6, 7, 8)
        ]
    )
    assert [type(one) for one in answers] == [StatementView] * 4
    versions = halls.read(
        lambda s: list_versions(s, event_id=event.id, actor=halls.loop.town.officer)
    )
    assert [one.version for one in versions] == [4, 3, 2, 1]
    short = sum(
        pieces for where, pieces in outside(halls, halls.wares.bowl).items() if where == "short"
    )
    assert halls.latest(event).lines[0].missing == short
    halls.check()


def test_the_hall_and_the_worker_answer_at_the_last_moment(halls: Halls) -> None:
    event = halls.plan()
    halls.back(halls.out(event, bowl=5))
    halls.confirm(halls.count(event, lines={"bowl": (5, 0)}))
    halls.loop.now += 7 * DAY + timedelta(seconds=1)
    at_once([tried(lambda: say_right(halls, event, 1)), halls.sweep, halls.sweep])
    assert see(halls, event).answer in (Answer.CONFIRMED, Answer.ACCEPTED)
    assert halls.stage(event) is Stage.SETTLED
    halls.check()
