"""A crate tapped as back unopened by mistake is out again, within the day, by the hall itself."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from lending.db import transaction
from lending.errors import Code
from lending.events.board import hall_board
from lending.events.crates.undoing_back import undo_unopened
from lending.events.reading import event_crates
from lending.events.values import BackHow, EventCrateView, Stage
from lending.loop.loans.occasions import loans_of
from tests.callers import device_caller
from tests.events.halls import HALL, Halls
from tests.events.test_counting import lines
from tests.events.test_handing import lent, refused
from tests.personas import DAY

STILL = "잘못 찍었어요"


def undo(halls: Halls, crate: EventCrateView, **more: Any) -> EventCrateView:
    actor = more.get("actor", halls.haein)
    view: EventCrateView = halls.write(
        lambda s: undo_unopened(
            s, event_crate_id=crate.id, actor=actor, keys=halls.loop.keys, now=halls.now
        )
    )
    return view


def test_back_unopened_by_mistake_is_out_as_before(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.crate(event, cups=1, bowl=5)
    first = halls.hand(event, packed)
    wrong = halls.back(packed, sealed=True)
    board = halls.read(
        lambda s: hall_board(s, site_id=halls.hall, actor=halls.haein, now=halls.now)
    )
    assert [one.id for one in board.rooms[0].unopened] == [wrong.id]
    view = undo(halls, wrong)
    assert undo(halls, wrong) == view  # sent again
    assert (view.back_how, view.handed_at, view.signed) == (None, first.handed_at, first.signed)
    assert (view.seal, view.pieces) == (packed.seal, {"bowl": 5, "cup-355": 1})
    assert halls.stage(event) is Stage.OUT and lent(halls) == 5
    (shown,) = halls.read(lambda s: event_crates(s, event_ids=[event.id]))
    assert shown.id == view.id  # the mistake is told nowhere
    loans = halls.read(lambda s: loans_of(s, [event.id]))[event.id]
    assert {loan.opened_at for loan in loans} == {first.handed_at} and len(loans) == 2
    halls.check()
    assert halls.back(packed).back_how is BackHow.OPENED
    halls.fetch(packed.crate)
    statement = halls.count(event, lines={"bowl": (4, 0)}, received=packed.codes)
    assert lines(statement)["bowl"] == (5, 4, 0, 1, 0, 0)
    halls.check()


def test_back_unopened_again_after_it_was_undone(halls: Halls) -> None:
    event = halls.plan()
    packed = halls.out(event, bowl=5)
    view = undo(halls, halls.back(packed, sealed=True))
    again = halls.back(packed, sealed=True)
    assert again.id == view.id and again.back_how is BackHow.SEALED and lent(halls) == 0
    assert undo(halls, again).back_how is None
    halls.check()


def test_what_is_not_undone(halls: Halls) -> None:
    event, other = halls.plan(), halls.plan(room_id=halls.rooms[1].id)
    moved, used, old = (halls.out(event, bowl=5) for _ in range(3))
    gone = halls.back(moved, sealed=True)
    halls.hand(other, moved)
    assert refused(lambda: undo(halls, gone)) == (Code.CONFLICT, "crate", "gone_on")
    opened = halls.back(used)
    assert refused(lambda: undo(halls, opened))[2] == BackHow.OPENED
    late = halls.back(old, sealed=True)
    stranger = halls.loop.town.mina
    assert refused(lambda: undo(halls, late, actor=stranger))[0] in (
        Code.NOT_FOUND, Code.NOT_ALLOWED_HERE,
    )  # fmt: skip
    halls.loop.now += DAY
    assert refused(lambda: undo(halls, late))[2] == "late"
    halls.check()


def test_the_halls_tablet_takes_it_back_on_its_board(halls: Halls, app: Flask) -> None:
    halls.loop.now = datetime.now(UTC) - timedelta(hours=5)
    event = halls.plan()
    packed = halls.out(event, bowl=5)
    with transaction(halls.loop.engine) as session:
        hall = device_caller(app, session, halls.loop.town, HALL)
    assert STILL not in hall.open("/events/rooms").text
    wrong = halls.back(packed, sealed=True)
    page = hall.open("/events/rooms?part=1").text
    (path,) = re.findall(r'action="(/events/crates/[^"]+)"', page)
    assert STILL in page and str(wrong.id) in path
    after = hall.open(path, "POST", follow_redirects=True)
    assert after.status_code == 200 and "되돌렸어요" in after.text and STILL not in after.text
    assert halls.stage(event) is Stage.OUT
    halls.hand(event, halls.crate(bowl=5))
    assert STILL not in hall.open("/events/rooms").text
    halls.check()
