"""A packing list is closed and opened again: by the table, until a crate of it is loaded; and a word
that is sent again after somebody else went on changes nothing."""

import uuid
from datetime import timedelta

import pytest

from lending.errors import Code
from lending.moving.packing.closing import CLOSED_AFTER, ListAct, ListState, may, state_of
from lending.moving.packing.counted import CountedPacking, pack_counted_ware
from lending.moving.packing.crates import Busy, CrateView, find_crate_view
from lending.moving.packing.lists import PackingView
from lending.moving.packing.sealing import reopen_crate, seal_crate
from lending.moving.rounds.beeps import Move
from tests.moving.conftest import Moving, code_of
from tests.moving.test_counted import bowl as bowl
from tests.moving.test_packing import busy
from tests.personas import HARU, NABI, Loop

CLOSE, REOPEN = ListAct.CLOSE, ListAct.REOPEN


@pytest.mark.parametrize(
    ("is_closed", "is_loaded", "state", "possible"),
    [
        (False, False, ListState.OPEN, [CLOSE]),
        (False, True, ListState.OPEN, [CLOSE]),
        (True, False, ListState.CLOSED, [REOPEN]),
        (True, True, ListState.LEFT, []),
    ],
)
def test_what_a_packer_may_do_with_a_list(
    is_closed: bool, is_loaded: bool, state: ListState, possible: list[ListAct]
) -> None:
    assert state_of(is_closed=is_closed, is_loaded=is_loaded) is state
    assert [act for act in ListAct if may(act, state)] == possible
    assert set(ListState) == {one for one, _ in CLOSED_AFTER}


def packed(moving: Moving, site: str = HARU) -> tuple[PackingView, str]:
    """A list with a sealed crate, of more than is in it."""
    moving.decide(site, 3)
    packing, crate = moving.list_for(site), moving.loop.new_crate()
    moving.pack(packing, crate, *moving.loop.passed_cups(2))
    moving.seal(crate)
    return packing, crate


def crate_now(moving: Moving, crate: str) -> CrateView:
    found: CrateView | None = moving.read(
        find_crate_view, code=crate, district_id=moving.town.id
    )  # fmt: skip
    assert found is not None
    return found


def leave(moving: Moving) -> dict[str, int]:
    """Crates the next round is wanted to bring, by place."""
    return {
        stop.wish.site.code: stop.leave for one in moving.plan().rounds for stop in one.stops
    }  # fmt: skip


def test_a_list_opened_again_wants_its_rest_and_its_seals_stay(moving: Moving) -> None:
    packing, crate = packed(moving)
    assert moving.act(CLOSE, packing).closed_at is not None
    assert moving.act(CLOSE, packing).left == 1
    before = crate_now(moving, crate)
    for _ in range(2):  # a second tap
        assert moving.act(REOPEN, packing).closed_at is None
    assert crate_now(moving, crate) == before
    assert before.sealed_at is not None
    more = moving.loop.new_crate()
    answer = moving.pack(packing, more, *moving.loop.passed_cups(1))
    assert answer.list.left == 0
    assert moving.act(CLOSE, packing).closed_at is not None


def test_what_a_round_is_to_bring_follows(moving: Moving) -> None:
    moving.decide(NABI, 150)
    packing = moving.list_for(NABI)
    assert leave(moving) == {NABI: 2}
    moving.act(CLOSE, packing)
    assert leave(moving) == {}
    moving.act(REOPEN, packing)
    assert leave(moving) == {NABI: 2}


def test_once_a_crate_is_loaded_it_stays_closed(moving: Moving) -> None:
    packing, crate = packed(moving)
    moving.beep(Move.LOAD, crate)
    assert moving.act(REOPEN, packing).closed_at is None  # it was never closed
    closed = moving.act(CLOSE, packing)
    assert code_of(moving.act, REOPEN, packing) == (Code.CONFLICT, "loaded")
    assert moving.act(CLOSE, packing) == closed


def test_who_acts_for_the_packing_place_may_and_nobody_else(moving: Moving) -> None:
    packing, _ = packed(moving)
    town = moving.town
    for act in (CLOSE, REOPEN):
        refused = code_of(moving.act, act, packing, actor=town.mina)
        assert refused == (Code.NOT_ALLOWED_HERE, "site")
        assert bool(moving.act(act, packing, actor=town.officer).closed_at) is (act is CLOSE)


def test_a_reopening_sent_again_after_the_next_closing_changes_nothing(moving: Moving) -> None:
    packing, _ = packed(moving)
    moving.act(CLOSE, packing)
    at = moving.loop.now
    moving.act(REOPEN, packing, at=at)
    moving.loop.now += timedelta(minutes=5)
    closed = moving.act(CLOSE, packing)
    assert moving.act(REOPEN, packing, at=at) == closed


def test_a_sealing_sent_again_seals_nothing_that_others_changed_since(
    loop: Loop, moving: Moving
) -> None:
    packing, crate = packed(moving)
    jun, at = loop.town.jun, loop.now - timedelta(minutes=1)

    def again() -> CrateView:
        view: CrateView = loop.write(lambda s: seal_crate(s, crate=crate, actor=jun, now=at))
        return view

    moving.write(reopen_crate, crate=crate, actor=jun)
    assert again().sealed_at == at  # what is in it is what was sealed
    moving.write(reopen_crate, crate=crate, actor=jun)
    [cup] = loop.passed_cups(1)
    moving.pack(packing, crate, cup)
    assert busy(again) == Busy.CHANGED
    assert crate_now(moving, crate).sealed_at is None
    assert moving.seal(crate).sealed_at is not None


@pytest.mark.usefixtures("bowl")
def test_counted_ware_put_in_since_counts_too(loop: Loop, moving: Moving) -> None:
    packing, crate = packed(moving)
    jun, at = loop.town.jun, loop.now - timedelta(minutes=1)
    moving.write(reopen_crate, crate=crate, actor=jun)
    one = CountedPacking(uuid.uuid4(), packing.id, crate, {"bowl": 3}, loop.now)
    moving.write(pack_counted_ware, packing=one, actor=jun)
    assert busy(
        loop.write, lambda s: seal_crate(s, crate=crate, actor=jun, now=at)
    ) == Busy.CHANGED  # fmt: skip


def test_an_opening_sent_again_opens_nothing_that_was_sealed_since(
    loop: Loop, moving: Moving
) -> None:
    _, crate = packed(moving)
    jun, at = loop.town.jun, loop.now
    moving.write(reopen_crate, crate=crate, actor=jun)
    loop.now += timedelta(minutes=5)
    sealed = moving.seal(crate)
    assert loop.write(lambda s: reopen_crate(s, crate=crate, actor=jun, now=at)) == sealed
