"""Counted again while the hall's dispute waits: the new count is the answer to it."""

import uuid

from lending.events.disputes import list_disputes
from lending.events.values import DisputeDecision, DisputeIn, Stage
from lending.loop.care.decisions import Decision
from lending.loop.care.review import settle_review
from tests.events.stated import Counted, alerts, dispute, position, reviews, say_right, see
from tests.events.test_counting import lines


def test_a_recount_answers_the_disputes_that_wait(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    id = uuid.uuid4()
    dispute(halls, event, DisputeIn(id, position(statement, "bowl"), "다시 세어 주세요"))
    again = halls.count(event, lines={"bowl": (49, 1)})
    assert again.version == 2 and lines(again)["bowl"] == (50, 49, 1, 0, 0, 0)
    assert (
        halls.read(lambda s: list_disputes(s, actor=halls.loop.town.officer, now=halls.now)) == []
    )
    (said,) = see(halls, event).disputes  # the hall's link still shows the version it answered
    assert said.decision is DisputeDecision.CORRECTED and said.decided_at == again.made_at
    assert reviews(halls)[0].settled_at is not None
    assert "event_dispute" not in alerts(halls)
    halls.confirm(again)
    say_right(halls, event, 2)
    assert halls.stage(event) is Stage.SETTLED
    halls.check()


def test_an_entry_settled_in_the_queue_after_a_recount_stops_nobody(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    dispute(halls, event, DisputeIn(uuid.uuid4(), position(statement, "bowl"), "아니에요"))
    halls.count(event, lines={"bowl": (49, 1)})
    (entry,) = reviews(halls)
    if entry.settled_at is None:
        halls.write(
            lambda s: settle_review(
                s, review_id=entry.id, decision=Decision.NOTED, actor=halls.loop.town.officer,
                keys=halls.loop.keys, now=halls.now,
            )
        )  # fmt: skip
    halls.sweep()  # goes on for the other events of the district
    halls.check()
