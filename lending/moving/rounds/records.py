"""What a driver's phone tells of a round, at once or hours later: each record counts once."""

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.moving.packing.crates import find_crate, latest
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.drivers import check_drives
from lending.moving.rounds.driving import StopTold, move_stop, tell_stop
from lending.moving.rounds.fetching import fetch_pickup, is_carrier, miss_at_stop
from lending.moving.rounds.lifecycle import begin_round, end_round
from lending.moving.rounds.told import OF_CODE, OF_STOP, First, Record, Recorded, Told, What
from lending.moving.rounds.undo import Undo, undo_take
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.emptying import empty_box
from lending.requests.round_tables import Round, StopOutcome, Way


def record_all(
    session: Session, records: list[Record], *, actor: Actor, keys: Keys, now: datetime
) -> list[Recorded]:
    """Records them in their order, each by itself: one that is refused changes nothing and spoils
    no other. Sent again, nothing changes. Refusals are the services' own, and NOT_FOUND (round,
    stop) for what this actor does not drive, INVALID for a missing part. Raises ChangedMeanwhile.
    """
    done: list[Recorded] = []
    for record in records:
        try:
            with session.begin_nested():
                first = _record(Told(session, record, actor, keys, now))
        except LendingError as error:
            session.expire_all()
            done.append(Recorded(record.id, error.code, error.field))
        else:
            done.append(Recorded(record.id, first=first))
    return done


def _record(told: Told) -> First | None:
    drive = check_drives(told.session, round_id=told.record.round_id, actor=told.actor)
    if told.record.what in OF_CODE:
        told.code()
    if told.record.what in OF_STOP:
        told.stop()
    return _WAYS[told.record.what](told, drive)


def _begin(told: Told, drive: Round) -> None:
    begin_round(told.session, round_id=drive.id, at=told.at, actor=told.actor, drives=True)


def _end(told: Told, drive: Round) -> None:
    end_round(told.session, round_id=drive.id, at=told.at, actor=told.actor)


def _load(told: Told, drive: Round) -> None:
    """A crate that no list filled is refused: nobody knows where it is to go."""
    depot = load_sites(told.session, site_ids=[drive.site_id])[drive.site_id]
    told.move(Move.LOAD, site=depot.code)


def _deliver(told: Told, drive: Round) -> None:
    """A crate that stands at its stop was loaded, whether somebody scanned it then or not."""
    session, record = told.session, told.record
    crate = find_crate(session, code=told.code(), district_id=told.actor.district_id)
    row = latest(session, crate_id=crate.id, at=told.at)
    if row is None or row.way is not Way.OUT or row.loaded_at is None:
        depot = load_sites(session, site_ids=[drive.site_id])[drive.site_id]
        told.move(
            Move.LOAD, id=uuid.uuid5(record.id, "load"), site=depot.code, to=told.place().code
        )
    told.move(Move.DELIVER)


def _take(told: Told, _drive: Round) -> First | None:
    """Crates and bags come along with all that is in them; anything else by itself."""
    if (pickup := told.stop().pickup_id) is not None:
        return fetch_pickup(told, pickup, code=told.code())
    place = told.place()
    if is_carrier(told):
        told.move(Move.TAKE, site=place.code)
        return None
    _scan(told, Action.COLLECT, place)
    return None


def _scan(told: Told, action: Action, place: SiteView) -> None:
    """A piece by itself, as it happened."""
    record = told.record
    scan = ScanIn(
        record.id, action, told.code(), record.at, False, place.code, seq=record.seq,
        clock_error=record.clock_error, clock_lost=record.clock_lost,
    )  # fmt: skip
    [receipt] = record_scans(
        told.session, [scan], actor=told.actor, keys=told.keys, now=told.now,
        sent_at=record.sent_at,
    )  # fmt: skip
    if receipt.result is Result.REFUSED:
        raise LendingError(receipt.error or Code.INVALID, field=receipt.field or "code")


def _picked(told: Told, _drive: Round) -> First | None:
    pickup = told.stop().pickup_id
    if pickup is None:
        raise LendingError(Code.INVALID, field="stop")
    return fetch_pickup(told, pickup, code=None)


def _emptied(told: Told, _drive: Round) -> None:
    if told.stop().pickup_id is not None:
        raise LendingError(Code.INVALID, field="stop")
    empty_box(
        told.session, site_id=told.stop().site_id, id=told.record.id, at=told.at,
        actor=told.actor, keys=told.keys, now=told.now,
    )  # fmt: skip


def _tell(told: Told, _drive: Round) -> First | None:
    outcome = StopOutcome(told.record.what.value)
    note = told.record.note if outcome is StopOutcome.NOBODY else ""
    tell_stop(
        told.session, StopTold(told.record.id, told.stop().id, outcome, told.at, note),
        actor=told.actor, now=told.now,
    )  # fmt: skip
    if outcome is StopOutcome.NOBODY and (pickup := told.stop().pickup_id) is not None:
        return miss_at_stop(told, pickup)
    return None


def _move(told: Told, _drive: Round) -> None:
    """A stop that is told already stands where it stands."""
    stop, position = told.stop(), told.record.position
    if position is None:
        raise LendingError(Code.INVALID, field="position")
    if stop.outcome is None:
        move_stop(told.session, stop_id=stop.id, position=position, actor=told.actor)


def _undo(told: Told, _drive: Round) -> None:
    if told.record.of is None:
        raise LendingError(Code.INVALID, field="of")
    undo_take(
        told.session, Undo(told.record.id, told.record.of, told.at), stop=told.stop(),
        actor=told.actor, keys=told.keys, now=told.now,
    )  # fmt: skip


def _bring(told: Told, drive: Round) -> None:
    """Crates and bags come in with all that is in them; a piece that came along by itself, alone."""
    depot = load_sites(told.session, site_ids=[drive.site_id])[drive.site_id]
    if is_carrier(told):
        return told.move(Move.BRING, site=depot.code)
    return _scan(told, Action.RECEIVE, depot)


_WAYS: dict[What, Callable[[Told, Round], First | None]] = {
    What.BEGIN: _begin,
    What.LOAD: _load,
    What.DELIVER: _deliver,
    What.TAKE: _take,
    What.PICKED: _picked,
    What.EMPTIED: _emptied,
    What.DONE: _tell,
    What.NOBODY: _tell,
    What.MOVE: _move,
    What.UNDO: _undo,
    What.BRING: _bring,
    What.END: _end,
}
