"""Crates go out to an event under somebody's hand and come back sealed or opened."""

import uuid
from typing import Any

import pytest

from lending.errors import Code, LendingError
from lending.events.board import hall_board
from lending.events.crates.handing import undo_hand_out
from lending.events.reading import event_crates
from lending.events.values import BackHow, Stage
from lending.loop.loans.occasions import loans_of
from lending.loop.steps import Action, State
from lending.wares.balances import outside_totals
from lending.wares.ways import Condition, Outside, in_crate
from tests.events.halls import Halls
from tests.personas import DAY, MINUTE, WASH


def refused(work: Any) -> tuple[Code, str | None, str]:
    with pytest.raises(LendingError) as error:
        work()
    return error.value.code, error.value.field, error.value.detail


def lent(halls: Halls) -> int:
    """Counted pieces of all kinds that are out at events."""
    district = halls.loop.town.id
    totals = halls.read(lambda s: outside_totals(s, district_id=district))
    return sum(pieces for (_, outside), pieces in totals.items() if outside is Outside.LENT)


def test_a_crate_goes_out_with_all_that_is_in_it(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, cups=2, bowl=50, plate=30)
    assert halls.stage(event) is Stage.PACKED
    view = halls.hand(event, packed)
    assert (view.seal, view.pieces) == (packed.seal, {"bowl": 50, "cup-355": 2, "plate": 30})
    assert halls.stage(event) is Stage.OUT and lent(halls) == 80
    assert [halls.loop.item(cup).state for cup in packed.codes] == [State.LENT, State.LENT]
    assert halls.loop.item(packed.crate).state is State.LENT
    loans = halls.read(lambda s: loans_of(s, [event.id]))[event.id]
    until = halls.event(event).until_at
    assert len(loans) == 3 and all(until < loan.due_at <= until + 2 * DAY for loan in loans)
    halls.check()


def test_a_crate_that_comes_back_sealed_was_never_out(halls: Halls) -> None:
    event, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.out(event, cups=2, bowl=50)
    view = halls.back(packed, sealed=True)
    assert view.back_how is BackHow.SEALED and lent(halls) == 0
    crate = halls.loop.item_id(packed.crate)
    assert halls.wares.held(in_crate(crate, Condition.CLEAN)) == 50
    for cup in packed.codes:
        piece = halls.loop.item(cup)
        assert (piece.state, piece.clean, piece.uses) == (State.READY, True, 0)
        assert piece.stay is not None and piece.stay.crate == crate
    halls.check()
    assert halls.hand(other, packed).pieces == {"bowl": 50, "cup-355": 2}  # another room
    assert halls.stage(other) is Stage.OUT and lent(halls) == 50
    halls.check()


def test_an_opened_crate_is_returned_and_counted_later(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=50)
    view = halls.back(packed)
    assert view.back_how is BackHow.OPENED
    assert halls.stage(event) is Stage.BACK and lent(halls) == 50
    assert halls.loop.item(packed.crate).state is State.RETURNED
    assert halls.loop.item(packed.codes[0]).state is State.LENT  # till the centre scans it
    halls.check()


def test_the_same_word_again_changes_nothing(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, cups=1, bowl=5)
    id, back = uuid.uuid4(), uuid.uuid4()
    told = {"id": id, "at": halls.now}
    first = halls.hand(event, packed, **told)
    assert halls.hand(event, packed, **told) == first
    assert lent(halls) == 5
    word = {"id": back, "at": halls.now}
    ended = halls.back(packed, sealed=True, **word)
    assert halls.back(packed, sealed=True, **word) == ended and lent(halls) == 0
    other = halls.plan(room_id=halls.rooms[1].id)
    assert refused(lambda: halls.hand(other, packed, **told))[0] is Code.ID_REUSED
    halls.check()


def test_what_a_question_is_refused_for(halls: Halls) -> None:
    event, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.crate(event, bowl=5)
    wrong = refused(lambda: halls.hand(event, packed, seal="S-other"))
    assert wrong == (Code.CONFLICT, "seal", packed.seal)
    assert refused(lambda: halls.hand(event, packed, signed=" "))[:2] == (Code.INVALID, "signed")
    mina = halls.loop.town.mina
    assert refused(lambda: halls.hand(event, packed, by=mina))[0] is Code.NOT_FOUND
    halls.hand(event, packed)
    assert refused(lambda: halls.hand(other, packed))[0] is Code.ALREADY_LENT
    assert refused(lambda: halls.back(packed, sealed=True, seal="S-9"))[:2] == (
        Code.CONFLICT, "seal",
    )  # fmt: skip
    halls.back(packed)
    assert refused(lambda: halls.back(packed, sealed=True))[2] == "not_out"
    halls.check()


