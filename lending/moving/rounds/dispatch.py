"""A crate leaves, arrives and comes back: loaded, delivered, received, taken, brought, by scan."""

from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import Action
from lending.loop.tables import Scan
from lending.moving.packing.crates import (
    Busy,
    find_crate,
    last_out,
    latest,
    view_crate,
)
from lending.moving.packing.sealing import seal
from lending.moving.rounds.beeps import Beep, Move, MoveAnswer
from lending.moving.rounds.hand import Hand
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, find_site
from lending.requests.acting import place_of
from lending.requests.consignments import SEEN, underway
from lending.requests.round_tables import Consignment, Way


def move_crate(
    session: Session, beep: Beep, *, actor: Actor, keys: Keys, now: datetime
) -> MoveAnswer:
    """Records one step of a crate with all that is in it; sent again it changes nothing.

    What happened is recorded whatever was missed before. Refused are a question about a crate that
    is not sealed or on no way (CONFLICT, crate), NOT_FOUND (crate, site, to, round), INVALID (to: no
    goal known), NOT_ALLOWED_HERE, ID_REUSED, and what the writer refuses.
    """
    crate = find_crate(session, code=beep.crate, district_id=actor.district_id)
    if (known := session.get(Scan, beep.id)) is not None:
        if known.item_id != crate.id:
            raise LendingError(Code.ID_REUSED, field="id")
        return MoveAnswer(view_crate(session, crate_id=crate.id), again=True)
    return _MOVES[beep.move](Hand(session, beep, actor, keys, now, crate))


def _load(hand: Hand) -> MoveAnswer:
    beep, drive = hand.beep, hand.round()
    on_way = underway(hand.session, crate_id=hand.crate.id, lock=True)
    row = latest(hand.session, crate_id=hand.crate.id, at=beep.at)
    if row is not None and _is_loaded(row, beep) and _goes_there(hand, row):
        row.round_id = drive.id if drive is not None else row.round_id
        return hand.answer(again=True)
    if row is None or _is_over(row, beep):
        if on_way is not None:
            is_loaded = on_way.way is Way.OUT and on_way.loaded_at is not None
            detail = Busy.LOADED if is_loaded else ""
            raise LendingError(Code.CONFLICT, field="crate", detail=detail)
        row = _send_unpacked(hand)
    if row.sealed_at is None:
        if beep.ask:
            raise LendingError(Code.CONFLICT, field="crate")
        seal(hand.session, row, by=hand.by(), at=beep.at, checked=False)
    centre, goal = hand.site(row.from_site_id), hand.site(row.to_site_id)
    carried = hand.scan(Action.SHIP, centre, to=goal.code)
    row.loaded_at, row.loaded_by = beep.at, hand.by()
    if drive is not None:
        row.round_id = drive.id
    return hand.answer(carried)


def _is_loaded(row: Consignment, beep: Beep) -> bool:
    """Whether somebody else scanned the same loading."""
    under_way = row.received_at is None or beep.at < row.received_at
    return row.way is Way.OUT and row.loaded_at is not None and under_way


def _goes_there(hand: Hand, row: Consignment) -> bool:
    """Whether nobody says that a crate goes anywhere else than it does."""
    return not hand.beep.ask or hand.beep.to in (None, hand.site(row.to_site_id).code)


def _is_over(row: Consignment, beep: Beep) -> bool:
    """Whether a crate cannot have been loaded for this way by this beep."""
    if row.way is not Way.OUT or row.loaded_at is not None:
        return True
    return row.received_at is not None and row.received_at < beep.at


def _deliver(hand: Hand) -> MoveAnswer:
    """Nothing moves in the loop: it is the place that takes it in."""
    row = last_out(hand.session, crate_id=hand.crate.id, at=hand.beep.at)
    if row is None or row.way is not Way.OUT:
        raise LendingError(Code.CONFLICT, field="crate")
    place_of(hand.session, actor=hand.actor, code=hand.site(row.to_site_id).code)
    again = row.delivered_at is not None
    if not again:
        row.delivered_at, row.delivered_by = hand.beep.at, hand.by()
    return hand.answer(again=again)


