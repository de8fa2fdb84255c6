"""Stocktaking: what is there against what is known, while the place goes on working."""

import uuid
from typing import Any

import sqlalchemy as sa

from lending.errors import Code
from lending.loop.codes import make_code
from lending.loop.scans import Result
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import (
    MOST_CODES,
    LineIn,
    Noted,
    note_pieces,
    take_back_line,
)
from lending.wares.stocktaking.result import (
    load_result,
)
from lending.wares.stocktaking.sessions import (
    abandon_session,
    begin_session,
    list_sessions,
    open_session,
)
from lending.wares.stocktaking.tables import Verdict
from lending.wares.tables import CountedFigure
from lending.wares.ways import Condition, Outside, Why, beyond, in_crate
from tests.personas import HARU, NABI, WASH
from tests.wares.conftest import CLEAN, DIRTY, Wares
from tests.wares.stocktaking import Stocktaking, refused


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


def test_two_conditions_of_a_kind_are_two_figures(wares: Wares) -> None:
    count = Stocktaking(wares)
    count.type(4)
    count.type(0, condition=DIRTY)
    result = count.end()
    assert {(one.condition, one.counted) for one in result.figures} == {(CLEAN, 4), (DIRTY, 0)}
    wares.record(wares.move(1, wares.at(HARU), beyond(Outside.BROKEN), Why.BROKEN))
    assert wares.held(wares.at(HARU)) == 3
    wares.check()