def test_a_crate_with_what_is_not_clean_does_not_go_out(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, bowl=5)
    crate = halls.loop.item_id(packed.crate)
    halls.wares.buy(2, in_crate(crate, Condition.DIRTY))
    assert refused(lambda: halls.hand(event, packed))[:2] == (Code.NOT_CLEAN, "crate")
    assert lent(halls) == 0 and halls.stage(event) is Stage.PACKED
    halls.hand(event, packed, ask=False)  # it went all the same
    assert lent(halls) == 7
    halls.check()


def test_a_crate_without_a_seal_cannot_come_back_unopened(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, bowl=5)
    halls.hand(event, packed, seal="", ask=False)
    assert refused(lambda: halls.back(packed, sealed=True))[:2] == (Code.INVALID, "seal")


def test_a_crate_of_which_a_piece_was_seen_since_was_opened(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.out(event, cups=2)
    halls.loop.give_back(packed.codes[0])  # a guest brought it to a café
    assert refused(lambda: halls.back(packed, sealed=True))[2] == "opened"
    halls.check()


def test_a_hand_out_by_mistake_is_undone(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, cups=1, bowl=5)
    view = halls.hand(event, packed)
    for _ in range(2):
        undone = halls.write(
            lambda s: undo_hand_out(
                s, event_crate_id=view.id, actor=halls.haein, keys=halls.loop.keys, now=halls.now
            )
        )
    assert undone.back_how is BackHow.UNDONE and lent(halls) == 0
    assert halls.read(lambda s: event_crates(s, event_ids=[event.id])) == []
    assert halls.loop.item(packed.codes[0]).state is State.READY
    halls.check()
    assert halls.hand(event, packed).pieces == {"bowl": 5, "cup-355": 1}
    halls.check()


def test_a_top_up_at_night_comes_from_the_store(halls: Halls) -> None:
    event = halls.plan()
    first, spare = halls.out(event, bowl=5), halls.crate(bowl=5)
    halls.loop.now += DAY
    view = halls.hand(event, spare)
    assert view.top_up
    assert not halls.read(lambda s: event_crates(s, event_ids=[event.id]))[0].top_up
    halls.back(first)
    assert halls.stage(event) is Stage.OUT  # a part came back, the event goes on
    halls.check()


def test_a_crate_the_courier_took_unsaid_is_back(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.out(event, cups=1, bowl=5)
    halls.fetch(packed.crate)
    halls.sweep()
    view = halls.read(lambda s: event_crates(s, event_ids=[event.id]))[0]
    assert view.back_how is BackHow.SEEN and view.in_at is not None
    assert halls.stage(event) is Stage.BACK
    halls.check()
    told = halls.back(packed, at=view.handed_at + MINUTE / 2)  # word from the hall comes late
    assert told.back_how is BackHow.OPENED
    halls.check()


def test_a_lend_that_was_voided_elsewhere_was_never_a_hand_out(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, bowl=5)
    view = halls.hand(event, packed)
    halls.loop.void(packed.crate, view.id, by=halls.loop.town.officer, site=halls.code)
    halls.sweep()
    assert lent(halls) == 0 and halls.stage(event) is Stage.PLANNED
    halls.check()


def test_facts_that_come_late_and_crossed(halls: Halls) -> None:
    """An offline tablet tells of two hand-outs of one crate after it came back from the second."""
    event, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    packed = halls.crate(event, cups=1, bowl=5)
    start = halls.now
    halls.loop.now += 30 * MINUTE
    halls.hand(other, packed, ask=False, at=start + 10 * MINUTE)
    halls.back(packed, at=start + 20 * MINUTE)
    late = halls.hand(event, packed, ask=False, at=start + MINUTE)
    assert late.back_how in (BackHow.SEEN, BackHow.OPENED)
    halls.sweep()
    halls.check()


def test_the_board_of_the_hall(halls: Halls) -> None:
    event = halls.plan(until_at=halls.now + 3 * MINUTE * 60)
    packed = halls.out(event, bowl=5)
    spare = halls.crate(plate=5)
    coming = halls.pack(plate=3)
    halls.loop.one(
        Action.SHIP, coming.crate, by=halls.loop.town.jun, ask=False, site=halls.loop.site(WASH),
        to=halls.code,
    )  # fmt: skip
    board = halls.read(
        lambda s: hall_board(s, site_id=halls.hall, actor=halls.haein, now=halls.now)
    )
    assert [state.room.name for state in board.rooms] == ["1호실", "2호실"]
    assert [one.code for one in board.rooms[0].crates] == [packed.crate]
    assert board.rooms[1].events == () and board.must_go_back == 1
    store = {one.code: (one.seal, one.coming, one.pieces) for one in board.store}
    assert store == {
        spare.crate: (spare.seal, False, {"plate": 5}),
        coming.crate: (coming.seal, True, {"plate": 3}),
    }
    stranger = halls.loop.town.mina
    look = refused(
        lambda: halls.read(
            lambda s: hall_board(s, site_id=halls.hall, actor=stranger, now=halls.now)
        )
    )
    assert look[0] is Code.NOT_ALLOWED_HERE
