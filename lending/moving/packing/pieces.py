"""Pieces go into a crate by scan, for a packing list."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Label, Scan
from lending.moving.packing.crates import (
    Crate,
    CrateView,
    find_crate,
    underway,
    view_crate,
)
from lending.moving.packing.lists import PackingView, get_packing_list, load_packing_list
from lending.moving.tables import PackingList
from lending.people.actors import Actor
from lending.people.sealing import Keys
from lending.places.sites import SiteView, load_sites
from lending.requests.acting import place_of, signature
from lending.requests.round_tables import Consignment, Way

MOST_PIECES = 5_000  # of one call


@dataclass(frozen=True, slots=True)
class Packing:
    """Pieces put into a crate together; the request's id makes the ids of its scans, so that it may
    be sent again. `at`: when, by the corrected clock."""

    id: uuid.UUID
    list_id: uuid.UUID
    crate: str
    codes: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of one code; `error` where it was not packed."""

    code: str
    error: Code | None = None


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
    CONFLICT (crate) for a crate that is sealed or in use for another list.
    """
    if not packing.codes:
        raise LendingError(Code.INVALID, field="codes")
    if len(packing.codes) > MOST_PIECES:
        raise LendingError(Code.TOO_LARGE, field="codes")
    row = get_packing_list(session, list_id=packing.list_id, district_id=actor.district_id)
    centre = check_place(session, row.from_site_id, actor)
    crate = find_crate(session, code=packing.crate, district_id=actor.district_id)
    known = _known_codes(session, packing)
    take_crate(session, crate, row, request_id=packing.id, actor=actor, now=now, again=bool(known))
    told = _judge(session, actor.district_id, packing.codes, known)
    good = list(dict.fromkeys(code for code, error in told.values() if error is None))
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
    lines = [Packed(code, told[code][1] or refused.get(told[code][0])) for code in packing.codes]
    return PackAnswer(
        tuple(lines),
        view_crate(session, crate_id=crate.id),
        load_packing_list(session, list_id=row.id, district_id=row.district_id),
    )


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
    now: datetime,
    again: bool,
) -> None:
    """The crate is this list's from its first piece on; of two lists exactly one gets it."""
    row = underway(session, crate_id=crate.id, lock=True)
    if again:
        return  # what it did is done, whatever became of the crate since
    if row is None:
        fresh = Consignment(
            id=request_id,
            district_id=actor.district_id,
            crate_id=crate.id,
            way=Way.OUT,
            from_site_id=goal.from_site_id,
            to_site_id=goal.site_id,
            packing_id=goal.id,
            opened_at=now,
            opened_by=signature(actor),
        )
        session.add(fresh)
        session.flush()
    elif row.packing_id != goal.id or row.sealed_at is not None:
        raise LendingError(Code.CONFLICT, field="crate")


def _judge(
    session: Session, district_id: int, codes: Sequence[str], known: set[str]
) -> dict[str, tuple[str, Code | None]]:
    """By text: the code that was read, and why it is not packed. What this very request has packed
    before (`known`) is not judged again. The pieces are locked, in the writer's order."""
    read: dict[str, tuple[str, Code | None]] = {}
    for text in codes:
        try:
            read[text] = (read_code(text), None)
        except LendingError as error:
            read[text] = (text, error.code)
    asked = {code for code, error in read.values() if error is None} - known
    query = (
        sa.select(Label.code, Item.clean, Item.hold, Item.state, Item.carrier)
        .join(Item, Item.id == Label.item_id)
        .where(one_of(Label.code, "codes"), Item.district_id == district_id)
        .order_by(Item.id)
        .with_for_update(of=Item)
    )
    refused: dict[str, Code | None] = dict.fromkeys(asked, Code.UNKNOWN_CODE)
    for code, clean, hold, state, carrier in session.execute(query, {"codes": list(asked)}):
        refused[code] = _refuse(clean=clean, hold=hold, state=state, carrier=carrier)
    return {text: (code, error or refused.get(code)) for text, (code, error) in read.items()}


def _refuse(*, clean: bool, hold: str | None, state: State, carrier: bool) -> Code | None:
    if carrier:
        return Code.INVALID
    if state is State.RETIRED:
        return Code.RETIRED
    if hold is not None:
        return Code.HELD
    return None if clean else Code.NOT_CLEAN


def _known_codes(session: Session, packing: Packing) -> set[str]:
    """The codes that this request has packed before: it was sent again."""
    ids: dict[uuid.UUID, str] = {}
    for text in packing.codes:
        with suppress(LendingError):
            code = read_code(text)
            ids[uuid.uuid5(packing.id, code)] = code
    query = sa.select(Scan.id).where(one_of(Scan.id, "ids"))
    return {ids[row.id] for row in session.execute(query, {"ids": list(ids)})}
