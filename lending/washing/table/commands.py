"""The commands of the wall sheet but undo: a step for the whole set, a fault, the end of a set."""

import uuid

from lending.loop.commands import FAULTS, Command
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.washing.table.desk import Desk, lock_set, move_to, note_act, set_closed
from lending.washing.table.outcomes import Answer, Outcome
from lending.washing.table.sets import pending_of


def take_step(desk: Desk, action: Action) -> Answer:
    """Receive, wash or pass: for what is in the set and waits for it, and for the pieces to come.

    A new set begins by itself with the next piece received after a wash.
    """
    lane, current = desk.lane, desk.current()
    before = (lane.set_id, lane.step)
    desk.drop_fault()
    lane.step, lane.crate = action, None
    if current is not None and current.before(action):
        return _take_whole(desk, current.id, action, before)
    if current is not None and current.inside and action is not Action.RECEIVE:
        return Answer(desk.beep.id, Outcome.AGAIN, action, count=current.inside)
    if current is not None and current.beyond(action):
        move_to(desk, None)
    note_act(desk, Outcome.STEP, before=before, action=action)
    return Answer(desk.beep.id, Outcome.STEP, action)


def _take_whole(
    desk: Desk, set_id: uuid.UUID, action: Action, before: tuple[uuid.UUID | None, Action]
) -> Answer:
    """One call of the writer for all of them; one piece refused never holds up the others."""
    lock_set(desk, set_id)
    pending = pending_of(desk.session, set_id=set_id, action=action)
    scans = [
        desk.scan(uuid.uuid5(desk.beep.id, str(piece.item_id)), action, piece.code)
        for piece in pending
    ]
    receipts = desk.record(scans)
    pairs = list(zip(pending, receipts, strict=True))
    taken = [
        (receipt.id, piece.item_id, piece.code, True)
        for piece, receipt in pairs
        if receipt.result is not Result.REFUSED
    ]
    failed = [pair for pair in pairs if pair[1].result is Result.REFUSED]
    first = failed[0][1] if failed else None
    refused = tuple(piece.code for piece, _ in failed)
    if taken:
        note_act(
            desk, Outcome.WHOLE, before=before, set_id=set_id, action=action, pieces=taken,
            refused=len(failed),
        )  # fmt: skip
    outcome = Outcome.WHOLE if taken else Outcome.REFUSED
    return Answer(desk.beep.id, outcome, action, receipt=first, count=len(taken), refused=refused)


def choose_fault(desk: Desk, command: Command) -> Answer:
    """The next piece has this fault; scanned twice, every piece until the next command."""
    lane = desk.lane
    lane.fault_stays = lane.fault is command
    lane.fault = command
    outcome = Outcome.FAULT_STAYS if lane.fault_stays else Outcome.FAULT
    note_act(
        desk, outcome, before=(lane.set_id, lane.step), action=FAULTS[command],
        reason=command.value,
    )  # fmt: skip
    return Answer(desk.beep.id, outcome, FAULTS[command], command.value)


def finish_set(desk: Desk) -> Answer:
    """Puts the set down: closed when all of it was passed or scanned out, else it waits."""
    lane, current = desk.lane, desk.current()
    before = (lane.set_id, lane.step)
    desk.drop_fault()
    lane.set_id, lane.step, lane.crate = None, Action.RECEIVE, None
    if current is None or not current.steps:
        note_act(desk, Outcome.NOTHING, before=before)
        return Answer(desk.beep.id, Outcome.NOTHING, reason=Command.FINISH.value)
    outcome = Outcome.FINISHED if current.is_through else Outcome.PUT_DOWN
    set_closed(desk, current.id, closed_at=desk.now if current.is_through else None)
    note_act(desk, outcome, before=before, set_id=current.id)
    return Answer(desk.beep.id, outcome, count=current.inside, over=current)
