"""Pieces go into a crate by scan, for a packing list, and come out of it again."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.moving.packing.crates import (
    Busy,
    Crate,
    CrateView,
    find_crate,
    view_crate,
)
from lending.moving.packing.judging import Fate, Verdict, find_known, judge_pieces
from lending.moving.packing.lists import PackingView, get_packing_list, load_packing_list
from lending.moving.tables import PackingList
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.acting import place_of, signature
from lending.requests.consignments import underway
from lending.requests.round_tables import Consignment, Way

MOST_PIECES = 5_000  # of one call


@dataclass(frozen=True, slots=True)
class Packing:
    """Pieces put into a crate together; the request's id makes the ids of its scans, so that it may
    be sent again. `at`: when, by the corrected clock; `extra`: kinds the list does not name go in
    too."""

    id: uuid.UUID
    list_id: uuid.UUID
    crate: str
    codes: Sequence[str]
    at: datetime
    extra: bool = True


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of one code; `error` where it was refused, `kind` (a code) where it is known."""

    code: str
    error: Code | None = None
    fate: Fate = Fate.PACKED
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class PackAnswer:
    """One line per code as it was sent, the crate and the list as they stand then."""

    pieces: tuple[Packed, ...]
    crate: CrateView
    list: PackingView


def pack_pieces(
    session: Session, packing: Packing, *, actor: Actor, keys: Keys, now: datetime
) -> PackAnswer:
    """Packs pieces for a list; what is not clean, held or retired is left out and named, the others
    go in. More than the list says may go in: the list shows it.

    NOT_FOUND (list, crate), INVALID (crate: none, codes: none), TOO_LARGE beyond 5,000 codes,
    CONFLICT (crate, its detail a `Busy`) for a crate that is sealed or in use for another list.
    """
    check_codes(packing.codes)
    row = get_packing_list(session, list_id=packing.list_id, district_id=actor.district_id)
    centre = check_place(session, row.from_site_id, actor)
    crate = find_crate(session, code=packing.crate, district_id=actor.district_id)
    known = find_known(session, request_id=packing.id, codes=packing.codes)
    at = min(packing.at, now)
    take_crate(session, crate, row, request_id=packing.id, actor=actor, at=at, again=bool(known))
    told = judge_pieces(
        session, district_id=actor.district_id, codes=packing.codes, known=known
    )  # fmt: skip
    wanted = _wanted_kinds(session, row) if not packing.extra else None
    fates = {text: _fate(one, crate.id, wanted) for text, one in told.items()}
    fresh = [text for text, one in told.items() if _goes_in(fates[text]) and not one.known]
    good = list(dict.fromkeys(told[text].code for text in fresh))
    scans = [
        ScanIn(
            uuid.uuid5(packing.id, code), Action.PACK, code, packing.at, site=centre.code,
            crate=crate.code,
        )
        for code in good
    ]  # fmt: skip
    receipts = record_scans(session, scans, actor=actor, keys=keys, now=now) if scans else []
    refused = {
        scan.code: receipt.error
        for scan, receipt in zip(scans, receipts, strict=True)
        if receipt.result is Result.REFUSED
    }
    lines = [_line(text, told[text], fates[text], refused) for text in packing.codes]
    view = load_packing_list(session, list_id=row.id, district_id=row.district_id)
    return PackAnswer(
        _mark_surplus(lines, view), view_crate(session, crate_id=crate.id), view
    )  # fmt: skip


def check_codes(codes: Sequence[str]) -> None:
    """INVALID (codes) for none, TOO_LARGE (codes) beyond 5,000."""
    if not codes:
        raise LendingError(Code.INVALID, field="codes")
    if len(codes) > MOST_PIECES:
        raise LendingError(Code.TOO_LARGE, field="codes")


def check_place(session: Session, site_id: int, actor: Actor) -> SiteView:
    """The place, where the actor may act for it; NOT_ALLOWED_HERE (site)."""
    return place_of(
        session, actor=actor, code=load_sites(session, site_ids=[site_id])[site_id].code
    )


def take_crate(
    session: Session,
    crate: Crate,
    goal: PackingList,
    *,
    request_id: uuid.UUID,
    actor: Actor,
    at: datetime,
    again: bool,
) -> None:
    """The crate is this list's from its first piece on, however late word of that comes; of two
    lists exactly one gets it."""
    row = underway(session, crate_id=crate.id, lock=True)
    if again:
        return  # what it did is done, whatever became of the crate since
    if row is None:
        # A request of which nothing was packed is judged anew, and its crate may be given up since.
        given_up = session.get(Consignment, request_id) is not None
        fresh = Consignment(
            id=uuid.uuid4() if given_up else request_id,
            district_id=actor.district_id,
            crate_id=crate.id,
            way=Way.OUT,
            from_site_id=goal.from_site_id,
            to_site_id=goal.site_id,
            packing_id=goal.id,
            opened_at=at,
            opened_by=signature(actor),
        )
        session.add(fresh)
        session.flush()
    elif (busy := busy_with(row, goal.id)) is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail=busy)


def busy_with(row: Consignment, list_id: uuid.UUID) -> Busy | None:
    """Why a crate on this way cannot be packed for a list; None where it can."""
    if row.loaded_at is not None:
        return Busy.ON_ITS_WAY
    if row.packing_id != list_id:
        return Busy.OTHER_LIST
    return Busy.SEALED if row.sealed_at is not None else None


def _wanted_kinds(session: Session, row: PackingList) -> set[str]:
    view = load_packing_list(session, list_id=row.id, district_id=row.district_id)
    return {line.kind for line in view.lines if line.pieces > 0}


def _fate(told: Verdict, crate_id: int, wanted: set[str] | None) -> Fate:
    if told.error is not None:
        return Fate.REFUSED
    if told.known:
        return Fate.PACKED
    if told.crate_id == crate_id:
        return Fate.AGAIN
    if wanted is not None and told.kind not in wanted:
        return Fate.UNLISTED
    return Fate.PACKED if told.crate_id is None else Fate.MOVED


def _goes_in(fate: Fate) -> bool:
    return fate in (Fate.PACKED, Fate.MOVED)


def _line(text: str, told: Verdict, fate: Fate, refused: Mapping[str, Code | None]) -> Packed:
    if told.code in refused:
        return Packed(text, refused[told.code], Fate.REFUSED, told.kind)
    return Packed(text, told.error, fate, told.kind)


def _mark_surplus(lines: Sequence[Packed], view: PackingView) -> tuple[Packed, ...]:
    """The last ones of a kind of which the list did not want so many."""
    over = {line.kind: line.packed - line.pieces for line in view.lines}
    marked: list[Packed] = []
    for line in reversed(lines):
        if line.fate is Fate.PACKED and line.kind and over.get(line.kind, 0) > 0:
            over[line.kind] -= 1
            line = Packed(line.code, None, Fate.SURPLUS, line.kind)
        marked.append(line)
    return tuple(reversed(marked))
