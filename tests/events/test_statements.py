"""Hall and centre agree on a statement: confirmed, or left without a word; alerts of it."""

import uuid
from typing import Any

from lending.errors import Code
from lending.events.settings import set_times
from lending.events.statements.answers import (
    answer_statement,
    find_by_link,
)
from lending.events.statements.links import statement_photo
from lending.events.statements.reading import confirm_statement, renew_link
from lending.events.values import (
    Answer,
    DisputeIn,
    Stage,
    StatementView,
    StatementWhy,
)
from lending.notices.alerts import open_alerts
from tests.events.halls import MANAGER, Halls
from tests.events.stated import (
    Counted,
    alerts,
    dispute,
    say_right,
    see,
)
from tests.events.test_counting import lines
from tests.events.test_handing import refused
from tests.personas import DAY, MINUTE


def test_the_hall_sees_what_the_centre_confirmed_and_says_that_it_is_right(
    counted: Counted,
) -> None:
    halls, event, _, statement = counted
    assert refused(lambda: see(halls, event))[:2] == (Code.NOT_FOUND, "statement")
    assert refused(lambda: say_right(halls, event, 1))[0] is Code.NOT_FOUND
    halls.confirm(statement)
    seen = see(halls, event)
    assert seen.open and seen.answer_by == halls.now + 7 * DAY
    assert lines(seen)["bowl"] == (50, 46, 1, 3, 0, 0)
    assert refused(lambda: say_right(halls, event, 1, name=" "))[:2] == (Code.INVALID, "name")
    for _again in range(2):
        done = say_right(halls, event, 1)
        assert (done.answer, done.answer_name) == (Answer.CONFIRMED, MANAGER)
    assert halls.stage(event) is Stage.SETTLED
    assert refused(lambda: dispute(halls, event, DisputeIn(uuid.uuid4(), 1, "아니에요")))[2] == (
        Answer.CONFIRMED
    )
    assert refused(lambda: halls.count(event, lines={"bowl": (1, 0)}))[2] == Stage.SETTLED
    halls.check()


