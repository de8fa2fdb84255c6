"""One beep at the washing table: a piece, a command of the wall sheet, or a waiting set."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.commands import FAULTS, STEPS, Command
from lending.loop.scans import Receipt, Result
from lending.loop.steps import Action, State
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView
from lending.washing.table.commands import choose_fault, finish_set, take_step
from lending.washing.table.crates import take_in_hand, unload
from lending.washing.table.desk import (
    Desk,
    PieceRow,
    begin_set,
    lock_set,
    move_to,
    note_act,
    open_desk,
)
from lending.washing.table.outcomes import WAY, Answer, Beep, Load, Outcome
from lending.washing.table.sets import (
    Found,
    Membership,
    find_item,
    find_membership,
    is_open,
    load_set,
)
from lending.washing.table.tables import WashAct
from lending.washing.table.undo import undo_last


def take_beep(
    session: Session, beep: Beep, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> Answer:
    """Does what was scanned and says what became of it; the same id again is done once.

    INVALID or BAD_CHECK_DIGIT for a text that is no item's code; NOT_FOUND for a set that is over;
    NOT_ALLOWED_HERE without a right to the step at this site.
    """
    desk = open_desk(session, beep, actor=actor, site=site, keys=keys, now=now)
    done = session.scalars(sa.select(WashAct).where(WashAct.request_id == beep.id)).first()
    if done is not None:
        return _repeat(desk, done)
    if beep.take is not None:
        return _take_set(desk, beep.take)
    if beep.command is None:
        return _take_piece(desk, read_code(beep.code or ""))
    return _obey(desk, beep.command)


def _obey(desk: Desk, command: Command) -> Answer:
    if command in STEPS:
        return take_step(desk, STEPS[command])
    if command in FAULTS:
        return choose_fault(desk, command)
    return undo_last(desk) if command is Command.UNDO else finish_set(desk)


def _repeat(desk: Desk, act: WashAct) -> Answer:
    """What this beep came to when it was taken; nothing is done twice."""
    if act.site_id != desk.site.id:
        raise LendingError(Code.ID_REUSED, field="id")
    receipt, code, load = None, desk.beep.code, None
    if act.outcome is Outcome.RECORDED and act.action is not None and code is not None:
        scan = desk.scan(act.request_id, act.action, read_code(code), reason=act.reason)
        [receipt] = desk.record([scan])
        load = Load(act.count - 1, 0) if act.count > 1 else None
    over = None
    if act.outcome in (Outcome.FINISHED, Outcome.PUT_DOWN) and act.set_id is not None:
        over = load_set(desk.session, set_id=act.set_id)
    return Answer(
        act.request_id,
        act.outcome,
        act.action,
        act.reason,
        code,
        receipt,
        act.count,
        over=over,
        load=load,
    )


def _take_set(desk: Desk, set_id: uuid.UUID) -> Answer:
    lane, now = desk.lane, desk.now
    if not is_open(desk.session, set_id=set_id, site_id=desk.site.id, now=now):
        raise LendingError(Code.NOT_FOUND, field="take")
    before = (lane.set_id, lane.step)
    desk.drop_fault()
    move_to(desk, set_id)
    note_act(desk, Outcome.TAKEN, before=before, set_id=set_id)
    return Answer(desk.beep.id, Outcome.TAKEN)


def _take_piece(desk: Desk, code: str) -> Answer:
    """The piece takes the chosen step and joins the set in hand, unless it is known to another."""
    lane, action = desk.lane, desk.lane.step
    item = find_item(desk.session, code=code, district_id=desk.site.district_id)
    found = item and find_membership(
        desk.session, item_id=item.id, site_id=desk.site.id, now=desk.now
    )
    if lane.fault is not None:
        return _take_fault(desk, code, item, found or None)
    mine = bool(found) and found.set_id == lane.set_id if found else False
    if found and not mine and found.action not in WAY:
        found = None  # scanned out of that set: it begins anew
    if found and _has_taken(found, action) and (mine or action is not Action.RECEIVE):
        if mine:
            return Answer(desk.beep.id, Outcome.ALREADY, found.action, code=code)
        return _meet(desk, found, code)
    if found and not mine and action is Action.RECEIVE:
        return _meet(desk, found, code)
    return _record_step(desk, code, item, found or None)


def _has_taken(found: Membership, action: Action) -> bool:
    return found.action in WAY and WAY.index(found.action) >= WAY.index(action)


def _meet(desk: Desk, found: Membership, code: str) -> Answer:
    """A piece of another set: who has nothing left to do takes that set up, with all its pieces."""
    lane, current = desk.lane, desk.current()
    step = Action.WASH if lane.step is Action.RECEIVE else lane.step
    if current is not None and current.before(step):
        return Answer(desk.beep.id, Outcome.ELSEWHERE, found.action, code=code)
    before = (lane.set_id, lane.step)
    lock_set(desk, found.set_id)
    move_to(desk, found.set_id)
    note_act(desk, Outcome.TAKEN, before=before, set_id=found.set_id)
    return Answer(desk.beep.id, Outcome.TAKEN, code=code)


def _record_step(desk: Desk, code: str, item: Found | None, found: Membership | None) -> Answer:
    lane, action = desk.lane, desk.lane.step
    before = (lane.set_id, action)
    lock_set(desk, found.set_id if found else lane.set_id)
    is_crate = item is not None and item.carrier
    bag = lane.crate if action is Action.RECEIVE and not is_crate else None
    [receipt] = desk.record([desk.scan(desk.beep.id, action, code, crate=bag)])
    if receipt.result is Result.REFUSED:
        return Answer(desk.beep.id, Outcome.REFUSED, action, code=code, receipt=receipt)
    rows, load = _with_load(desk, receipt, item, code, action)
    member = _can_go_on(receipt)
    set_id = _set_for(desk, found, action) if member else None
    pieces = [(receipt.id, item.id if item else None, code, member), *rows]
    note_act(desk, Outcome.RECORDED, before=before, set_id=set_id, action=action, pieces=pieces)
    count = load.pieces if load else 1
    return Answer(
        desk.beep.id, Outcome.RECORDED, action, code=code, receipt=receipt, count=count, load=load
    )


def _with_load(
    desk: Desk, receipt: Receipt, item: Found | None, code: str, action: Action
) -> tuple[list[PieceRow], Load | None]:
    """What a crate took along."""
    if item is None or not item.carrier:
        return [], None
    take_in_hand(desk, [code], action)
    return unload(desk, {receipt.id: item.id}, action)[receipt.id]


def _can_go_on(receipt: Receipt) -> bool:
    """Unknown labels and retired pieces are noted, but carried no further with a set."""
    return receipt.item is not None and receipt.item.state is not State.RETIRED


def _set_for(desk: Desk, found: Membership | None, action: Action) -> uuid.UUID:
    """The set a piece counts into; the one in hand changes when nothing of it is left to do."""
    current = desk.current()
    if found is not None:
        if current is None or (current.id != found.set_id and not current.before(action)):
            move_to(desk, found.set_id)
        return found.set_id
    if current is None or current.beyond(action):
        return begin_set(desk)
    return current.id


def _take_fault(desk: Desk, code: str, item: Found | None, found: Membership | None) -> Answer:
    """The piece leaves its set with the fault that was scanned before it."""
    lane = desk.lane
    assert lane.fault is not None
    action, reason = FAULTS[lane.fault], lane.fault.value
    if found and (found.action, found.reason) == (action, reason):
        return Answer(desk.beep.id, Outcome.ALREADY, action, reason, code)
    before = (lane.set_id, lane.step)
    if lane.fault is Command.STAIN and item is not None and item.kept_stained:
        if not lane.fault_stays:
            desk.drop_fault()
        note_act(desk, Outcome.KEPT, before=before, action=action, reason=reason)
        return Answer(desk.beep.id, Outcome.KEPT, action, reason, code)
    lock_set(desk, found.set_id if found else None)
    [receipt] = desk.record([desk.scan(desk.beep.id, action, code, reason=reason)])
    if receipt.result is Result.REFUSED:
        return Answer(desk.beep.id, Outcome.REFUSED, action, reason, code, receipt)
    if not lane.fault_stays:
        desk.drop_fault()
    rows, load = _with_load(desk, receipt, item, code, action)
    known = item.id if item else None
    note_act(
        desk, Outcome.RECORDED, before=before, action=action, reason=reason,
        set_id=found.set_id if found else None,
        pieces=[(receipt.id, known, code, found is not None), *(rows if found else ())],
    )  # fmt: skip
    count = load.pieces if load else 1
    return Answer(desk.beep.id, Outcome.RECORDED, action, reason, code, receipt, count, load=load)
