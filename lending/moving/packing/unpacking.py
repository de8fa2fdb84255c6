"""Pieces and quantities come out of a crate again, before it is sealed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.moving.packing.counted import CountedPacking, find_counted_kinds, is_known_call
from lending.moving.packing.crates import Busy, counted_in, find_crate
from lending.moving.packing.judging import Fate, Verdict, find_known, judge_pieces
from lending.moving.packing.lists import get_packing_list
from lending.moving.packing.pieces import Packed, busy_with, check_codes, check_place
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.requests.consignments import underway
from lending.requests.round_tables import Consignment
from lending.wares.crates import CrateCall, unpack_counted
from lending.wares.crates import Packing as Line
from lending.wares.ledger import require_all
from lending.wares.ways import Condition, Why


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Pieces taken out of whatever crate they are in; `id` and `at` as for packing."""

    id: uuid.UUID
    list_id: uuid.UUID
    codes: Sequence[str]
    at: datetime


def unpack_pieces(
    session: Session, unpacking: Unpacking, *, actor: Actor, keys: Keys, now: datetime
) -> tuple[Packed, ...]:
    """Takes pieces out of their crates at the list's packing place; one line per code as sent.

    NOT_FOUND (list), INVALID or TOO_LARGE (codes), CONFLICT (crate, detail `Busy.SEALED`) when one
    lies in a crate that is sealed and still here: nothing is taken out then.
    """
    check_codes(unpacking.codes)
    row = get_packing_list(session, list_id=unpacking.list_id, district_id=actor.district_id)
    centre = check_place(session, row.from_site_id, actor)
    known = find_known(session, request_id=unpacking.id, codes=unpacking.codes)
    told = judge_pieces(
        session, district_id=actor.district_id, codes=unpacking.codes, known=known
    )  # fmt: skip
    _refuse_sealed(session, {one.crate_id for one in told.values() if one.crate_id})
    fates = {text: _fate(one) for text, one in told.items()}
    fresh = [text for text, one in told.items() if fates[text] is Fate.OUT and not one.known]
    out = list(dict.fromkeys(told[text].code for text in fresh))
    scans = [
        ScanIn(uuid.uuid5(unpacking.id, code), Action.UNPACK, code, unpacking.at, site=centre.code)
        for code in out
    ]
    receipts = record_scans(session, scans, actor=actor, keys=keys, now=now) if scans else []
    refused = {
        scan.code: receipt.error
        for scan, receipt in zip(scans, receipts, strict=True)
        if receipt.result is Result.REFUSED
    }
    lines = []
    for text in unpacking.codes:
        one = told[text]
        error = refused.get(one.code, one.error if fates[text] is Fate.REFUSED else None)
        fate = Fate.REFUSED if error else fates[text]
        lines.append(Packed(text, error, fate, one.kind))
    return tuple(lines)


def unpack_counted_ware(
    session: Session, packing: CountedPacking, *, actor: Actor, now: datetime
) -> None:
    """Clean counted ware comes out of a crate of a list, back to the packing place.

    NOT_FOUND (list, crate, kind), CONFLICT (crate) for a sealed crate or one of another list,
    INVALID for more than is in it.
    """
    row = get_packing_list(session, list_id=packing.list_id, district_id=actor.district_id)
    centre = check_place(session, row.from_site_id, actor)
    crate = find_crate(session, code=packing.crate, district_id=actor.district_id)
    kinds = find_counted_kinds(session, packing.quantities, actor.district_id)
    call = CrateCall(packing.id, crate.id, centre.id, packing.at, ref=row.id)
    if is_known_call(session, packing, kinds, Why.UNPACKED):
        return
    way = underway(session, crate_id=crate.id, lock=True)
    if way is None:
        raise LendingError(Code.CONFLICT, field="crate", detail=Busy.NO_LIST)
    if (busy := busy_with(way, row.id)) is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail=busy)
    _refuse_more_than_inside(session, crate.id, packing)
    lines = [Line(kinds[kind], count) for kind, count in sorted(packing.quantities.items())]
    require_all(unpack_counted(session, call, lines, actor=actor, now=now))


def _fate(told: Verdict) -> Fate:
    """A piece comes out whatever may be wrong with it: that is often why."""
    if told.known:
        return Fate.OUT
    if told.kind is None or told.error is Code.INVALID:
        return Fate.REFUSED
    return Fate.OUT if told.crate_id else Fate.LOOSE


def _refuse_sealed(session: Session, crates: set[int | None]) -> None:
    query = sa.select(Consignment.id).where(
        Consignment.crate_id.in_(crates),
        Consignment.sealed_at.is_not(None),
        Consignment.loaded_at.is_(None),
        Consignment.dissolved_at.is_(None),
    )
    if crates and session.scalar(query.limit(1)) is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail=Busy.SEALED)


def _refuse_more_than_inside(session: Session, crate_id: int, packing: CountedPacking) -> None:
    inside = {
        line.kind: line.quantity
        for line in counted_in(session, crate_id=crate_id)
        if line.condition is Condition.CLEAN
    }
    if any(count > inside.get(kind, 0) for kind, count in packing.quantities.items()):
        raise LendingError(Code.INVALID, field="quantities")