def _receive(hand: Hand) -> MoveAnswer:
    row = hand.way()
    carried = hand.scan(Action.STOCK, hand.place())
    if row is not None and row.way is Way.OUT:
        row.received_at, row.received_by = hand.beep.at, hand.by()
        if row.sealed_at is None:
            seal(hand.session, row, by=hand.by(), at=hand.beep.at, checked=False)
    return hand.answer(carried)


def _take(hand: Hand) -> MoveAnswer:
    place, drive = hand.place(), hand.round()
    goal = drive.site_id if drive is not None else _goal(hand).id
    if goal == place.id:
        raise LendingError(Code.INVALID, field="site")
    before, since = hand.way(), hand.since()
    if before is not None:  # it stood there after all: nobody had scanned that it came
        before.received_at, before.received_by = hand.beep.at, hand.by()
        hand.session.flush()
    carried = hand.scan(Action.COLLECT, place)
    if since is None:
        hand.soil()
    row = Consignment(
        id=hand.beep.id,
        district_id=hand.actor.district_id,
        crate_id=hand.crate.id,
        way=Way.BACK,
        from_site_id=place.id,
        to_site_id=goal,
        round_id=drive.id if drive is not None else None,
        opened_at=hand.beep.at,
        opened_by=hand.by(),
        loaded_at=hand.beep.at,
        loaded_by=hand.by(),
        received_at=since,  # somewhere, before it was on its next way
        received_by=SEEN if since is not None else None,
    )
    hand.session.add(row)
    hand.session.flush()
    seal(hand.session, row, by=hand.by(), at=hand.beep.at, checked=False)
    return hand.answer(carried)


def _bring(hand: Hand) -> MoveAnswer:
    """Used ware is received; clean ware that could not be delivered comes home clean."""
    place, since = hand.place(), hand.since()
    row = hand.way()
    if since is not None:  # what it was on then is over, and what is in it by now was not used
        row = latest(hand.session, crate_id=hand.crate.id, at=hand.beep.at)
        row = row if row is not None and row.opened_at < since else None
    if row is not None and row.way is Way.OUT and row.delivered_at is None and since is None:
        carried = hand.scan(Action.STOCK, place)
        row.dissolved_at, row.dissolved_by = hand.beep.at, hand.by()
        return hand.answer(carried)
    origin = None
    if row is not None:  # a delivered crate that nobody took in was used all the same
        origin = hand.site(row.from_site_id if row.way is Way.BACK else row.to_site_id).code
    carried = hand.scan(Action.RECEIVE, place, from_=origin)
    if since is None:
        hand.soil()
    if row is not None and row.received_by in (None, SEEN):
        row.received_at, row.received_by = hand.beep.at, hand.by()
    return hand.answer(carried)


_MOVES = {
    Move.LOAD: _load,
    Move.DELIVER: _deliver,
    Move.RECEIVE: _receive,
    Move.TAKE: _take,
    Move.BRING: _bring,
}


def _goal(hand: Hand) -> SiteView:
    if hand.beep.to is None:
        raise LendingError(Code.INVALID, field="to")
    return find_site(hand.session, code=hand.beep.to, district_id=hand.actor.district_id)


def _send_unpacked(hand: Hand) -> Consignment:
    """A crate that no list filled goes out all the same; somebody must say where to."""
    if hand.beep.to is None:
        raise LendingError(Code.CONFLICT, field="crate")
    goal, centre = _goal(hand), hand.place()
    if goal.id == centre.id:
        raise LendingError(Code.INVALID, field="to")
    row = Consignment(
        id=hand.beep.id,
        district_id=hand.actor.district_id,
        crate_id=hand.crate.id,
        way=Way.OUT,
        from_site_id=centre.id,
        to_site_id=goal.id,
        opened_at=hand.beep.at,
        opened_by=hand.by(),
    )
    hand.session.add(row)
    hand.session.flush()
    seal(hand.session, row, by=hand.by(), at=hand.beep.at, checked=hand.beep.ask)
    return row
