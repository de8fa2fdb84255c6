"""Stocktaking: what is there against what is known, while the place goes on working."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from lending.errors import Code, LendingError
from lending.loop.care.decisions import STOCKTAKING
from lending.loop.care.review import reopen_review, settle_overdue_reviews
from lending.loop.codes import make_code
from lending.loop.read.review_queue import ReviewView, list_reviews
from lending.loop.scans import Result
from lending.loop.steps import Action, Outcome, State
from lending.people.actors import Actor
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import (
    MOST_CODES,
    LineIn,
    Noted,
    NotedPiece,
    note_pieces,
    note_quantity,
    take_back_line,
)
from lending.wares.stocktaking.repair import Repaired, repair_stocktaking, step_for
from lending.wares.stocktaking.result import (
    Progress,
    StocktakeResult,
    list_pieces,
    load_progress,
    load_result,
)
from lending.wares.stocktaking.sessions import (
    SessionView,
    abandon_session,
    begin_session,
    list_sessions,
    open_session,
)
from lending.wares.stocktaking.tables import Verdict
from lending.wares.tables import CountedFigure
from lending.wares.ways import Condition, Outside, Why, beyond, in_crate
from tests.personas import DAY, HARU, MINUTE, NABI, WASH, Loop
from tests.wares.conftest import CLEAN, DIRTY, Wares


class Stocktaking:
    """A session at a place; every step commits and takes a minute."""

    def __init__(self, wares: Wares, site: str = HARU, by: Actor | None = None) -> None:
        self.wares, self.loop = wares, wares.loop
        self.by = by or self.loop.town.mina
        self.site = self.loop.town.sites[site]
        self.view: SessionView = self.write(begin_session, id=uuid.uuid4(), site_id=self.site)
        self.loop.now += MINUTE

    def write(self, service: Any, **more: Any) -> Any:
        more = {"actor": self.by, "now": self.loop.now} | more
        return self.loop.write(lambda s: service(s, **more))

    def note(self, *codes: str, **more: Any) -> list[NotedPiece]:
        more = {"session_id": self.view.id, "codes": codes, "at": self.loop.now} | more
        noted: list[NotedPiece] = self.write(note_pieces, **more)
        self.loop.now += MINUTE
        return noted

    def type(self, quantity: int, **more: Any) -> LineIn:
        values = {"id": uuid.uuid4(), "kind_id": self.wares.bowl, "condition": CLEAN} | more
        line = LineIn(quantity=quantity, at=self.loop.now, **values)
        assert self.send(line) is Result.RECORDED
        self.loop.now += MINUTE
        return line

    def send(self, line: LineIn) -> Result:
        result: Result = self.write(note_quantity, session_id=self.view.id, line=line)
        return result

    def progress(self) -> Progress:
        return self.wares.read(lambda s: load_progress(s, session_id=self.view.id, actor=self.by))  # type: ignore[no-any-return]

    def end(self) -> StocktakeResult:
        result: StocktakeResult = self.write(end_session, session_id=self.view.id)
        self.loop.now += MINUTE
        return result

    def pieces(self, *verdicts: Verdict) -> set[str]:
        page = self.wares.read(
            lambda s: list_pieces(s, session_id=self.view.id, actor=self.by, verdicts=verdicts)
        )
        return {piece.code for piece in page.items}

    def repair(self, **more: Any) -> Repaired:
        more = {"session_id": self.view.id, "keys": self.loop.keys} | more
        repaired: Repaired = self.write(repair_stocktaking, **more)
        return repaired

    def reviews(self, *, settled: bool = False) -> list[ReviewView]:
        page = self.wares.read(lambda s: list_reviews(s, actor=self.by, settled=settled))
        return [one for one in page.items if one.subject == STOCKTAKING]


def refused(service: Any, *args: Any, **more: Any) -> LendingError:
    with pytest.raises(LendingError) as caught:
        service(*args, **more)
    return caught.value


def test_a_shelf_that_is_right_leaves_nothing_to_review(wares: Wares) -> None:
    cups = wares.loop.clean_cups(3)
    wares.buy(40, wares.at(HARU))
    count = Stocktaking(wares)
    assert [one.outcome for one in count.note(*cups)] == [Noted.NOTED] * 3
    assert all(one.expected for one in count.note(cups[0]))
    count.type(25)
    count.type(15)
    result = count.end()
    assert result.pieces == {Verdict.PRESENT: 3}
    [figure] = result.figures
    assert (figure.kind, figure.counted, figure.expected, figure.difference) == ("bowl", 40, 40, 0)
    assert result.is_right and count.reviews() == []
    wares.check()


def test_missing_unexpected_unknown_and_miscounted(wares: Wares) -> None:
    loop = wares.loop
    here, gone = loop.clean_cups(2)
    [stray] = loop.clean_cups(1, at=NABI)
    lent, nobodys = loop.lent_cup(), make_code()
    wares.buy(50, wares.at(HARU))
    count = Stocktaking(wares)
    noted = count.note(here, stray, lent, nobodys, "not a code")
    assert [one.outcome for one in noted] == [
        Noted.NOTED, Noted.NOTED, Noted.NOTED, Noted.UNKNOWN, Noted.UNREADABLE,
    ]  # fmt: skip
    assert [one.expected for one in noted] == [True, False, False, False, False]
    count.type(47)
    result = count.end()
    assert result.pieces == {
        Verdict.PRESENT: 1, Verdict.MISSING: 1, Verdict.UNEXPECTED: 2, Verdict.UNKNOWN: 1,
    }  # fmt: skip
    assert count.pieces(Verdict.MISSING) == {gone}
    assert count.pieces(Verdict.UNEXPECTED) == {stray, lent}
    assert [figure.difference for figure in result.figures] == [-3]
    [entry] = count.reviews()
    assert entry.scan_id == count.view.id and entry.site == loop.site(HARU)
    assert wares.held(wares.at(HARU)) == 47
    wares.check()


def test_the_place_goes_on_working_meanwhile(wares: Wares) -> None:
    loop = wares.loop
    noted_then_lent, lent_unnoted, returned = loop.clean_cups(3)
    loop.lend(returned)
    wares.buy(30, wares.at(HARU))
    count = Stocktaking(wares)
    count.note(noted_then_lent)
    count.type(30)
    loop.lend(noted_then_lent)
    loop.lend(lent_unnoted)
    loop.give_back(returned)
    wares.record(wares.move(10, wares.at(HARU), wares.at(HARU, DIRTY), Why.USED))
    result = count.end()
    assert result.pieces == {Verdict.PRESENT: 1}
    assert result.is_right  # thirty were there when they were counted
    assert wares.held(wares.at(HARU)) == 20
    wares.check()


def test_a_closed_crate_counts_with_all_that_is_in_it(wares: Wares) -> None:
    loop = wares.loop
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    loop.pack(crate, *cups)
    wares.buy(10, in_crate(loop.item_id(crate), CLEAN))
    sealed = Stocktaking(wares, WASH, by=loop.town.jun)
    assert sealed.note(crate)[0].inside == 3
    assert sealed.note(cups[0])[0].outcome is Noted.AGAIN
    assert sealed.end().is_right
    opened = Stocktaking(wares, WASH, by=loop.town.jun)
    assert opened.note(crate, cups[0], sealed=False)[0].inside == 0
    opened.type(8, crate_id=loop.item_id(crate))
    result = opened.end()
    assert result.pieces == {Verdict.PRESENT: 2, Verdict.MISSING: 2}
    assert [(figure.crate, figure.difference) for figure in result.figures] == [(crate, -2)]
    assert opened.pieces(Verdict.MISSING) == set(cups[1:])
    wares.check()


def test_progress_shows_what_is_still_to_be_counted(wares: Wares) -> None:
    cups = wares.loop.clean_cups(3)
    wares.buy(40, wares.at(HARU))
    wares.buy(7, wares.at(HARU, DIRTY))
    count = Stocktaking(wares)
    count.note(*cups[:2], make_code())
    count.type(40)
    progress = count.progress()
    assert [(t.kind, t.expected, t.noted) for t in progress.tallies] == [("cup-355", 3, 2)]
    assert progress.unknown == 1 and [line.quantity for line in progress.lines] == [40]
    [left] = progress.not_counted
    assert (left.kind, left.condition, left.counted, left.expected) == ("bowl", DIRTY, None, 7)
    assert left.difference is None
    count.end()
    assert wares.held(wares.at(HARU, DIRTY)) == 7  # nobody counted it: it stays as it is


def test_a_line_counts_once_and_can_be_taken_back(wares: Wares) -> None:
    count = Stocktaking(wares)
    wrong = count.type(500)
    assert count.send(wrong) is Result.REPEATED
    other = LineIn(wrong.id, wrong.kind_id, wrong.condition, 501, wrong.at)
    assert refused(count.send, other).code is Code.ID_REUSED
    for _ in range(2):
        count.write(take_back_line, session_id=count.view.id, line_id=wrong.id)
    count.type(50)
    for more, field in (
        ({"quantity": -1}, "quantity"),
        ({"kind_id": wares.loop.town.kinds["cup-355"]}, "kind"),
        ({"crate_id": 10**9}, "account"),
    ):
        values: dict[str, Any] = {
            "kind_id": wares.bowl, "condition": Condition.CLEAN, "quantity": 1,
        } | more  # fmt: skip
        line = LineIn(uuid.uuid4(), at=wares.now, **values)
        assert refused(count.send, line).field == field
    [figure] = count.end().figures
    assert (figure.counted, figure.difference) == (50, 50)
    assert refused(
        count.write, take_back_line, session_id=count.view.id, line_id=wrong.id
    ).code is Code.CONFLICT  # fmt: skip
    wares.check()


def test_an_ended_session_stays_as_it_is(wares: Wares) -> None:
    [cup] = wares.loop.clean_cups(1)
    count = Stocktaking(wares)
    count.type(3)
    first = count.end()
    wares.loop.lend(cup)
    again = count.end()
    assert again == first
    assert refused(count.note, cup).code is Code.CONFLICT
    assert refused(count.type, 1).field == "session"
    assert refused(count.write, abandon_session, session_id=count.view.id).code is Code.CONFLICT
    figures = sa.select(sa.func.count(CountedFigure.id))
    assert wares.read(lambda s: s.scalar(figures)) == 1
    shown = wares.read(lambda s: load_result(s, session_id=count.view.id, actor=count.by))
    assert shown == first


def test_sessions_are_joined_abandoned_and_listed(wares: Wares) -> None:
    count, town = Stocktaking(wares), wares.loop.town
    joined = Stocktaking(wares)
    assert joined.view == count.view
    again = count.write(begin_session, id=count.view.id, site_id=count.site)
    assert again == count.view
    reused = {"id": count.view.id, "site_id": town.sites[NABI], "actor": town.yuna}
    assert refused(count.write, begin_session, **reused).code is Code.ID_REUSED
    count.type(99)
    for _ in range(2):
        ended = count.write(abandon_session, session_id=count.view.id)
        assert ended.abandoned and not ended.is_open
    assert wares.held(wares.at(HARU)) == 0
    assert wares.read(lambda s: open_session(s, site_id=count.site, actor=town.mina)) is None
    later = Stocktaking(wares)
    page = wares.read(lambda s: list_sessions(s, actor=town.mina, limit=1))
    assert [one.id for one in page.items] == [later.view.id]
    key = [page.next[0].isoformat(), str(page.next[1])]
    rest = wares.read(lambda s: list_sessions(s, actor=town.mina, after=key))
    assert [one.id for one in rest.items] == [count.view.id] and rest.next is None
    assert wares.read(lambda s: list_sessions(s, actor=town.yuna)).items == []


def test_a_place_counts_only_itself(wares: Wares) -> None:
    count, town = Stocktaking(wares), wares.loop.town
    not_hers = (
        (begin_session, {"id": uuid.uuid4(), "site_id": count.site}),
        (note_pieces, {"session_id": count.view.id, "codes": [], "at": wares.now}),
        (end_session, {"session_id": count.view.id}),
        (abandon_session, {"session_id": count.view.id}),
    )
    for service, more in not_hers:
        for actor in (town.yuna, town.machine):
            error = refused(count.write, service, actor=actor, **more)
            assert error.code is Code.NOT_ALLOWED_HERE
    missing = refused(count.write, end_session, session_id=uuid.uuid4())
    assert (missing.code, missing.field) == (Code.NOT_FOUND, "session")
    assert refused(count.note, *["1"] * (MOST_CODES + 1)).code is Code.TOO_LARGE


def test_the_repair_records_what_was_seen_and_can_be_taken_back(wares: Wares) -> None:
    loop = wares.loop
    [gone] = loop.clean_cups(1)
    [stray] = loop.clean_cups(1, at=NABI)
    lent = loop.lent_cup()
    [dirty] = loop.new_cups()
    count = Stocktaking(wares)
    count.note(stray, lent, dirty)
    seen_at = loop.now - MINUTE
    count.end()
    [entry] = count.reviews()
    loop.now += DAY
    officer = {"actor": loop.town.officer}
    assert count.repair(**officer) == Repaired(seen=3, lost=0)
    here = loop.town.sites[HARU]
    assert {loop.item(cup).site for cup in (stray, lent, dirty)} == {here}
    assert loop.item(stray).clean and loop.item(stray).state is State.READY
    assert loop.item(dirty).state is State.DIRTY
    [loan] = loop.loans(lent)
    assert (loan.outcome, loan.closed_at) == (Outcome.RETURNED, seen_at)
    assert loop.item(gone).state is State.READY  # nothing loses a piece by itself
    assert count.reviews() == [] and refused(count.repair, **officer).field == "review"
    loop.check()
    loop.now += MINUTE
    count.write(reopen_review, review_id=entry.id, keys=loop.keys, **officer)
    assert loop.item(stray).site == loop.town.sites[NABI]
    assert loop.item(lent).state is State.LENT
    assert len(count.reviews()) == 1
    loop.now += MINUTE
    assert count.repair(**officer).seen == 3
    assert loop.item(lent).state is State.RETURNED
    loop.check()


def test_missing_pieces_are_lost_only_when_somebody_says_so(wares: Wares) -> None:
    loop = wares.loop
    gone, turned_up = loop.clean_cups(2)
    count = Stocktaking(wares)
    assert count.end().pieces == {Verdict.MISSING: 2}
    loop.lend(turned_up)
    [entry] = count.reviews()
    assert count.repair(lose_missing=True) == Repaired(seen=0, lost=1)
    assert loop.item(gone).state is State.LOST
    assert loop.item(turned_up).state is State.LENT
    loop.now += MINUTE
    officer = loop.town.officer
    count.write(reopen_review, review_id=entry.id, keys=loop.keys, actor=officer)
    assert loop.item(gone).state is State.READY
    loop.check()


def test_an_unexpected_crate_brings_what_is_in_it(wares: Wares) -> None:
    loop = wares.loop
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    loop.pack(crate, *cups)
    count = Stocktaking(wares)
    count.note(crate)
    assert count.end().pieces == {Verdict.UNEXPECTED: 3}
    assert count.repair().seen == 1
    here = loop.town.sites[HARU]
    for code in (crate, *cups):
        assert loop.item(code).site == here
    assert all(loop.item(cup).clean and loop.item(cup).stay for cup in cups)
    loop.check()


def test_nobody_decides_and_after_a_fortnight_it_is_noted(wares: Wares) -> None:
    loop = wares.loop
    loop.clean_cups(1)
    count = Stocktaking(wares)
    count.end()
    loop.now += 15 * DAY
    settled = loop.write(
        lambda s: settle_overdue_reviews(s, district_id=loop.town.id, keys=loop.keys, now=loop.now)
    )
    assert settled == 1
    assert [one.settled_how for one in count.reviews(settled=True)] == ["automatic"]
    loop.check()


STEPS: Sequence[tuple[State, bool, Action | None]] = [
    (State.RETIRED, False, None),
    (State.READY, False, Action.STOCK),
    (State.SHIPPED, True, Action.STOCK),
    (State.DIRTY, True, Action.UNPACK),
    (State.WASHED, False, Action.UNPACK),
    (State.LENT, False, Action.RETURN),
    (State.LOST, True, Action.RECEIVE),
    (State.COLLECTED, True, Action.RECEIVE),
]


@pytest.mark.parametrize(("state", "at_centre", "action"), STEPS)
def test_the_step_that_is_proposed(state: State, at_centre: bool, action: Action | None) -> None:
    assert step_for(state, at_centre=at_centre, carrier=False, holds_clean=False) is action


def test_a_retired_piece_is_left_to_a_head(wares: Wares) -> None:
    loop: Loop = wares.loop
    [cup] = loop.clean_cups(1)
    loop.retire(cup, by=loop.town.mina)
    count = Stocktaking(wares)
    count.note(cup)
    assert count.end().pieces == {Verdict.UNEXPECTED: 1}
    assert count.repair() == Repaired(seen=0, lost=0)
    assert loop.item(cup).state is State.RETIRED


def test_two_conditions_of_a_kind_are_two_figures(wares: Wares) -> None:
    count = Stocktaking(wares)
    count.type(4)
    count.type(0, condition=DIRTY)
    result = count.end()
    assert {(one.condition, one.counted) for one in result.figures} == {(CLEAN, 4), (DIRTY, 0)}
    wares.record(wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN))
    assert wares.held(wares.at(HARU)) == 3
    wares.check()
