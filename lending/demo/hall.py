"""The demo's funeral hall: crates go out to its rooms, come back, are counted short; one is out now."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from lending.demo.batches import Load, plan_batch
from lending.demo.desk import Desk
from lending.demo.equipment import TUNNEL
from lending.demo.plan import BOWL, CENTRE, HALL, OFFICE, PLATE, SPOON, working_days_before
from lending.demo.town import Town, moment
from lending.events.counting.count import count_event
from lending.events.crates.bringing import bring_back
from lending.events.crates.handing import hand_out
from lending.events.crates.packing import pack_crate
from lending.events.planning import plan_event
from lending.events.rooms import add_room
from lending.events.settings import set_kind
from lending.events.statements.reading import confirm_statement, hall_link
from lending.events.values import (
    BackIn,
    CountedLine,
    CountIn,
    EventIn,
    EventKind,
    ForeignLine,
    HandOutIn,
    PackIn,
)
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.requests.collections import NewCollect, ask_collection
from lending.requests.round_tables import CollectWhy
from lending.wares.ledger import record_moves, require_all
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Why, at_place

OUT, USED, BACK = 3, 2, 1  # working days ago
ROOMS = ("1호실", "2호실", "특실")
PER_100 = {BOWL: 120, PLATE: 120, SPOON: 160}  # [I] pieces for 100 guests
PRICES = {BOWL: 2500, PLATE: 2000, SPOON: 500}  # won
CRATES = ({BOWL: 300}, {PLATE: 300, SPOON: 400})  # packed for the first event
STORE = {BOWL: 80, PLATE: 80, SPOON: 100}  # in each crate of the hall's store
STORED = 3
FOUND = {BOWL: 293, PLATE: 300, SPOON: 394}
BROKEN = {BOWL: 4}  # the rest that was sent is missing
SIGNED = "실장"


def live_hall(town: Town, day: date, today: date) -> None:
    """Three working days: packed and out, back at the hall, counted and washed; another event is on."""
    if working_days_before(today, OUT) < town.first:
        return
    if day == working_days_before(today, OUT):
        town.hall_crates = [town.crates.pop() for _ in CRATES]
        town.hall_store = [town.crates.pop() for _ in range(STORED)]
        town.happen(moment(day, 9.0), lambda desk, at: _plan(desk, town, at))
        town.happen(moment(day, 9.2), lambda desk, at: _pack(desk, town, at))
        town.happen(moment(day, 11.0), lambda desk, at: _bring(desk, town, at))
        town.happen(moment(day, 12.0), lambda desk, at: _hand_out(desk, town, at))
    elif day == working_days_before(today, USED):
        town.happen(moment(day, 13.0), lambda desk, at: _come_back(desk, town, at))
    elif day == working_days_before(today, BACK):
        begins = moment(day, 14.2)
        town.happen(moment(day, 13.5), lambda desk, at: _count(desk, town, at))
        ended = plan_batch(town, Load(town.make_id(begins), TUNNEL, begins, (), FOUND))
        assert ended < moment(day, 16)
        town.happen(moment(day, 16), lambda desk, at: _pass(desk, town, at))
        town.happen(moment(day, 18.5), lambda desk, at: _next_event(desk, town, at))


def _plan(desk: Desk, town: Town, at: datetime) -> None:
    """Rooms, how much goes out for so many guests, and the first event."""
    officer = desk.actor(OFFICE)
    for name in ROOMS:
        room = add_room(desk.session, site=HALL, name=name, actor=officer, now=at)
        town.hall_rooms.append(room.id)
    for kind in PER_100:
        set_kind(
            desk.session, kind=kind, event=EventKind.FUNERAL, per_100=PER_100[kind],
            price=PRICES[kind], crate_pieces=300, actor=officer, now=at,
        )  # fmt: skip
    town.hall_event = _event(desk, town, town.hall_rooms[0], at, days=1)


def _event(desk: Desk, town: Town, room: int, at: datetime, *, days: float) -> UUID:
    event = EventIn(
        town.make_id(at), HALL, EventKind.FUNERAL, at, at + timedelta(days=days), room_id=room,
        contact="장례식장 사무실 내선 21",
    )  # fmt: skip
    plan_event(desk.session, event, actor=desk.actor(OFFICE), keys=desk.keys, now=at)
    return event.id


def _pack(desk: Desk, town: Town, at: datetime) -> None:
    """Two crates for the event, three for the hall's store."""
    crates: list[tuple[str, Mapping[str, int], bool]] = [
        (crate, holds, True) for crate, holds in zip(town.hall_crates, CRATES, strict=True)
    ]
    crates += [(crate, STORE, False) for crate in town.hall_store]
    for number, (crate, holds, meant) in enumerate(crates, start=1):
        packed = PackIn(
            town.make_id(at), crate, f"HALL-{number:03}", at,
            event_id=town.hall_event if meant else None, counted=holds, site=CENTRE,
            to=None if meant else HALL,
        )  # fmt: skip
        pack_crate(desk.session, packed, actor=desk.actor(CENTRE), keys=desk.keys, now=at)
        _move(desk, town, "courier", Move.LOAD, crate, at, site=CENTRE, to=HALL)


