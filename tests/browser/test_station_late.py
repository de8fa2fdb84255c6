"""A question whose answer comes late or never: what the till told its people stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect

from lending.loop.codes import format_code
from lending.loop.steps import Action, Outcome, State
from lending.loop.values import Piece
from tests.browser.offline import (
    all_sent,
    held_questions,
    in_queue,
    no_error_was_shown,
    recovered,
    stored,
    watch_stage,
    words_seen,
)
from tests.browser.till import gun, is_online, kept, label, told, waiting
from tests.personas import BOX, DANA, Loop

OpenStation = Callable[..., Page]


def with_dana(open_station: OpenStation) -> Page:
    """The till with Dana before it, who has no cup."""
    till = open_station()
    gun(till, DANA)
    expect(till.locator("#person-cups")).to_have_text("컵 0개")
    return till


def lent_without_an_answer(open_station: OpenStation, cup: str) -> tuple[Page, list[Route]]:
    """The till after it has lent a cup to Dana by itself; the question is held on its way."""
    till = with_dana(open_station)
    held = held_questions(till)
    watch_stage(till)
    gun(till, label(cup))
    told(till, "대여 완료")
    return till, held


def arrive(till: Page, question: Route) -> dict[str, object]:
    """A question that was held comes to the server after all; the late answer, as the till gets it."""
    with till.expect_response("**/scan/beep") as answer:
        question.continue_()
    found: dict[str, object] = answer.value.json()
    return found


def test_a_question_without_an_answer_becomes_a_fact(
    open_station: OpenStation, district: Loop
) -> None:
    cup, second = district.lent_cup(), district.lent_cup(DANA)
    till = open_station()
    held = held_questions(till)
    watch_stage(till)
    gun(till, label(cup))
    told(till, "반납 완료")  # after 1.5 s, from the snapshot
    assert "확인하는 중" in words_seen(till)
    is_online(till, False)
    [record] = kept(till)
    assert (record["state"], record["action"]) == ("fact", "return")
    # From now on nothing is asked: the answer comes at once.
    gun(till, label(second))
    expect(till.locator("#stage-cup")).to_contain_text(format_code(second))
    told(till, "반납 완료")
    assert len(held) == 1
    # The late word, the same as the station's own, is the receipt.
    arrive(till, held[0])
    waiting(till, 1)
    recovered(till)
    assert [row[0] for row in stored(district, "action", cup)] == ["return"]
    assert district.item(second).state is State.RETURNED


def test_a_late_refusal_of_what_has_happened_counts_for_nothing(
    open_station: OpenStation, district: Loop
) -> None:
    cup = district.clean_cup()
    till, held = lent_without_an_answer(open_station, cup)
    district.hold(cup)  # meanwhile the office stops it
    assert arrive(till, held[0])["error"] == "held"
    waiting(till, 1)
    told(till, "대여 완료")
    recovered(till)
    assert stored(district, "action", cup)[-1] == ("lend",)
    assert district.item(cup).state is State.LENT
    no_error_was_shown(till)


def test_a_cup_that_came_back_elsewhere_before_its_question_is_not_refused_at_the_till(
    open_station: OpenStation, district: Loop
) -> None:
    cup = district.clean_cup()
    till, held = lent_without_an_answer(open_station, cup)
    [lend] = in_queue(till, 1)
    district.now = datetime.now(UTC)
    district.give_back(cup, by=district.town.machine)  # Dana drinks fast: it lies in the box
    assert arrive(till, held[0])["result"] == "refused"
    recovered(till)
    no_error_was_shown(till)
    assert "대여 완료" in words_seen(till)
    [loan] = district.loans(cup)
    assert (str(loan.id), loan.outcome) == (lend["id"], Outcome.RETURNED)
    piece = district.item(cup)
    assert (piece.state, piece.site) == (State.RETURNED, district.town.sites[BOX])
    assert district.gaps(cup) == []
    district.check()


def test_what_the_station_refuses_is_taken_back_not_kept_quiet(
    open_station: OpenStation, district: Loop
) -> None:
    cup = district.lent_cup()
    district.give_back(cup)
    till = with_dana(open_station)
    held = held_questions(till)
    gun(till, label(cup))
    told(till, "이 컵은 빌려줄 수 없어요")
    [record] = kept(till)
    assert (record["action"], record["of"]) == ("void", held[0].request.post_data_json["id"])
    recovered(till)
    assert district.item(cup).state is State.RETURNED


def as_it_stands(district: Loop, cup: str) -> Piece:
    """All that is known of a cup but which scan, a void included, was the last of it."""
    return replace(district.item(cup), last_at=None, last_id=None, last_site=None)


@pytest.mark.parametrize("no", ["snapshot", "staff"])
def test_a_question_that_arrives_after_its_void_changes_nothing(
    open_station: OpenStation, district: Loop, no: str
) -> None:
    cup = district.lent_cup() if no == "snapshot" else district.clean_cup()
    if no == "snapshot":
        district.give_back(cup)
    till = with_dana(open_station)
    held = held_questions(till)
    gun(till, label(cup))
    if no == "snapshot":
        told(till, "이 컵은 빌려줄 수 없어요")
        # It was washed and stocked meanwhile: the server would lend it.
        for step in (district.wash, district.pass_, district.ship, district.stock):
            step(cup)
    else:
        told(till, "대여 완료")
        till.get_by_role("button", name="되돌리기", exact=True).click()
        told(till, "되돌림")
    asked = held[0].request.post_data_json["id"]
    assert [one["of"] for one in kept(till) if one["action"] == Action.VOID] == [asked]
    before, loans = as_it_stands(district, cup), district.loans(cup)
    assert before.state is State.READY
    recovered(till)
    arrive(till, held[0])
    all_sent(till)
    assert "void" in {row[0] for row in stored(district, "action", cup)}
    assert (as_it_stands(district, cup), district.loans(cup)) == (before, loans)
    expect(till.locator("#refused")).to_be_hidden()
    district.check()
