"""Takes back what an operator did last: one scan, the step of a whole set, a choice, a finish."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from lending.errors import Code, LendingError
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from lending.wares.crates import unsoil_crates
from lending.washing.table.desk import Desk, lock_set, note_act
from lending.washing.table.outcomes import Answer, Outcome
from lending.washing.table.tables import WashAct, WashPiece

UNDO_FOR = timedelta(hours=24)  # as long as a site may void its own scans
UNDOABLE = (
    Outcome.RECORDED, Outcome.WHOLE, Outcome.TRAY, Outcome.STEP, Outcome.TAKEN, Outcome.FINISHED,
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
    acts = _with_its_tray(desk, act)
    for set_id in sorted({one.set_id for one in acts if one.set_id}):
        lock_set(desk, set_id)
    count, code = _void(desk, acts)
    lane.crate = None
    for one in acts:
        one.undone_at = desk.now
    first = acts[0]
    lock_set(desk, first.set_before)  # it may have been closed by the act
    lane.set_id, lane.step = first.set_before, first.step_before
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


def _with_its_tray(desk: Desk, act: WashAct) -> list[WashAct]:
    """The act, with the others of the same tray, in their order: a tray is undone as a whole."""
    if act.tray_id is None:
        return [act]
    query = sa.select(WashAct).where(WashAct.tray_id == act.tray_id, WashAct.undone_at.is_(None))
    return list(desk.session.scalars(query.order_by(WashAct.id)))


def _void(desk: Desk, acts: list[WashAct]) -> tuple[int, str | None]:
    """Voids all scans of the acts; how many, and the code when it was one. What a crate took along
    goes with the crate's own scan."""
    ids = [act.id for act in acts]
    query = (
        sa.select(WashPiece.scan_id, WashPiece.code, Scan.of, Item.carrier)
        .join(Scan, Scan.id == WashPiece.scan_id)
        .outerjoin(Item, Item.id == WashPiece.item_id)
        .where(WashPiece.act_id.in_(ids))
        .order_by(WashPiece.scan_id)
    )
    found = desk.session.execute(query).all()
    rows = [row for row in found if row.of is None]
    beep = desk.beep
    voids = [
        ScanIn(
            uuid.uuid5(beep.id, str(scan)), Action.VOID, code, beep.at, site=desk.site.code,
            of=scan, seq=beep.seq, clock_error=beep.clock_error, clock_lost=beep.clock_lost,
        )
        for scan, code, _, _ in rows
    ]  # fmt: skip
    for receipt in desk.record(voids) if voids else ():
        if receipt.result is Result.REFUSED:
            raise LendingError(receipt.error or Code.CONFLICT, field="undo")
    crates = [row.scan_id for row in rows if row.carrier]
    if crates:
        unsoil_crates(desk.session, crates, district_id=desk.site.district_id, now=desk.now)
    count = sum(not row.carrier for row in found)
    return count, rows[0].code if len(rows) == 1 else None