def _bring(desk: Desk, town: Town, at: datetime) -> None:
    for crate in (*town.hall_crates, *town.hall_store):
        _move(desk, town, "courier", Move.DELIVER, crate, at)
        _move(desk, town, HALL, Move.RECEIVE, crate, at)


def _hand_out(desk: Desk, town: Town, at: datetime) -> None:
    assert town.hall_event is not None
    for crate in town.hall_crates:
        _hand(desk, town, town.hall_event, crate, at)


def _hand(desk: Desk, town: Town, event: UUID, crate: str, at: datetime) -> None:
    hand = HandOutIn(town.make_id(at), event, crate, SIGNED, at)
    hand_out(desk.session, hand, actor=desk.actor(HALL), keys=desk.keys, now=at)


def _come_back(desk: Desk, town: Town, at: datetime) -> None:
    """The guests have eaten; the crates wait to be fetched."""
    hall = desk.actor(HALL)
    for crate in town.hall_crates:
        back = BackIn(town.make_id(at), crate, SIGNED, at)
        bring_back(desk.session, back, actor=hall, keys=desk.keys, now=at)
    asked = NewCollect(
        town.make_id(at), CollectWhy.OTHER, crates=len(CRATES), note="1층 뒷문, 그릇 상자 2개"
    )
    ask_collection(desk.session, asked, actor=hall, now=at)


def _count(desk: Desk, town: Town, at: datetime) -> None:
    """The centre counts what came back and sends the hall its statement."""
    washer = desk.actor(CENTRE)
    assert town.hall_event is not None
    lines = tuple(CountedLine(kind, FOUND[kind], BROKEN.get(kind, 0)) for kind in FOUND)
    count = CountIn(
        town.make_id(at), town.hall_event, lines, at, foreign=(ForeignLine("스테인리스 집게", 2),),
        site=CENTRE,
    )  # fmt: skip
    stated = count_event(desk.session, count, actor=washer, keys=desk.keys, now=at)
    confirm_statement(desk.session, statement_id=stated.id, actor=washer, now=at)
    hall_link(desk.session, event_id=town.hall_event, actor=desk.actor(OFFICE), keys=desk.keys)


def _pass(desk: Desk, town: Town, at: datetime) -> None:
    """Bowls and plates are inspected and put on the shelf; the spoons wait still."""
    place = desk.site(CENTRE).id
    washed, clean = (at_place(place, one) for one in (Condition.WASHED, Condition.CLEAN))
    moves = [
        MoveIn(town.make_id(at), desk.kind(kind), FOUND[kind], washed, clean, Why.PASSED, at)
        for kind in (BOWL, PLATE)
    ]
    require_all(record_moves(desk.session, moves, actor=desk.actor(CENTRE), now=at))


def _next_event(desk: Desk, town: Town, at: datetime) -> None:
    """In another room an event has begun, with a crate of the hall's store."""
    event = _event(desk, town, town.hall_rooms[1], at, days=1.5)
    _hand(desk, town, event, town.hall_store[0], at)


def _move(
    desk: Desk, town: Town, by: str, move: Move, crate: str, at: datetime, **more: str
) -> None:
    beep = Beep(town.make_id(at), move, crate, at, more.get("site"), more.get("to"))
    move_crate(desk.session, beep, actor=desk.actor(by), keys=desk.keys, now=at)
