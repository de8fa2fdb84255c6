"""The demo's funeral hall: counted ware goes out in crates, is used, counted short, and comes back."""

from datetime import date, datetime

from lending.demo.batches import Load, plan_batch
from lending.demo.desk import Desk
from lending.demo.equipment import TUNNEL
from lending.demo.plan import BOWL, CENTRE, HALL, PLATE, SPOON, working_days_before
from lending.demo.town import Town, moment
from lending.moving.rounds.beeps import Beep, Move
from lending.moving.rounds.dispatch import move_crate
from lending.requests.collections import NewCollect, ask_collection
from lending.requests.round_tables import CollectWhy
from lending.wares.crates import CrateCall, Packing, find_crate, pack_counted, unpack_counted
from lending.wares.ledger import record_moves, require_all
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import LineIn, note_quantity
from lending.wares.stocktaking.sessions import begin_session
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Outside, Why, at_place, beyond

OUT, USED, BACK = 3, 2, 1  # working days ago
SENT = {BOWL: 300, PLATE: 300, SPOON: 400}
FOUND = {BOWL: 297, PLATE: 300, SPOON: 394}
BROKEN = 4  # bowls, seen while unpacking
IN_CRATE = ((BOWL,), (PLATE, SPOON))  # what each of the two crates holds


def live_hall(town: Town, day: date, today: date) -> None:
    """Three working days: out and used, counted and packed, back and washed."""
    first = working_days_before(today, OUT)
    if first < town.first:
        return
    if day == first:
        town.hall_crates = [town.crates.pop() for _ in IN_CRATE]
        town.happen(moment(day, 9.2), lambda desk, at: _send(desk, town, at))
        town.happen(moment(day, 11.0), lambda desk, at: _take_in(desk, town, at))
    elif day == working_days_before(today, USED):
        town.happen(moment(day, 13.0), lambda desk, at: _use(desk, town, at))
        town.happen(moment(day, 14.0), lambda desk, at: _count(desk, town, at))
        town.happen(moment(day, 14.5), lambda desk, at: _pack_used(desk, town, at))
    elif day == working_days_before(today, BACK):
        begins = moment(day, 14.2)
        town.happen(moment(day, 13.5), lambda desk, at: _unpack(desk, town, at))
        dirty = FOUND | {BOWL: FOUND[BOWL] - BROKEN}
        ended = plan_batch(town, Load(town.make_id(begins), TUNNEL, begins, (), dirty))
        assert ended < moment(day, 16)
        town.happen(moment(day, 16), lambda desk, at: _pass(desk, town, at))


def _send(desk: Desk, town: Town, at: datetime) -> None:
    """Clean ware into two crates, and off with them."""
    for crate, kinds in zip(town.hall_crates, IN_CRATE, strict=True):
        packings = [Packing(desk.kind(kind), SENT[kind]) for kind in kinds]
        _pack(desk, town, crate, packings, CENTRE, at)
        _move(desk, town, "courier", Move.LOAD, crate, at, site=CENTRE, to=HALL)


def _take_in(desk: Desk, town: Town, at: datetime) -> None:
    """The hall receives the crates and puts the ware on its shelves."""
    for crate, kinds in zip(town.hall_crates, IN_CRATE, strict=True):
        _move(desk, town, "courier", Move.DELIVER, crate, at)
        _move(desk, town, HALL, Move.RECEIVE, crate, at)
        packings = [Packing(desk.kind(kind), SENT[kind]) for kind in kinds]
        _unpack_at(desk, town, crate, packings, HALL, at)


def _use(desk: Desk, town: Town, at: datetime) -> None:
    """The guests have eaten."""
    hall, place = desk.actor(HALL), desk.site(HALL).id
    clean, dirty = (at_place(place, one) for one in (Condition.CLEAN, Condition.DIRTY))
    moves = [
        MoveIn(town.make_id(at), desk.kind(kind), quantity, clean, dirty, Why.USED, at)
        for kind, quantity in SENT.items()
    ]
    require_all(record_moves(desk.session, moves, actor=hall, now=at))


