"""An operator's place at the washing table: the lane, the set in hand, what is written down."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows
from lending.db import table_of
from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, ScanIn
from lending.loop.steps import Action
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.people.upserts import insert_or
from lending.places.sites import SiteView
from lending.washing.table.outcomes import Beep, LaneView, Outcome, SetView
from lending.washing.table.sets import is_open, load_set
from lending.washing.table.tables import WashAct, WashLane, WashPiece, WashSet

CRATE_FOR = timedelta(minutes=30)  # nobody empties a bag for longer
LATE = timedelta(seconds=60)  # sent later than this it has happened: nothing is asked any more

PieceRow = tuple[uuid.UUID, int | None, str, bool]  # scan, item, code, whether it is in the set


@dataclass(slots=True)
class Desk:
    """One operator with one beep; the lane's row is locked, so beeps of a lane come in turn."""

    session: Session
    beep: Beep
    actor: Actor
    site: SiteView
    keys: Keys
    now: datetime
    lane: WashLane

    @property
    def is_late(self) -> bool:
        return self.beep.sent_at - self.beep.at > LATE

    def scan(self, id: uuid.UUID, action: Action, code: str, **more: Any) -> ScanIn:
        """A scan of this beep: asked while the piece is still in the hand."""
        beep = self.beep
        return ScanIn(
            id, action, code, beep.at, ask=not self.is_late, site=self.site.code, seq=beep.seq,
            clock_error=beep.clock_error, clock_lost=beep.clock_lost, **more,
        )  # fmt: skip

    def record(self, scans: Sequence[ScanIn]) -> list[Receipt]:
        """One call of the writer; raises NOT_ALLOWED_HERE when the actor has no right to it."""
        receipts = record_scans(
            self.session, scans, actor=self.actor, keys=self.keys, now=self.now,
            sent_at=self.beep.sent_at,
        )  # fmt: skip
        for receipt in receipts:
            if receipt.error is Code.NOT_ALLOWED_HERE:
                raise LendingError(Code.NOT_ALLOWED_HERE, field=receipt.field)
        return receipts

    def current(self) -> SetView | None:
        """The set in hand."""
        set_id = self.lane.set_id
        return load_set(self.session, set_id=set_id) if set_id else None

    def drop_fault(self) -> None:
        self.lane.fault, self.lane.fault_stays = None, False


def open_desk(
    session: Session, beep: Beep, *, actor: Actor, site: SiteView, keys: Keys, now: datetime
) -> Desk:
    """Locks the operator's lane, made at its first beep; a set that lapsed is no longer in hand."""
    fresh = {
        "site_id": site.id,
        "id": beep.lane,
        "district_id": site.district_id,
        "set_id": None,
        "step": Action.RECEIVE,
        "fault": None,
        "fault_stays": False,
        "crate": None,
        "touched_at": now,
    }
    session.execute(insert_or(session, WashLane).values(fresh).on_conflict_do_nothing())
    query = sa.select(WashLane).where(WashLane.site_id == site.id, WashLane.id == beep.lane)
    lane = session.scalars(query.with_for_update()).one()
    if lane.touched_at < now - CRATE_FOR:
        lane.crate = None
    lane.touched_at = now
    if lane.set_id and not is_open(session, set_id=lane.set_id, site_id=site.id, now=now):
        lane.set_id = None
    return Desk(session, beep, actor, site, keys, now, lane)


def view_lane(
    session: Session, *, site_id: int, lane_id: uuid.UUID | None, now: datetime
) -> LaneView:
    """Where an operator stands; a lane never seen begins with receiving."""
    query = sa.select(WashLane).where(WashLane.site_id == site_id, WashLane.id == lane_id)
    lane = session.scalars(query).one_or_none()
    if lane is None:
        return LaneView(Action.RECEIVE, None, False, None)
    held = lane.set_id
    if held and not is_open(session, set_id=held, site_id=site_id, now=now):
        held = None
    shown = load_set(session, set_id=held) if held else None
    crate = lane.crate if lane.touched_at >= now - CRATE_FOR else None
    return LaneView(lane.step, lane.fault, lane.fault_stays, shown, crate)


def lock_set(desk: Desk, set_id: uuid.UUID | None) -> None:
    """Two operators at one set take turns; always before the pieces are locked."""
    if set_id is not None:
        set_closed(desk, set_id, closed_at=None)


def set_closed(desk: Desk, set_id: uuid.UUID, *, closed_at: datetime | None) -> None:
    """Touches a set, and closes or opens it."""
    desk.session.execute(
        sa.update(WashSet)
        .where(WashSet.id == set_id)
        .values(touched_at=desk.now, closed_at=closed_at)
        .execution_options(synchronize_session=False)
    )


def move_to(desk: Desk, set_id: uuid.UUID | None) -> None:
    """Takes another set (or none) in hand; the one before is closed when it is through."""
    before = desk.current()
    if before is not None and before.id != set_id and before.is_through:
        set_closed(desk, before.id, closed_at=desk.now)
    desk.lane.set_id = set_id


def begin_set(desk: Desk) -> uuid.UUID:
    """A new set in hand."""
    set_id = uuid.uuid5(desk.beep.id, "set")
    fresh = {
        "id": set_id,
        "district_id": desk.site.district_id,
        "site_id": desk.site.id,
        "opened_at": desk.now,
        "touched_at": desk.now,
        "closed_at": None,
    }
    desk.session.execute(insert_or(desk.session, WashSet).values(fresh).on_conflict_do_nothing())
    move_to(desk, set_id)
    return set_id


def note_act(
    desk: Desk,
    outcome: Outcome,
    *,
    before: tuple[uuid.UUID | None, Action],
    set_id: uuid.UUID | None = None,
    action: Action | None = None,
    reason: str | None = None,
    pieces: Sequence[PieceRow] = (),
    refused: int = 0,
    tray: tuple[uuid.UUID, int] | None = None,
) -> None:
    """Writes down what was done, so that it is done once and can be undone as a whole.

    `before`: the lane's set and step as they were. `tray`: its id and how many acts it has made.
    """
    again = uuid.uuid5(tray[0], str(tray[1])) if tray and tray[1] else None
    act = WashAct(
        request_id=again or desk.beep.id,
        tray_id=tray[0] if tray else None,
        district_id=desk.site.district_id,
        site_id=desk.site.id,
        lane_id=desk.lane.id,
        set_id=set_id,
        outcome=outcome,
        action=action,
        reason=reason,
        count=len(pieces),
        refused=refused,
        set_before=before[0],
        step_before=before[1],
        made_at=desk.now,
    )
    desk.session.add(act)
    desk.session.flush()
    rows = [
        {"scan_id": scan, "act_id": act.id, "item_id": item, "code": code, "member": member}
        for scan, item, code, member in pieces
    ]
    insert_rows(desk.session, table_of(WashPiece), rows)
