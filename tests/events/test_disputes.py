"""Lines that the hall disputes: into the review queue, decided, and the next version."""

import uuid

from lending.errors import Code
from lending.events.statements.disputes import list_disputes
from lending.events.values import (
    Answer,
    DisputeDecision,
    DisputeIn,
    Stage,
    StatementWhy,
)
from lending.loop.care.decisions import Decision
from lending.loop.care.review import settle_review
from lending.wares.ways import Outside
from tests.events.stated import (
    Counted,
    alerts,
    decide,
    dispute,
    position,
    reviews,
    say_right,
    see,
)
from tests.events.test_counting import lines, outside
from tests.events.test_handing import refused
from tests.personas import DAY


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
