"""Hall and centre agree on a statement: confirmed, disputed and decided, or left without a word."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from lending.errors import Code
from lending.events.answers import (
    answer_by_link,
    answer_statement,
    dispute_by_link,
    find_by_link,
    statement_photo,
)
from lending.events.disputes import decide_dispute, list_disputes
from lending.events.settings import set_times
from lending.events.statements import confirm_statement, renew_link
from lending.events.values import (
    Answer,
    DisputeDecision,
    DisputeIn,
    EventView,
    PackIn,
    Stage,
    StatementView,
    StatementWhy,
)
from lending.loop.care.decisions import EVENT_DISPUTE, Decision
from lending.loop.care.review import settle_review
from lending.loop.tables import Review
from lending.notices.tables import Alert
from lending.wares.ways import Outside
from tests.events.halls import MANAGER, Halls
from tests.events.test_counting import lines, outside
from tests.events.test_handing import refused
from tests.personas import DAY, MINUTE

Counted = tuple[Halls, EventView, PackIn, StatementView]


@pytest.fixture
def counted(halls: Halls) -> Counted:
    """50 bowls and 2 cups went; 46 bowls came back, 1 broke, 3 and a cup are missing."""
    event = halls.plan()
    packed = halls.out(event, cups=2, bowl=50)
    halls.back(packed)
    halls.fetch(packed.crate)
    halls.sweep()
    statement = halls.count(
        event, lines={"bowl": (46, 1)}, received=packed.codes[:1], crate=packed.crate,
        photos=(b"jpeg",),
    )  # fmt: skip
    return halls, event, packed, statement


def see(halls: Halls, event: EventView) -> StatementView:
    secret = halls.link(event)
    view: StatementView = halls.read(lambda s: find_by_link(s, secret=secret, now=halls.now))
    return view


def say_right(halls: Halls, event: EventView, version: int, name: str = MANAGER) -> StatementView:
    secret = halls.links[event.id]
    view: StatementView = halls.write(
        lambda s: answer_by_link(s, secret=secret, version=version, name=name, now=halls.now)
    )
    return view


def dispute(halls: Halls, event: EventView, *disputes: DisputeIn, version: int = 1) -> Any:
    secret = halls.links[event.id]
    return halls.write(
        lambda s: dispute_by_link(
            s, secret=secret, version=version, disputes=disputes, name=MANAGER, now=halls.now
        )
    )


def decide(halls: Halls, id: uuid.UUID, decision: DisputeDecision, **more: Any) -> StatementView:
    view: StatementView = halls.write(
        lambda s: decide_dispute(
            s, dispute_id=id, decision=decision, actor=halls.loop.town.officer, now=halls.now,
            **more,
        )
    )  # fmt: skip
    return view


def alerts(halls: Halls) -> dict[str, int]:
    halls.sweep()
    query = sa.select(Alert.kind, Alert.count).where(Alert.closed_at.is_(None))
    return {row[0]: row[1] for row in halls.read(lambda s: s.execute(query).all())}


def reviews(halls: Halls) -> list[Any]:
    query = sa.select(Review.id, Review.scan_id, Review.site_id, Review.settled_at)
    query = query.where(Review.subject == EVENT_DISPUTE).order_by(Review.id)
    return list(halls.read(lambda s: s.execute(query).all()))


def position(statement: StatementView, kind: str) -> int:
    return next(line.position for line in statement.lines if line.kind == kind)


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


def test_a_disputed_line_goes_to_the_review_queue_and_becomes_a_version(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    id = uuid.uuid4()
    said = DisputeIn(id, position(statement, "bowl"), "세 개는 2호실에 있어요", 0, b"photo")
    view = dispute(halls, event, said)
    assert view.answer is Answer.DISPUTED and view.disputes[0].reason == "세 개는 2호실에 있어요"
    assert dispute(halls, event, said).disputes == view.disputes  # sent again
    (review,) = reviews(halls)
    assert (review.scan_id, review.site_id, review.settled_at) == (id, halls.hall, None)
    assert alerts(halls)["event_dispute"] == 1
    waiting = halls.read(lambda s: list_disputes(s, actor=halls.loop.town.officer, now=halls.now))
    assert [(one.id, one.review_id, one.missing_said) for one in waiting] == [(id, review.id, 0)]
    assert waiting[0].photo_id is not None
    halls.loop.now += 8 * DAY
    assert halls.sweep()["accepted"] == 0  # it waits for the decision, not for the hall
    after = decide(halls, id, DisputeDecision.CORRECTED, missing=1, note="두 개 찾음")
    assert (after.version, after.why, after.open) == (2, StatementWhy.DECISION, True)
    assert lines(after)["bowl"] == (50, 48, 1, 1, 0, 0)
    assert outside(halls, halls.wares.bowl) == {
        Outside.BOUGHT: -50, Outside.SHORT: 1, Outside.BROKEN: 1,
    }  # fmt: skip
    assert reviews(halls)[0].settled_at == halls.now
    assert "event_dispute" not in alerts(halls)
    assert refused(lambda: say_right(halls, event, 1))[2] == "newer"
    say_right(halls, event, 2)
    assert halls.stage(event) is Stage.SETTLED
    halls.check()


def test_the_last_decision_of_several_writes_the_version(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    bowl, cup = (
        DisputeIn(uuid.uuid4(), position(statement, kind), "다시 봐 주세요")
        for kind in ("bowl", "cup-355")
    )
    dispute(halls, event, bowl, cup)
    first = decide(halls, bowl.id, DisputeDecision.UPHELD)
    assert (first.version, first.answer) == (1, Answer.DISPUTED)
    wrong = refused(lambda: decide(halls, cup.id, DisputeDecision.CORRECTED, missing=3))
    assert wrong[:2] == (Code.INVALID, "missing")
    second = decide(halls, cup.id, DisputeDecision.CORRECTED, missing=0)
    assert second.version == 2 and lines(second)["cup-355"] == (2, 2, 0, 0, 0, 0)
    assert lines(second)["bowl"] == (50, 46, 1, 3, 0, 0)
    again = decide(halls, cup.id, DisputeDecision.CORRECTED, missing=0)
    assert again.version == 2
    other = refused(lambda: decide(halls, cup.id, DisputeDecision.UPHELD))
    assert other[0] is Code.CONFLICT
    halls.check()


def test_a_dispute_settled_in_the_queue_leaves_the_line_as_it_is(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    one = DisputeIn(uuid.uuid4(), position(statement, "bowl"), "아니에요")
    dispute(halls, event, one)
    halls.write(
        lambda s: settle_review(
            s, review_id=reviews(halls)[0].id, decision=Decision.NOTED,
            actor=halls.loop.town.officer, keys=halls.loop.keys, now=halls.now,
        )
    )  # fmt: skip
    assert halls.sweep()["decided"] == 1
    seen = see(halls, event)
    assert (seen.version, lines(seen)["bowl"]) == (2, (50, 46, 1, 3, 0, 0))
    halls.check()


def test_what_a_dispute_is_refused_for(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    assert refused(lambda: dispute(halls, event))[1] == "disputes"
    assert refused(lambda: dispute(halls, event, DisputeIn(uuid.uuid4(), 99, "?")))[1] == "position"
    twice = [DisputeIn(uuid.uuid4(), 1, "?"), DisputeIn(uuid.uuid4(), 1, "!")]
    assert refused(lambda: dispute(halls, event, *twice))[1] == "disputes"
    assert refused(lambda: dispute(halls, event, DisputeIn(uuid.uuid4(), 1, "\x00")))[1] == "reason"
    assert see(halls, event).open and reviews(halls) == []


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
    assert alerts(halls) == {"event_statement": 1}
    halls.confirm(statement)
    assert alerts(halls) == {}


def test_an_event_nothing_was_used_at_is_over_by_itself(halls: Halls) -> None:
    event, idle = halls.plan(contact="접수처"), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.out(event, bowl=5)
    halls.back(packed, sealed=True)
    halls.loop.now += 4 * DAY + MINUTE * 60
    assert halls.sweep()["unused"] == 2
    assert halls.stage(event) is halls.stage(idle) is Stage.SETTLED
    assert halls.event(event, keys=halls.loop.keys).contact == ""
    halls.check()