def _count(desk: Desk, town: Town, at: datetime) -> None:
    """A stocktaking finds some missing."""
    hall, place = desk.actor(HALL), desk.site(HALL).id
    taking = begin_session(desk.session, id=town.make_id(at), site_id=place, actor=hall, now=at)
    for kind, quantity in FOUND.items():
        line = LineIn(town.make_id(at), desk.kind(kind), Condition.DIRTY, quantity, at)
        note_quantity(desk.session, session_id=taking.id, line=line, actor=hall, now=at)
    end_session(desk.session, session_id=taking.id, actor=hall, now=at)


def _pack_used(desk: Desk, town: Town, at: datetime) -> None:
    """What is there goes into its crates again, to be fetched."""
    for crate, kinds in zip(town.hall_crates, IN_CRATE, strict=True):
        packings = [Packing(desk.kind(kind), FOUND[kind], Condition.DIRTY) for kind in kinds]
        _pack(desk, town, crate, packings, HALL, at)
    asked = NewCollect(
        town.make_id(at), CollectWhy.OTHER, crates=len(IN_CRATE), note="1층 뒷문, 그릇 상자 2개"
    )
    ask_collection(desk.session, asked, actor=desk.actor(HALL), now=at)


def _unpack(desk: Desk, town: Town, at: datetime) -> None:
    """Back at the centre the crates are emptied; some bowls are broken."""
    for crate, kinds in zip(town.hall_crates, IN_CRATE, strict=True):
        packings = [Packing(desk.kind(kind), FOUND[kind], Condition.DIRTY) for kind in kinds]
        _unpack_at(desk, town, crate, packings, CENTRE, at)
    dirty = at_place(desk.site(CENTRE).id, Condition.DIRTY)
    move = MoveIn(
        town.make_id(at), desk.kind(BOWL), BROKEN, dirty, beyond(Outside.BROKEN), Why.BROKEN, at
    )
    require_all(record_moves(desk.session, [move], actor=desk.actor(CENTRE), now=at))


def _pass(desk: Desk, town: Town, at: datetime) -> None:
    """Bowls and plates are inspected and put on the shelf; the spoons wait still."""
    place = desk.site(CENTRE).id
    washed, clean = (at_place(place, one) for one in (Condition.WASHED, Condition.CLEAN))
    moves = [
        MoveIn(town.make_id(at), desk.kind(kind), quantity, washed, clean, Why.PASSED, at)
        for kind, quantity in ((BOWL, FOUND[BOWL] - BROKEN), (PLATE, FOUND[PLATE]))
    ]
    require_all(record_moves(desk.session, moves, actor=desk.actor(CENTRE), now=at))


def _pack(
    desk: Desk, town: Town, crate: str, packings: list[Packing], by: str, at: datetime
) -> None:
    call = _call(desk, town, crate, by, at)
    require_all(pack_counted(desk.session, call, packings, actor=desk.actor(by), now=at))


def _unpack_at(
    desk: Desk, town: Town, crate: str, packings: list[Packing], by: str, at: datetime
) -> None:
    call = _call(desk, town, crate, by, at)
    require_all(unpack_counted(desk.session, call, packings, actor=desk.actor(by), now=at))


def _call(desk: Desk, town: Town, crate: str, by: str, at: datetime) -> CrateCall:
    found = find_crate(desk.session, code=crate, actor=desk.actor(by))
    return CrateCall(town.make_id(at), found.id, desk.site(by).id, at)


def _move(
    desk: Desk, town: Town, by: str, move: Move, crate: str, at: datetime, **more: str
) -> None:
    beep = Beep(town.make_id(at), move, crate, at, more.get("site"), more.get("to"))
    move_crate(desk.session, beep, actor=desk.actor(by), keys=desk.keys, now=at)
