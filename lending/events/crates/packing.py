"""Crates are packed and sealed for an event, or for a hall's store, at the washing centre."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.db import fetch
from lending.errors import Code, LendingError
from lending.events.crates.ledger import refuse_unclean
from lending.events.crates.sending import goes_elsewhere, send_crate
from lending.events.crates.undoing import record_all_scans
from lending.events.planning import OVER
from lending.events.reading import stage_of, stored_crates
from lending.events.rights import check_centre, get_event, hall_of
from lending.events.tables import CrateSeal
from lending.events.values import PackIn, StoredCrate
from lending.loop.codes import read_code
from lending.loop.scans import ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Label
from lending.loop.write.load import take_crate_turn
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import SiteView, load_sites
from lending.places.tables import SiteKind
from lending.places.texts import read_text
from lending.requests.acting import place_of, signature
from lending.wares.balances import crate_contents
from lending.wares.crates import CrateCall, CrateView, Packing, find_crate, pack_counted
from lending.wares.ledger import require_all

MOST_PIECES = 5_000
LONGEST_SEAL = 40


def pack_crate(
    session: Session, packed: PackIn, *, actor: Actor, keys: Keys, now: datetime
) -> StoredCrate:
    """Pieces and counted ware go into a crate, which is sealed; what was in it already stays in it.
    A crate for a hall waits for the round that brings it there. The same again changes nothing.

    NOT_ALLOWED for all but the centre and the office; NOT_FOUND (event, crate, kind, site), INVALID
    (seal, site: no washing centre; crate: none; codes: none of ours), TOO_LARGE (codes), CONFLICT
    (event, its stage) for one that is over, CONFLICT (crate: `sealed`, `on_its_way`, `empty`), what
    is not clean: NOT_CLEAN, HELD or RETIRED (codes or crate; `detail` names ten).
    """
    check_centre(actor)
    centre = place_of(session, actor=actor, code=packed.site)
    if centre.kind is not SiteKind.WASH_CENTRE:
        raise LendingError(Code.INVALID, field="site")
    number = read_text(packed.seal, "seal", longest=LONGEST_SEAL)
    hall = _hall(session, packed, actor)
    take_crate_turn(session, actor.district_id)
    crate = find_crate(session, code=packed.crate, actor=actor)
    if session.get(CrateSeal, packed.id) is None:
        _refuse_crate(session, crate, hall)
        _pack(session, packed, crate, centre, actor, keys, now)
        _refuse_contents(session, crate, actor)
        session.add(
            CrateSeal(
                id=packed.id, district_id=actor.district_id, crate_id=crate.id, number=number,
                event_id=packed.event_id, site_id=centre.id, put_at=min(packed.at, now),
                put_by=signature(actor),
            )
        )  # fmt: skip
        session.flush()
        if hall.id != centre.id:
            send_crate(session, packed, crate, centre, hall, actor=actor, now=now)
    return stored_crates(session, Item.id == crate.id)[0]


def _hall(session: Session, packed: PackIn, actor: Actor) -> SiteView:
    """Where the crate goes: the event's hall, or the one that is named."""
    if packed.event_id is None:
        return hall_of(session, actor=actor, code=packed.to)
    event = get_event(session, event_id=packed.event_id, actor=actor, lock=True)
    stage = stage_of(session, event_id=event.id)
    if stage in OVER:
        raise LendingError(Code.CONFLICT, field="event", detail=stage)
    return load_sites(session, site_ids=[event.site_id])[event.site_id]


def _refuse_crate(session: Session, crate: CrateView, hall: SiteView) -> None:
    sealed = sa.select(CrateSeal.id).where(
        CrateSeal.crate_id == crate.id, CrateSeal.broken_at.is_(None)
    )
    if session.scalar(sealed) is not None:
        raise LendingError(Code.CONFLICT, field="crate", detail="sealed")
    gone = crate.state in (State.LENT, State.SHIPPED, State.COLLECTED, State.RETIRED, State.LOST)
    if gone or goes_elsewhere(session, crate, hall):
        raise LendingError(Code.CONFLICT, field="crate", detail="on_its_way")


def _pack(
    session: Session,
    packed: PackIn,
    crate: CrateView,
    centre: SiteView,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    if len(packed.codes) > MOST_PIECES:
        raise LendingError(Code.TOO_LARGE, field="codes")
    codes = list(dict.fromkeys(read_code(code) for code in packed.codes))
    _refuse_pieces(session, codes, actor)
    scans = [
        ScanIn(
            uuid.uuid5(packed.id, code), Action.PACK, code, packed.at, site=centre.code,
            crate=crate.code,
        )
        for code in codes
    ]  # fmt: skip
    record_all_scans(session, scans, actor, keys, now)
    if packed.counted:
        kinds = _kinds(session, packed, actor)
        call = CrateCall(packed.id, crate.id, centre.id, packed.at, ref=packed.event_id)
        lines = [Packing(kinds[kind], count) for kind, count in sorted(packed.counted.items())]
        require_all(pack_counted(session, call, lines, actor=actor, now=now))


def _refuse_pieces(session: Session, codes: list[str], actor: Actor) -> None:
    """All of them are clean pieces of ours, or why not, by the first ten."""
    query = (
        sa.select(Label.code, Item.clean, Item.hold, Item.state)
        .select_from(Label)
        .join(Item, Item.id == Label.item_id)
        .where(one_of(Label.code, "codes"), Item.district_id == actor.district_id, ~Item.carrier)
        .order_by(Item.id)
    )
    found = {row.code: row for row in fetch(session, query, {"codes": codes})} if codes else {}
    wrong: dict[Code, list[str]] = {}
    for code in codes:
        row = found.get(code)
        if row is None:
            wrong.setdefault(Code.UNKNOWN_CODE, []).append(code)
        elif row.state is State.RETIRED or row.hold is not None:
            why = Code.RETIRED if row.state is State.RETIRED else Code.HELD
            wrong.setdefault(why, []).append(code)
        elif not row.clean:
            wrong.setdefault(Code.NOT_CLEAN, []).append(code)
    for why, which in wrong.items():
        raise LendingError(why, field="codes", detail=" ".join(which[:10]))


def _kinds(session: Session, packed: PackIn, actor: Actor) -> dict[str, int]:
    query = sa.select(ItemKind.code, ItemKind.id).where(
        ItemKind.district_id == actor.district_id, ItemKind.code.in_(packed.counted),
        ItemKind.counted,
    )  # fmt: skip
    kinds = {row[0]: row[1] for row in session.execute(query)}
    if missing := sorted(packed.counted.keys() - kinds.keys()):
        raise LendingError(Code.NOT_FOUND, field="kind", detail=missing[0])
    return kinds


def _refuse_contents(session: Session, crate: CrateView, actor: Actor) -> None:
    inside = (
        sa.select(Item.code)
        .where(Item.crate_id == crate.id, sa.or_(~Item.clean, Item.hold.is_not(None)))
        .order_by(Item.code)
        .limit(10)
    )
    if bad := list(session.scalars(inside)):
        raise LendingError(Code.NOT_CLEAN, field="crate", detail=" ".join(bad))
    refuse_unclean(session, crate_id=crate.id, district_id=actor.district_id)
    lines = crate_contents(session, crate_ids=[crate.id])
    if not any(line.quantity > 0 for line in lines):
        raise LendingError(Code.CONFLICT, field="crate", detail="empty")
