"""The driver takes back an own take: the scan is voided, the crate stands where it stood before."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.loop.tables import Scan
from lending.people.actors import Actor, ActorKind
from lending.people.sealing import Keys
from lending.places.sites import load_sites
from lending.requests.acting import signature
from lending.requests.pickups.untake import untake_pickup
from lending.requests.pickups.views import load_pickups
from lending.requests.round_tables import Consignment, Round, Stop, StopOutcome, Way
from lending.wares.crates import unsoil_crates

UNDO_FOR = timedelta(hours=24)  # as long as a site may void its own scans


@dataclass(frozen=True, slots=True)
class Undo:
    """`id`: of the word itself; `of`: the take that was a mistake; `at`: by the corrected clock."""

    id: uuid.UUID
    of: uuid.UUID
    at: datetime


def undo_take(
    session: Session, undo: Undo, *, stop: Stop, actor: Actor, keys: Keys, now: datetime
) -> None:
    """Voids what the actor took at a stop of a round that is still driven; again it changes nothing,
    and of a take that was never recorded nothing is left to undo.

    Couriers void no scans by themselves: the system does it in their name once it is sure that the
    take is their own. NOT_ALLOWED_HERE (of): somebody else's, another stop's, or one of more than a
    day ago; CONFLICT (of): its round is over or the crate is at the centre already.
    """
    if stop.pickup_id is not None:
        _untake(session, undo, stop, actor=actor, keys=keys, now=now)
    scan = session.get(Scan, undo.of)
    if scan is None:
        return
    _check_own(session, scan, stop, actor, undo)
    way = session.get(Consignment, undo.of, with_for_update=True, populate_existing=True)
    if way is not None and way.dissolved_at is not None:
        return
    if way is not None and way.received_at is not None:
        raise LendingError(Code.CONFLICT, field="of")
    _void(session, scan, undo, actor=actor, keys=keys, now=now)
    if way is not None:
        _stand_again(session, way, undo, actor=actor, now=now)


def _untake(
    session: Session, undo: Undo, stop: Stop, *, actor: Actor, keys: Keys, now: datetime
) -> None:
    """The request waits again, and so does its stop, where nothing else of it was taken."""
    untake_pickup(session, take_id=undo.of, actor=actor, keys=keys, now=now)
    assert stop.pickup_id is not None
    request = load_pickups(session, pickup_ids=[stop.pickup_id])[stop.pickup_id]
    if request.taken_at is None and stop.outcome is StopOutcome.DONE:
        stop.outcome = stop.told_id = stop.told_at = stop.told_by = stop.recorded_at = None
        session.flush()


def _check_own(session: Session, scan: Scan, stop: Stop, actor: Actor, undo: Undo) -> None:
    drive = session.get(Round, stop.round_id)
    own = (scan.sender_kind, scan.sender_id) == (actor.kind.value, actor.id)
    here = scan.action is Action.COLLECT and scan.site_id == stop.site_id
    if not own or not here or undo.at - scan.occurred_at > UNDO_FOR:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="of")
    if drive is None or (drive.ended_at is not None and drive.ended_at < undo.at):
        raise LendingError(Code.CONFLICT, field="of")


def _void(
    session: Session, scan: Scan, undo: Undo, *, actor: Actor, keys: Keys, now: datetime
) -> None:
    place = load_sites(session, site_ids=[scan.site_id])[scan.site_id]
    void = ScanIn(
        undo.id, Action.VOID, scan.code, undo.at, site=place.code, of=scan.id,
        staff_id=actor.id if actor.kind is ActorKind.STAFF else None,
    )  # fmt: skip
    [receipt] = record_scans(
        session, [void], actor=system_actor(scan.district_id), keys=keys, now=now
    )
    if receipt.result is Result.REFUSED:
        raise LendingError(receipt.error or Code.CONFLICT, field="of")


def _stand_again(
    session: Session, way: Consignment, undo: Undo, *, actor: Actor, now: datetime
) -> None:
    """The crate is on no way back, and on the way out whose end the take had told."""
    unsoil_crates(session, [undo.of], district_id=way.district_id, now=now)
    way.dissolved_at, way.dissolved_by = undo.at, signature(actor)
    session.flush()
    before = sa.select(Consignment).where(
        Consignment.crate_id == way.crate_id,
        Consignment.way == Way.OUT,
        Consignment.received_at == way.opened_at,
        Consignment.received_by == way.opened_by,
    )
    for out in session.scalars(before.with_for_update()):
        out.received_at = out.received_by = None
    session.flush()
