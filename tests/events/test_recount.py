"""Counted again while the hall's dispute waits: the new count is the answer to it."""

import uuid

from flask.testing import FlaskClient

from lending.errors import Code
from lending.events.statements.answers import answer_statement, dispute_statement
from lending.events.statements.disputes import list_disputes
from lending.events.statements.links import statement_photo
from lending.events.values import DisputeDecision, DisputeIn, Stage
from lending.loop.care.decisions import Decision
from lending.loop.care.review import settle_review
from tests.events.stated import Counted, alerts, decide, dispute, position, reviews, say_right, see
from tests.events.test_counting import lines
from tests.events.test_handing import refused
from tests.personas import DAY


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


def test_photos_of_a_count_stay_with_the_versions_that_follow_it(counted: Counted) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    one = DisputeIn(uuid.uuid4(), position(statement, "bowl"), "아니에요")
    dispute(halls, event, one)
    decide(halls, one.id, DisputeDecision.UPHELD)
    seen = see(halls, event)
    assert (seen.version, seen.photos) == (2, statement.photos) and seen.photos
    halls.count(event, lines={"bowl": (46, 1)})
    assert halls.latest(event).photos == ()  # a new count has its own


def test_photos_of_a_count_the_hall_never_saw_are_seen_by_its_link(counted: Counted) -> None:
    halls, event, packed, statement = counted
    halls.loop.now += DAY
    halls.loop.receive(packed.codes[1], ask=False)  # found before the centre confirmed
    assert halls.sweep()["found"] == 1
    halls.confirm(halls.latest(event))
    secret, (photo,) = halls.links[event.id], see(halls, event).photos
    assert photo == statement.photos[0]
    jpeg = halls.read(lambda s: statement_photo(s, photo_id=photo, secret=secret, now=halls.now))
    assert jpeg == b"jpeg"


def test_the_centre_does_not_answer_its_own_statement(counted: Counted) -> None:
    halls, _, _, statement = counted
    sent = halls.confirm(statement)
    told = DisputeIn(uuid.uuid4(), 1, "?")
    for work in (
        lambda s: answer_statement(
            s, statement_id=sent.id, actor=halls.loop.town.jun, name="jun", now=halls.now
        ),
        lambda s: dispute_statement(
            s, statement_id=sent.id, disputes=[told], actor=halls.loop.town.jun, name="jun",
            now=halls.now,
        ),
    ):  # fmt: skip
        assert refused(lambda work=work: halls.write(work))[0] is Code.NOT_ALLOWED_HERE  # type: ignore[misc]


def test_the_halls_page_says_that_a_new_count_is_on_its_way(
    counted: Counted, client: FlaskClient
) -> None:
    halls, event, _, statement = counted
    halls.confirm(statement)
    address = f"/events/s/{halls.links[event.id]}"
    assert "다시 세어 고치고 있어요" not in client.get(address).text
    halls.count(event, lines={"bowl": (49, 1)})
    page = client.get(address).text
    assert "다시 세어 고치고 있어요" in page and "이 수량이 맞나요?" not in page
