"""Takes back what an operator did last: one scan, the step of a whole set, a choice, a finish."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from lending.errors import Code, LendingError
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.washing.desk import Desk, lock_set, note_act
from lending.washing.outcomes import Answer, Outcome
from lending.washing.tables import WashAct, WashPiece

UNDO_FOR = timedelta(hours=24)  # as long as a site may void its own scans
UNDOABLE = (
    Outcome.RECORDED, Outcome.WHOLE, Outcome.STEP, Outcome.TAKEN, Outcome.FINISHED,
    Outcome.PUT_DOWN,
)  # fmt: skip


def undo_last(desk: Desk) -> Answer:
    """A fault that waits for its piece is dropped; else the lane's last act is voided in one call.

    The lane stands again where it stood before. NOT_ALLOWED_HERE when a scan can no longer be
    taken back; then nothing is.
    """
    lane = desk.lane
    before = (lane.set_id, lane.step)
    if lane.fault is not None:
        fault = lane.fault.value
        desk.drop_fault()
        note_act(desk, Outcome.UNDONE, before=before, reason=fault)
        return Answer(desk.beep.id, Outcome.UNDONE, reason=fault)
    act = _last_act(desk)
    if act is None:
        note_act(desk, Outcome.NOTHING, before=before)
        return Answer(desk.beep.id, Outcome.NOTHING)
    lock_set(desk, act.set_id)
    count, code = _void(desk, act)
    act.undone_at = desk.now
    lock_set(desk, act.set_before)  # it may have been closed by the act
    lane.set_id, lane.step = act.set_before, act.step_before
    note_act(desk, Outcome.UNDONE, before=before, set_id=act.set_id, action=act.action)
    return Answer(desk.beep.id, Outcome.UNDONE, act.action, act.reason, code, count=count)


def _last_act(desk: Desk) -> WashAct | None:
    query = (
        sa.select(WashAct)
        .where(
            WashAct.site_id == desk.site.id,
            WashAct.lane_id == desk.lane.id,
            WashAct.undone_at.is_(None),
            WashAct.outcome.in_(UNDOABLE),
            WashAct.made_at > desk.now - UNDO_FOR,
        )
        .order_by(WashAct.id.desc())
        .limit(1)
    )
    return desk.session.scalars(query).first()


def _void(desk: Desk, act: WashAct) -> tuple[int, str | None]:
    """Voids all scans of an act; how many, and the code when it was one."""
    query = sa.select(WashPiece.scan_id, WashPiece.code).where(WashPiece.act_id == act.id)
    rows = desk.session.execute(query).all()
    beep = desk.beep
    voids = [
        ScanIn(
            uuid.uuid5(beep.id, str(scan)), Action.VOID, code, beep.at, site=desk.site.code,
            of=scan, seq=beep.seq, clock_error=beep.clock_error,
        )
        for scan, code in rows
    ]  # fmt: skip
    for receipt in desk.record(voids) if voids else ():
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.CONFLICT, field="undo")
    return len(rows), rows[0].code if len(rows) == 1 else None