def test_without_a_word_it_counts_as_accepted_after_seven_days(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    halls.loop.now += 7 * DAY - MINUTE
    assert halls.sweep()["accepted"] == 0 and halls.stage(event) is Stage.COUNTED
    halls.loop.now += MINUTE
    assert halls.sweep()["accepted"] == 1
    seen = see(halls, event)
    assert (seen.answer, seen.answered_by, seen.open) == (Answer.ACCEPTED, "", False)
    assert halls.stage(event) is Stage.SETTLED
    assert refused(lambda: say_right(halls, event, 1))[2] == Answer.ACCEPTED
    halls.check()


def test_the_days_are_a_setting(counted: Counted) -> None:
    halls, _, _, statement = counted
    officer = halls.loop.town.officer
    halls.write(lambda s: set_times(s, count_hours=5, answer_days=2, actor=officer, now=halls.now))
    assert halls.confirm(statement).answer_by == halls.now + 2 * DAY


def test_a_cup_that_comes_in_after_the_count_makes_a_version(counted: Counted) -> None:
    halls, event, packed, statement = counted
    halls.confirm(statement)
    assert halls.sweep()["found"] == 0
    halls.loop.receive(packed.codes[1])
    assert halls.sweep()["found"] == 1
    seen = see(halls, event)
    assert (seen.version, seen.why, seen.open) == (2, StatementWhy.FOUND, True)
    assert lines(seen)["cup-355"] == (2, 2, 0, 0, 0, 0)
    assert lines(seen)["bowl"] == (50, 46, 1, 3, 0, 0)
    assert halls.sweep()["found"] == 0
    say_right(halls, event, 2)
    halls.check()


def test_the_hall_answers_signed_in_as_well(counted: Counted) -> None:
    halls, _, _, statement = counted
    halls.confirm(statement)

    def answer(by: Any) -> Any:
        return halls.write(
            lambda s: answer_statement(
                s, statement_id=statement.id, actor=by, name=MANAGER, now=halls.now
            )
        )

    assert refused(lambda: answer(halls.loop.town.mina))[0] is Code.NOT_FOUND
    assert answer(halls.haein).answer is Answer.CONFIRMED
    halls.check()


def test_a_renewed_link_ends_the_old_one(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    old = halls.links[event.id]
    assert halls.link(event) == old
    new = halls.write(
        lambda s: renew_link(
            s, event_id=event.id, actor=halls.loop.town.officer, keys=halls.loop.keys
        )
    )
    assert new != old
    gone = refused(lambda: halls.read(lambda s: find_by_link(s, secret=old, now=halls.now)))
    assert gone[0] is Code.NOT_FOUND
    assert halls.read(lambda s: find_by_link(s, secret=new, now=halls.now)).version == 1


def test_the_link_ends_thirty_days_after_all_is_agreed(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    secret = halls.links[event.id]

    def look() -> StatementView:
        view: StatementView = halls.read(lambda s: find_by_link(s, secret=secret, now=halls.now))
        return view

    halls.loop.now += 40 * DAY  # the worker stood still: nothing is agreed yet
    assert look().link_until is None
    say_right(halls, event, 1)
    halls.loop.now += 29 * DAY
    assert look().link_until == halls.now + DAY
    halls.loop.now += DAY
    assert refused(look)[0] is Code.NOT_FOUND
    assert refused(lambda: say_right(halls, event, 1))[0] is Code.NOT_FOUND


def test_photos_are_seen_by_the_link_of_their_statement_alone(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    (photo,) = statement.photos
    mina, haein, secret = halls.loop.town.mina, halls.haein, halls.links[event.id]

    def look(**who: Any) -> Any:
        return halls.read(lambda s: statement_photo(s, photo_id=photo, now=halls.now, **who))

    assert look(secret=secret) == b"jpeg" and look(actor=haein) == b"jpeg"
    for who in ({"secret": "x"}, {}, {"actor": mina}):
        assert refused(lambda: look(**who))[0] is Code.NOT_FOUND  # noqa: B023


def test_only_the_centre_confirms_and_only_the_latest(counted: Counted) -> None:
    halls, event, _, statement = counted

    def confirm(by: Any) -> Any:
        return halls.write(
            lambda s: confirm_statement(s, statement_id=statement.id, actor=by, now=halls.now)
        )

    assert refused(lambda: confirm(halls.haein))[0] is Code.NOT_ALLOWED
    assert alerts(halls)["event_statement"] == 1
    halls.count(event, lines={"bowl": (50, 0)})
    assert refused(lambda: confirm(halls.loop.town.jun))[1:] == ("statement", "newer")


def test_alerts_of_crates_and_of_counts(halls: Halls) -> None:
    event = halls.plan(until_at=halls.now + DAY)
    packed = halls.out(event, bowl=5)
    assert alerts(halls) == {}
    halls.loop.now += DAY
    assert alerts(halls) == {"event_return": 1}  # it must go back today
    halls.back(packed)
    assert alerts(halls) == {}
    halls.fetch(packed.crate)
    halls.loop.now += DAY - 10 * MINUTE
    assert alerts(halls) == {}
    halls.loop.now += 20 * MINUTE
    assert halls.event(event).count_late and alerts(halls) == {"event_count": 1}
    statement = halls.count(event, lines={"bowl": (5, 0)})
    assert alerts(halls) == {"event_statement": 1} and officers_see(halls) == []
    halls.loop.now += DAY  # the hall still waits for the centre's word
    assert alerts(halls) == {"event_statement": 1} and officers_see(halls) == ["event_statement"]
    halls.confirm(statement)
    assert alerts(halls) == {} and officers_see(halls) == []


def officers_see(halls: Halls) -> list[str]:
    """Kinds of the open alerts that the officers are to look at."""
    officer = halls.loop.town.officer
    return [one.kind for one in halls.read(lambda s: open_alerts(s, actor=officer))]


def test_an_event_nothing_was_used_at_is_over_by_itself(halls: Halls) -> None:
    event, idle = halls.plan(contact="접수처"), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.out(event, bowl=5)
    halls.back(packed, sealed=True)
    halls.loop.now += 4 * DAY + MINUTE * 60
    assert halls.sweep()["unused"] == 2
    assert halls.stage(event) is halls.stage(idle) is Stage.SETTLED
    assert halls.event(event, keys=halls.loop.keys).contact == ""
    halls.check()
