"""Rooms, events, proposals and settings."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lending.errors import Code
from lending.events.planning import cancel_event, change_event, plan_event
from lending.events.proposing import propose_packing
from lending.events.reading import list_events
from lending.events.rooms import add_room, change_room, list_rooms
from lending.events.settings import load_times, set_kind, set_times
from lending.events.tables import Event
from lending.events.values import EventKind, Stage, Times
from lending.loop.loans.occasions import loans_of
from tests.events.halls import Halls
from tests.events.test_handing import refused
from tests.personas import DAY, OFFICE


def change(halls: Halls, event: Any) -> Any:
    officer, keys = halls.loop.town.officer, halls.loop.keys
    return halls.write(lambda s: change_event(s, event, actor=officer, keys=keys, now=halls.now))


def test_an_event_is_planned_once_and_changed(halls: Halls) -> None:
    told = halls.event_in(contact="접수 데스크 02-000-0000")
    officer, keys = halls.loop.town.officer, halls.loop.keys

    def plan(event: Any, by: Any = officer) -> Any:
        return halls.write(lambda s: plan_event(s, event, actor=by, keys=keys, now=halls.now))

    assert plan(told) == plan(told)
    assert refused(lambda: plan(replace(told, guests=201)))[0] is Code.ID_REUSED
    assert refused(lambda: plan(replace(told, id=uuid.uuid4()), halls.loop.town.mina))[0] is (
        Code.NOT_ALLOWED_HERE
    )
    event = plan(told)
    assert halls.event(event, keys=keys).contact == "접수 데스크 02-000-0000"
    sealed = halls.read(lambda s: s.scalar(sa.select(Event.contact_sealed)))
    assert "02-000" not in repr(sealed)
    packed = halls.out(event, bowl=1)
    later = change(halls, replace(told, until_at=told.until_at + 3 * DAY, contact=None))
    (loan,) = halls.read(lambda s: loans_of(s, [event.id]))[event.id]
    assert loan.due_at > later.until_at and later.where == "1호실"
    assert halls.event(event, keys=keys).contact == "접수 데스크 02-000-0000"
    change(halls, replace(told, contact=""))  # the form's field was emptied
    assert halls.event(event, keys=keys).contact == ""
    assert halls.read(lambda s: s.scalar(sa.select(Event.contact_sealed))) is None
    halls.back(packed)
    halls.check()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"guests": 0}, "guests"), ({"room_id": 0}, "room"), ({"room_id": None}, "room"),
        ({"until_at": None}, "until"), ({"site": "HARU"}, "site"), ({"place": "\x00"}, "place"),
    ],
)  # fmt: skip
def test_what_a_plan_is_refused_for(halls: Halls, more: dict[str, Any], field: str) -> None:
    if "until_at" in more:
        more = {"until_at": halls.now}
    code, found, _ = refused(lambda: halls.plan(**more))
    assert (code, found) == (Code.INVALID, field)


def test_an_event_may_be_in_no_room(halls: Halls) -> None:
    event = halls.plan(
        site=halls.loop.site(OFFICE), kind=EventKind.EVENT, room_id=None, place="구청 앞마당",
        guests=None,
    )  # fmt: skip
    assert (event.where, event.guests, event.stage) == ("구청 앞마당", 250, Stage.PLANNED)


def test_an_event_is_called_off_while_nothing_is_out(halls: Halls) -> None:
    event, officer = halls.plan(contact="데스크"), halls.loop.town.officer

    def cancel() -> None:
        halls.write(lambda s: cancel_event(s, event_id=event.id, actor=officer, now=halls.now))

    packed = halls.out(event, bowl=1)
    assert refused(cancel)[2] == Stage.OUT
    halls.back(packed, sealed=True)
    cancel()
    cancel()
    assert halls.stage(event) is Stage.CANCELLED
    assert halls.event(event, keys=halls.loop.keys).contact == ""
    assert refused(lambda: change(halls, halls.event_in(id=event.id)))[2] == Stage.CANCELLED


def test_lists_are_by_time_and_stage_and_of_a_place(halls: Halls) -> None:
    begins = [halls.now + n * DAY for n in (3, 1, 2)]
    events = [halls.plan(from_at=at) for at in begins]
    wanted = [events[1].id, events[2].id, events[0].id]

    def ids(by: Any, **more: Any) -> list[uuid.UUID]:
        page = halls.read(lambda s: list_events(s, actor=by, now=halls.now, **more))
        return [one.id for one in page.items]

    assert ids(halls.haein) == ids(halls.loop.town.officer) == wanted
    assert ids(halls.loop.town.mina) == []
    page = halls.read(lambda s: list_events(s, actor=halls.haein, now=halls.now, limit=2))
    assert [one.id for one in page.items] == wanted[:2]
    after = (page.next[0].isoformat(), page.next[1])
    assert ids(halls.haein, after=after) == wanted[2:]
    assert ids(halls.haein, stage=Stage.PLANNED) == wanted[::-1]
    assert ids(halls.haein, stage=Stage.OUT) == []


def test_a_proposal_is_by_guests_and_in_crates(halls: Halls) -> None:
    officer, district = halls.loop.town.officer, halls.loop.town.id
    halls.wares.buy(70, halls.wares.at("WASH"))

    def wish(kind: str, per_100: int, crate: int | None, by: Any = officer) -> None:
        halls.write(
            lambda s: set_kind(
                s, kind=kind, event=EventKind.FUNERAL, per_100=per_100, price=900,
                crate_pieces=crate, actor=by, now=halls.now,
            )
        )  # fmt: skip

    wish("bowl", 150, 60)
    wish("cup-355", 33, None)
    assert refused(lambda: wish("bowl", 1, None, halls.haein))[0] is Code.NOT_ALLOWED
    assert refused(lambda: wish("crate", 1, None))[0] is Code.NOT_FOUND

    def lines(guests: int | None) -> dict[str, tuple[int, int, int]]:
        found = halls.read(
            lambda s: propose_packing(
                s, district_id=district, kind=EventKind.FUNERAL, guests=guests
            )
        )
        return {one.kind: (one.pieces, one.crates, one.clean) for one in found}

    assert lines(200) == {"bowl": (300, 5, 70), "cup-355": (66, 1, 0)}
    assert lines(None) == {"bowl": (375, 7, 70), "cup-355": (83, 1, 0)}  # 250 guests
    assert lines(1)["bowl"] == (2, 1, 70)
    other = halls.read(lambda s: propose_packing(s, district_id=district, kind=EventKind.EVENT))
    assert other == []


def test_times_are_of_the_district(halls: Halls) -> None:
    district, officer = halls.loop.town.id, halls.loop.town.officer
    assert halls.read(lambda s: load_times(s, district_id=district)) == Times(24, 7)

    def save(hours: int, by: Any = officer) -> None:
        halls.write(
            lambda s: set_times(s, count_hours=hours, answer_days=9, actor=by, now=halls.now)
        )

    save(12)
    save(13)
    assert halls.read(lambda s: load_times(s, district_id=district)) == Times(13, 9)
    assert refused(lambda: save(0))[1] == "count_hours"
    assert refused(lambda: save(5, halls.loop.town.jun))[0] is Code.NOT_ALLOWED


def test_rooms_are_named_once_and_put_out_of_use(halls: Halls) -> None:
    haein, first = halls.haein, halls.rooms[0]

    def add(name: str, by: Any = haein) -> Any:
        return halls.write(
            lambda s: add_room(s, site=halls.code, name=name, actor=by, now=halls.now)
        )

    def change_it(**more: Any) -> Any:
        return halls.write(lambda s: change_room(s, room_id=first.id, actor=haein, **more))

    assert refused(lambda: add("1호실"))[:2] == (Code.CONFLICT, "name")
    assert refused(lambda: add("3호실", halls.loop.town.mina))[0] is Code.NOT_ALLOWED_HERE
    assert refused(lambda: change_it(name="2호실"))[:2] == (Code.CONFLICT, "name")
    event = halls.plan()
    change_it(name="특실", active=False)
    names = halls.read(lambda s: [room.name for room in list_rooms(s, site_id=halls.hall)])
    assert names == ["2호실"]
    assert halls.event(event).room == "특실"
    assert refused(halls.plan)[1] == "room"  # nothing new goes there
    again = halls.event_in(id=event.id, until_at=event.until_at + timedelta(hours=1))
    assert change(halls, again).room == "특실"
